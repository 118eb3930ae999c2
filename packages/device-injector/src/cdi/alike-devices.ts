import { hasYamlWord } from './yaml-scalar.js';

/** A spec without the devices that are written like one before them. */
export interface ThinnedText {
  readonly text: string;
  /** The lines of each device that was left out, by its name. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/**
 * Leaves out of a spec in the YAML of generators each device that is written like one before it: the same lines, except for
 * its name and for absolute paths and variables, of which every one is as good as another. Generators write hundreds of
 * such devices, of which a container gets one.
 *
 * A text that {@link readPlainYaml} reads, and that is sound, without them is so with them too, if all names differ: those
 * of the devices left out do. Undefined for a text that this says nothing about.
 */
export function withoutAlikeDevices(text: string): ThinnedText | undefined {
  const begin = startOfDevices(text);
  const indent = /^ *(?=- )/.exec(text.slice(begin, begin + DEEPEST_INDENT))?.[0];
  if (indent === undefined) return undefined;
  const kept: string[] = [];
  const leftOut = new Map<string, string>();
  const forms = new DeviceForms(indent);
  let count = 0;
  let keptFrom = 0;
  for (let at = begin; ; at = forms.end) {
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
  return { text: kept.join(''), leftOut };
}

const DEEPEST_INDENT = 16;
/** More than there are generators. Devices written in other ways stay in the text. */
const MOST_FORMS = 8;

/** The end of the line that says that devices follow; -1 where there is none. */
function startOfDevices(text: string): number {
  const line = '\ndevices:\n';
  const at = text.indexOf(line);
  return at === -1 ? text.length : at + line.length;
}

/** The ways in which the devices so far are written. */
class DeviceForms {
  readonly #indent: string;
  readonly #device: RegExp;
  /** Behind a device: another one, a member of the spec, or nothing. Behind a comment it could go on. */
  readonly #ahead: string;
  /** The one that was matched last comes first. */
  readonly #forms: RegExp[] = [];
  /** Behind the device that was matched or learned last. */
  end = 0;

  constructor(indent: string) {
    this.#indent = indent;
    this.#ahead = `(?=${indent}- |[A-Za-z]|$)`;
    this.#device = new RegExp(`${indent}- .*\\n(?:${indent} .*\\n)*${this.#ahead}`, 'y');
  }

  /** The lines and the name of the device at an offset, if it is written like one that was learned. */
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

  /** Learns how the device at an offset is written; false where there is none. */
  learn(text: string, at: number): boolean {
    this.#device.lastIndex = at;
    const [lines] = this.#device.exec(text) ?? [];
    if (lines === undefined) return false;
    this.end = at + lines.length;
    const form = this.#forms.length < MOST_FORMS ? formOf(lines, this.#indent) : undefined;
    if (form !== undefined) this.#forms.unshift(new RegExp(form + this.#ahead, 'y'));
    return true;
  }
}

// What `readPlainYaml` takes for text, or for a number, wherever it stands.
const PATH_REST = '[\\w./+@,=~%-]*(?::[\\w./+@,=~%-]+)*';
const PATH = `/${PATH_REST}`;
const VARIABLE = `[A-Za-z_]\\w*=${PATH_REST}`;
const NUMBER = '(?:0|[1-9]\\d{0,8})';
const NAME_REST = '(?:[\\w.:-]*[A-Za-z0-9])?';
/** Names that begin with a digit need a later version of the specification. */
const NAMES = [`([A-Za-z]${NAME_REST})`, `"([A-Za-z]${NAME_REST})"`, `"(\\d${NAME_REST})"`];

/** Members whose values are told apart by nobody who checks a spec, as long as they are written so. */
const ALIKE_VALUES: ReadonlyMap<string, string> = new Map([
  ['path', PATH],
  ['hostPath', PATH],
  ['containerPath', PATH],
  ['major', NUMBER],
  ['minor', NUMBER],
]);

const LINE = /^( *(?:- )?)(?:([A-Za-z]+): )?(.*)$/;

/** A pattern of all devices that are written like one; undefined for one whose name is written in an odd way. */
function formOf(lines: string, indent: string): string | undefined {
  let form = '';
  let list = '';
  let hasName = false;
  for (const line of lines.split('\n').slice(0, -1)) {
    const [, lead = '', key, value = ''] = LINE.exec(line) ?? [];
    const isName = key === 'name' && lead.length === indent.length + 2;
    if (isName && hasName) return undefined;
    hasName ||= isName;
    const alike = isName ? nameLike(value) : valueLike(key ?? list, value);
    if (isName && alike === undefined) return undefined;
    form += alike === undefined ? literally(line) : literally(line.slice(0, -value.length)) + alike;
    form += '\\n';
    if (!lead.endsWith('- ') || key !== undefined || value.endsWith(':'))
      list = value === 'env:' ? value : '';
  }
  return hasName ? form : undefined;
}

function nameLike(value: string): string | undefined {
  return NAMES.find((pattern) => isAll(pattern, value));
}

function valueLike(memberOrList: string, value: string): string | undefined {
  const pattern = memberOrList === 'env:' ? VARIABLE : ALIKE_VALUES.get(memberOrList);
  return pattern !== undefined && isAll(pattern, value) ? pattern : undefined;
}

function isAll(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern}$`).test(text);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
