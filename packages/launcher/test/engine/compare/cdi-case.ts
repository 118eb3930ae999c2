import { damaged } from './damage.js';
import { JsonMaker, type JsonValue, jsonText } from './json-value.js';
import { ENVIRONMENT, MOUNT_OPTIONS, PATHS, WORDS } from './names.js';
import type { Random } from './random.js';

/** What a spec takes, of what containers have. */
const VARIABLES = ENVIRONMENT.filter((each) => /^\w+=/.test(each));
const ABSOLUTE = PATHS.filter((each) => each.startsWith('/'));

/** The text of a CDI spec, in JSON or in YAML of some style. */
export function cdiBytes(random: Random, kind?: string): Uint8Array {
  const make = new JsonMaker(random, random.pick([1e9, 1e9, 100, 30, 8]));
  const value = cdiSpec(
    make,
    kind ??
      (random.oneIn(8)
        ? random.pick(['v.com', 'v.com/c/d', '-/x', ''])
        : random.pick(['v.com/c', 'w.com/c'])),
  );
  const text = random.oneIn(3) ? jsonText(value, random) : new YamlWriter(random).text(value);
  const bytes = new TextEncoder().encode(text);
  return random.oneIn(kind === undefined ? 3 : 20) ? damaged(bytes, random) : bytes;
}

function cdiSpec(make: JsonMaker, kind: string): JsonValue {
  return make.object({
    cdiVersion: [
      1,
      () => make.text('0.5.0', '1.0.0', '1.1.0', '1.1.0', '1.1.0', make.random.oneIn(12) ? '9.9.9' : '1.1.0'),
    ],
    kind: [1, () => kind],
    annotations: [8, () => make.map(2, ['a', 'b/c', 'd', 'e', 'f', '-x'], ['1', ''])],
    devices: [
      1,
      () =>
        make.list(3, () =>
          make.object({
            name: [1, () => make.text('d', 'e', 'f', '0', 'all', make.random.oneIn(8) ? '-x' : 'd', '1:2')],
            annotations: [8, () => make.map(2, ['a', 'b/c'], ['1'])],
            containerEdits: [1, () => edits(make)],
          }),
        ),
    ],
    containerEdits: [2, () => edits(make)],
  });
}

function edits(make: JsonMaker): JsonValue {
  return make.object({
    env: [2, () => make.list(3, () => make.text(...VARIABLES))],
    deviceNodes: [
      2,
      () =>
        make.list(2, () =>
          make.object({
            path: [1, () => make.text('/dev/null', '/dev/disk', '/dev/x')],
            hostPath: [3, () => make.text('/dev/null', '/dev/disk')],
            type: [3, () => make.text('c', 'b', make.random.oneIn(8) ? 'x' : 'c')],
            major: [4, () => make.number(1)],
            minor: [4, () => make.number(3)],
            fileMode: [4, () => make.number(438, 4294967296)],
            permissions: [4, () => make.text('rw', 'rwm', 'none', make.random.oneIn(8) ? 'x' : 'r')],
            uid: [5, () => make.number(0)],
            gid: [5, () => make.number(0, 44)],
          }),
        ),
    ],
    netDevices: [
      15,
      () =>
        make.list(2, () =>
          make.object({
            hostInterfaceName: [1, () => make.text('e0')],
            name: [1, () => make.text('n0', '')],
          }),
        ),
    ],
    mounts: [
      3,
      () =>
        make.list(2, () =>
          make.object({
            hostPath: [1, () => make.text(...ABSOLUTE)],
            containerPath: [1, () => make.text(...ABSOLUTE)],
            type: [4, () => make.text('bind', 'tmpfs')],
            options: [2, () => make.list(3, () => make.text(...MOUNT_OPTIONS))],
          }),
        ),
    ],
    hooks: [
      3,
      () =>
        make.list(2, () =>
          make.object({
            hookName: [
              1,
              () =>
                make.text(
                  'createContainer',
                  'prestart',
                  'startContainer',
                  'poststop',
                  make.random.oneIn(10) ? 'x' : 'prestart',
                ),
            ],
            path: [1, () => make.text('/usr/bin/nvidia-cdi-hook', '/a')],
            args: [2, () => make.list(3, () => make.text(...WORDS, 'create-symlinks', '--link', 'a::/b'))],
            env: [4, () => make.list(2, () => make.text(...VARIABLES))],
            timeout: [6, () => make.number(1)],
          }),
        ),
    ],
    intelRdt: [
      15,
      () =>
        make.object({
          closID: [1, () => make.text('c', make.random.oneIn(8) ? '..' : 'd')],
          enableCMT: [3, () => make.boolean()],
        }),
    ],
    additionalGids: [6, () => make.list(2, () => make.number(0, 44))],
  });
}

/** What YAML reads as something else, without quotes. */
const SPECIAL =
  /^$|^[\s\-?:,[\]{}#&*!|>'"%@`]|[:#]\s|\s#|\s$|:$|[^ -~]|^(?:true|false|yes|no|on|off|null|~|[\d.+-].*)$/i;

/** JSON as YAML: mostly in the style of generators, sometimes as people write it. */
class YamlWriter {
  readonly #random: Random;
  readonly #rarity: number;

  constructor(random: Random) {
    this.#random = random;
    this.#rarity = random.pick([1e9, 1e9, 40, 8]);
  }

  text(value: JsonValue): string {
    const random = this.#random;
    const head = random.pick(['', '', '---\n', '# a comment\n', '%YAML 1.2\n---\n']);
    const end = random.oneIn(this.#rarity) ? random.pick(['...\n', '---\na: 1\n', '\t\n', '...\nx']) : '';
    const indent = random.oneIn(3) ? '  ' : '';
    const body = this.#block(value, '', indent);
    return `${head}${body.startsWith('\n') ? body.slice(1) : body}\n${end}`;
  }

  /** @param more - how far the items of a list stand behind its key */
  #block(value: JsonValue, above: string, more: string): string {
    if (this.#random.oneIn(this.#rarity)) return this.#odd(value, above);
    if (value === null || typeof value !== 'object' || 'written' in value) return this.#scalar(value);
    if ('members' in value) {
      if (value.members.length === 0) return '{}';
      const lines = value.members.map(([name, inner]) => {
        const isList = Array.isArray(inner);
        const text = this.#block(inner, isList ? above + more : `${above}  `, more);
        return `${above}${this.#scalar(name)}:${text.startsWith('\n') ? '' : ' '}${text}${this.#comment()}`;
      });
      return `\n${lines.join('\n')}`;
    }
    if (value.length === 0) return '[]';
    const lines = value.map((item) => {
      const text = this.#block(item, `${above}  `, more);
      // The first member stands beside the dash.
      return `${above}- ${text.startsWith(`\n${above}  `) ? text.slice(above.length + 3) : text}`;
    });
    return `\n${lines.join('\n')}`;
  }

  #comment(): string {
    return this.#random.oneIn(this.#rarity) ? this.#random.pick([' # why', ' ', '\t', '\n', '\n   # x']) : '';
  }

  #scalar(value: string | boolean | null | { readonly written: string }): string {
    if (value === null) return this.#random.pick(['null', '~', '']);
    if (typeof value === 'boolean') return String(value);
    if (typeof value !== 'string') return value.written;
    if (this.#random.oneIn(this.#rarity))
      return this.#random.pick([`'${value}'`, `"${value}"`, value, `!!str ${value}`]);
    if (SPECIAL.test(value)) return JSON.stringify(value);
    return this.#random.oneIn(6)
      ? this.#random.pick([`"${value}"`, `'${value.replaceAll("'", "''")}'`])
      : value;
  }

  /** What generators never write. */
  #odd(value: JsonValue, above: string): string {
    const random = this.#random;
    switch (random.below(8)) {
      case 0:
        return jsonText(value, random);
      case 1:
        return `&x ${this.#flat(value)}`;
      case 2:
        return '*x';
      case 3:
        return `|\n${above}  a line\n${above}   another\n`;
      case 4:
        return `>-\n${above}  a line\n\n${above}  another`;
      case 5:
        return random.pick([
          '0o17',
          '017',
          '0x1F',
          '.inf',
          '-.inf',
          '.nan',
          '1_000',
          '12:30:45',
          '2001-12-14',
          '1e3',
          'yes',
          'y',
        ]);
      case 6:
        return `!!${random.pick(['str', 'int', 'float', 'bool', 'null', 'binary', 'set', 'x'])} ${this.#flat(value)}`;
      default:
        return `{<<: {a: 1}, ? k : v, "x": [1, two, 'three',], }`;
    }
  }

  #flat(value: JsonValue): string {
    return value === null || typeof value !== 'object' || 'written' in value
      ? this.#scalar(value)
      : jsonText(value, this.#random).trim();
  }
}
