import { type DeviceWriting, deviceWriting } from '../device-writing.js';
import { hasYamlWord } from '../yaml/yaml-scalar.js';

/** A spec without the devices that are written like one before them. */
export interface ThinnedText {
  readonly text: string;
  /** The text of a spec with one of the devices that were left out and nothing else; undefined for a name that none has. */
  readonly alone: (name: string) => string | undefined;
  /** Of the devices that were left out. */
  readonly names: () => readonly string[];
}

/**
 * Leaves out of a spec, in the YAML of generators or in JSON, each device that is written like one before it: the same text,
 * except for its name and for absolute paths, variables and numbers of devices, of which every one is as good as another.
 * Generators write hundreds of such devices, of which a container gets one.
 *
 * A text that the fast readers read, and that is sound, without them is so with them too, if all names differ: those
 * of the devices left out do. Undefined for a text that this says nothing about.
 */
export function withoutAlikeDevices(text: string): ThinnedText | undefined {
  const writing = deviceWriting(text);
  if (writing === undefined) return undefined;
  const forms = new DeviceForms(writing);
  const kept: string[] = [];
  const leftOut = new Map<string, string>();
  let count = 0;
  let keptFrom = 0;
  for (let at = writing.begin; ; at = forms.end) {
    const alike = forms.match(text, at);
    if (alike === undefined) {
      if (!forms.learn(text, at)) break;
      continue;
    }
    count += 1;
    leftOut.set(alike[1] ?? '', alike[0]);
    if (keptFrom < at) kept.push(text.slice(keptFrom, at));
    keptFrom = forms.end;
  }
  if (count === 0 || leftOut.size !== count || hasYamlWord(leftOut)) return undefined;
  kept.push(text.slice(keptFrom));
  return {
    text: kept.join(''),
    names: () => [...leftOut.keys()],
    alone: (name) => {
      const device = leftOut.get(name);
      return device === undefined ? undefined : writing.alone(device);
    },
  };
}

/** More than there are generators. Devices written in other ways stay in the text. */
const MOST_FORMS = 8;

/** The ways in which the devices so far are written. */
class DeviceForms {
  readonly #writing: DeviceWriting;
  readonly #another: RegExp;
  /** What stands behind a device that is complete. */
  readonly #ahead: string;
  /** The one that was matched last comes first. */
  readonly #forms: RegExp[] = [];
  /** Behind the device that was matched or learned last. */
  end = 0;

  constructor(writing: DeviceWriting) {
    this.#writing = writing;
    this.#another = new RegExp(writing.another, 'y');
    this.#ahead = `(?=${writing.another}|${writing.close})`;
  }

  /** The text and the name of the device at an offset, if it is written like one that was learned. */
  match(text: string, at: number): RegExpExecArray | undefined {
    for (let index = 0; index < this.#forms.length; index += 1) {
      const form = this.#forms[index] as RegExp;
      form.lastIndex = at;
      const match = form.exec(text);
      if (match === null) continue;
      this.end = form.lastIndex;
      if (index > 0) this.#forms.unshift(...this.#forms.splice(index, 1));
      return match;
    }
    return undefined;
  }

  /** Learns how the device at an offset is written; false where it is the last one, or none. */
  learn(text: string, at: number): boolean {
    const end = this.#writing.endOf(text, at);
    this.#another.lastIndex = end ?? text.length;
    if (end === undefined || !this.#another.test(text)) return false;
    this.end = end;
    const form = this.#forms.length < MOST_FORMS ? this.#writing.formOf(text.slice(at, end)) : undefined;
    if (form !== undefined) this.#forms.unshift(new RegExp(form + this.#ahead, 'y'));
    return true;
  }
}
