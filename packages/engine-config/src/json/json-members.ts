/** A member of a JSON object, by where it stands in the text. */
export interface JsonMember {
  readonly key: string;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/** An object of a JSON text, from its opening brace to behind its closing one. */
export interface JsonExtentOfObject {
  readonly start: number;
  readonly end: number;
  readonly members: readonly JsonMember[];
}

/**
 * Where the members of an object stand. The text must be JSON: whoever calls has parsed it.
 *
 * @param from - where the object, or white space before it, begins
 */
export function membersOf(text: string, from: number): JsonExtentOfObject {
  const start = text.indexOf('{', from);
  const members: JsonMember[] = [];
  let at = afterSpace(text, start + 1);
  while (text[at] !== '}') {
    const keyEnd = endOfString(text, at);
    const valueStart = afterSpace(text, text.indexOf(':', keyEnd) + 1);
    const end = endOfValue(text, valueStart);
    members.push({ key: JSON.parse(text.slice(at, keyEnd)) as string, start: at, valueStart, end });
    at = afterSpace(text, end);
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return { start, end: at + 1, members };
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (/[ \t\r\n]/.test(text[at] ?? '')) at += 1;
  return at;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfValue(text: string, from: number): number {
  if (text[from] === '"') return endOfString(text, from);
  if (text[from] !== '{' && text[from] !== '[')
    return from + (/^[^\s,}\]]+/.exec(text.slice(from))?.[0].length ?? 0);
  let depth = 0;
  for (let at = from; ; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
}

/** How a text is written: its ends of lines, and by how much it indents. */
export interface JsonStyle {
  readonly lineEnd: string;
  readonly indent: string;
}

/** The style of an object that has members, and one of two blanks for what has none. */
export function styleOf(text: string, { start, members }: JsonExtentOfObject): JsonStyle {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const [first] = members;
  const [, indent] = first === undefined ? [] : (/\n([ \t]+)$/.exec(text.slice(start, first.start)) ?? []);
  return { lineEnd, indent: indent ?? '  ' };
}

/** Puts a member behind all others of an object, on lines as they have them. */
export function withMember(
  text: string,
  object: JsonExtentOfObject,
  [key, value]: readonly [string, unknown],
  style: JsonStyle,
  depth: number,
): string {
  const { start, end, members } = object;
  const outer = style.lineEnd + style.indent.repeat(depth - 1);
  const inner = style.lineEnd + style.indent.repeat(depth);
  const shown = JSON.stringify(value, undefined, style.indent).replaceAll('\n', inner);
  const last = members.at(-1);
  if (last === undefined) {
    return `${text.slice(0, start)}{${inner}${JSON.stringify(key)}: ${shown}${outer}}${text.slice(end)}`;
  }
  // An object on one line gets another member there.
  const isOnLines = text.slice(start, last.start).includes('\n');
  const member = isOnLines
    ? `${inner}${JSON.stringify(key)}: ${shown}`
    : ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  return `${text.slice(0, last.end)},${member}${text.slice(last.end)}`;
}

/** Takes a member out, with the comma and the blanks that part it from the one before it, or behind it. */
export function withoutMember(
  text: string,
  { start, end, members }: JsonExtentOfObject,
  key: string,
): string {
  const index = members.findIndex((member) => member.key === key);
  const member = members[index];
  if (member === undefined) return text;
  const before = members[index - 1];
  if (before !== undefined) return text.slice(0, before.end) + text.slice(member.end);
  const next = members[index + 1];
  if (next !== undefined) return text.slice(0, member.start) + text.slice(next.start);
  return `${text.slice(0, start)}{}${text.slice(end)}`;
}
