/** How the list of devices of a text is written. The patterns begin where they are told to, and take few steps where they fail. */
export interface DeviceWriting {
  /** Where the first device begins. */
  readonly begin: number;
  /** Where the device at an offset ends, which begins with what separates it from the one before it. */
  readonly endOf: (text: string, at: number) => number | undefined;
  /** A pattern of what separates a device from the one before it. */
  readonly another: string;
  /** A pattern of what follows where a device is complete and no other follows. */
  readonly close: string;
  /** A pattern of the devices that are written like one, with a group for the name; undefined where it is written in an odd way. */
  readonly formOf: (device: string) => string | undefined;
  /** The text of a spec with one device and nothing else. */
  readonly alone: (device: string) => string;
}

/** How the text of a spec lists its devices; undefined where that is hard to tell. */
export function deviceWriting(text: string): DeviceWriting | undefined {
  return yamlWriting(text) ?? jsonWriting(text);
}

const DEEPEST_INDENT = 16;

/** The lines that `readPlainYaml` reads. */
function yamlWriting(text: string): DeviceWriting | undefined {
  const line = '\ndevices:\n';
  const at = text.indexOf(line);
  const begin = at + line.length;
  const indent = at === -1 ? undefined : /^ *(?=- )/.exec(text.slice(begin, begin + DEEPEST_INDENT))?.[0];
  if (indent === undefined) return undefined;
  const device = new RegExp(`${indent}- .*\\n(?:${indent} .*\\n)*`, 'y');
  return {
    begin,
    endOf: (all, from) => endOfMatch(device, all, from),
    another: `${indent}- `,
    // A member of the spec, or nothing. Behind a comment a device could go on.
    close: '[A-Za-z]|$',
    formOf: (device) => yamlForm(device, indent),
    alone: (device) => line.trimStart() + device,
  };
}

const SPACE = '[ \\t\\n\\r]*';
const BEFORE_DEVICES = new RegExp(`"devices"${SPACE}:${SPACE}\\[`, 'y');

function jsonWriting(text: string): DeviceWriting | undefined {
  const at = text.indexOf('"devices"');
  const begin = at === -1 ? undefined : endOfMatch(BEFORE_DEVICES, text, at);
  if (begin === undefined) return undefined;
  return {
    begin,
    endOf: endOfObject,
    another: `${SPACE},`,
    close: `${SPACE}]`,
    formOf: (device) => jsonForm(device.slice(device.indexOf('{'))),
    alone: (device) => `{"devices":[${device.slice(device.indexOf('{'))}]}`,
  };
}

const OBJECT_BEGINS = new RegExp(`${SPACE}(?:,${SPACE})?\\{`, 'y');
const BRACE_OR_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}]/g;

function endOfObject(text: string, at: number): number | undefined {
  const inside = endOfMatch(OBJECT_BEGINS, text, at);
  if (inside === undefined) return undefined;
  BRACE_OR_STRING.lastIndex = inside;
  for (let depth = 1; depth > 0; ) {
    const [token] = BRACE_OR_STRING.exec(text) ?? [];
    if (token === undefined) return undefined;
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
  }
  return BRACE_OR_STRING.lastIndex;
}

/** Where the match of a sticky pattern ends. */
function endOfMatch(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** Members whose values are told apart by nobody who checks a spec, as long as they are written so. */
const ALIKE_VALUES = new Map(
  Object.entries({
    path: '/REST',
    hostPath: '/REST',
    containerPath: '/REST',
    env: '[A-Za-z_]\\w*=REST',
    major: '(?:0|[1-9]\\d{0,8})',
    minor: '(?:0|[1-9]\\d{0,8})',
  }).map(([name, value]) => {
    // No space, and a colon only where something follows it: YAML takes that for text, with quotes and without.
    const pattern = value.replace('REST', '[\\w./+@,=~%-]*(?::[\\w./+@,=~%-]+)*');
    return [name, { pattern, all: new RegExp(`^${pattern}$`) }] as const;
  }),
);

function valueLike(member: string, value: string): string | undefined {
  const alike = ALIKE_VALUES.get(member);
  return alike?.all.test(value) ? alike.pattern : undefined;
}

// Names that begin with a digit need a later version of the specification, and quotes in YAML.
const NAME_REST = '(?:[\\w.:-]*[A-Za-z0-9])?';
const LETTERS = `([A-Za-z]${NAME_REST})`;
const DIGITS = `(\\d${NAME_REST})`;
const IS_NAME = new RegExp(`^${LETTERS}$`);
const IS_QUOTED_NAME = new RegExp(`^"(?:${LETTERS}|${DIGITS})"$`);

function nameLike(value: string): string | undefined {
  const [, letters, digits] = IS_QUOTED_NAME.exec(value) ?? [];
  if (letters !== undefined) return `"${LETTERS}"`;
  if (digits !== undefined) return `"${DIGITS}"`;
  return IS_NAME.test(value) ? LETTERS : undefined;
}

const LINE = /^( *(?:- )?)(?:([A-Za-z]+): )?(.*)$/;

function yamlForm(device: string, indent: string): string | undefined {
  let form = '';
  let list = '';
  let hasName = false;
  for (const line of device.split('\n').slice(0, -1)) {
    const [, lead = '', member, value = ''] = LINE.exec(line) ?? [];
    const isName = member === 'name' && lead.length === indent.length + 2;
    const alike = isName ? nameLike(value) : valueLike(member ?? list, value);
    if (isName && (hasName || alike === undefined)) return undefined;
    hasName ||= isName;
    form += alike === undefined ? literally(line) : literally(line.slice(0, -value.length)) + alike;
    form += '\\n';
    if (member !== undefined) list = '';
    else if (value.endsWith(':')) list = value.slice(0, -1);
  }
  return hasName ? form : undefined;
}

const JSON_TOKEN = /"([^"]*)"([ \t\n\r]*:)?|[{}]|-?\d[\d.eE+-]*/g;

function jsonForm(device: string): string | undefined {
  if (device.includes('\\')) return undefined;
  let form = `${SPACE},${SPACE}`;
  let done = 0;
  let depth = 0;
  let member = '';
  let hasName = false;
  for (const { 0: token, 1: text, 2: colon, index } of device.matchAll(JSON_TOKEN)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (colon !== undefined) member = text ?? '';
    else {
      const isName = member === 'name' && depth === 1;
      const pattern = text === undefined ? valueLike(member, token) : quoted(valueLike(member, text));
      const alike = isName ? nameLike(token) : pattern;
      if (isName && (hasName || alike === undefined)) return undefined;
      hasName ||= isName;
      if (alike === undefined) continue;
      form += literally(device.slice(done, index)) + alike;
      done = index + token.length;
    }
  }
  return hasName ? form + literally(device.slice(done)) : undefined;
}

function quoted(pattern: string | undefined): string | undefined {
  return pattern && `"${pattern}"`;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
