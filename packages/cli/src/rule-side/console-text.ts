// What `console` writes, in the form that authors of rules know from Node's `util.format`, for what they are likely to write.

const DEEPEST = 2;
const LONGEST_LIST = 100;

/** One line or more for the arguments of a call of `console.log`. */
export function consoleText(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string') return args.map(shown).join(' ');
  let used = 0;
  const text = first.replace(/%[sdifjoO%]/g, (directive) => {
    if (directive === '%%') return '%';
    if (used >= rest.length) return directive;
    const value = rest[used];
    used += 1;
    return filledIn(directive, value);
  });
  return [text, ...rest.slice(used).map(shown)].join(' ');
}

function filledIn(directive: string, value: unknown): string {
  switch (directive) {
    case '%s':
      return shown(value);
    case '%j':
      return attempted(() => JSON.stringify(value) ?? 'undefined');
    case '%o':
    case '%O':
      return inspected(value, 0, []);
    default:
      if (typeof value === 'bigint') return `${value}n`;
      if (typeof value === 'symbol' || typeof value === 'object') return 'NaN';
      return String(directive === '%i' ? Math.trunc(Number(value)) : Number(value));
  }
}

/** A text as it is, anything else as it would stand in a program. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : inspected(value, 0, []);
}

/** What is looked at is code of others: a getter or a Proxy may throw. */
function attempted(look: () => string): string {
  try {
    return look();
  } catch {
    return '[it cannot be looked at]';
  }
}

function inspected(value: unknown, depth: number, above: readonly unknown[]): string {
  switch (typeof value) {
    case 'string':
      return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return value.toString();
    case 'function':
      return attempted(() => `[Function${value.name === '' ? ' (anonymous)' : `: ${value.name}`}]`);
    case 'object':
      return value === null ? 'null' : attempted(() => ofObject(value, depth, above));
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function ofObject(value: object, depth: number, above: readonly unknown[]): string {
  if (above.includes(value)) return '[Circular]';
  if (value instanceof Error)
    return String(value.stack ?? '') === '' ? `[${value}]` : `${value}\n${value.stack}`;
  if (value instanceof Date || value instanceof RegExp) return String(value);
  if (value instanceof Promise) return 'Promise';
  const name = value.constructor?.name ?? '[Object: null prototype]';
  if (depth > DEEPEST) return Array.isArray(value) ? '[Array]' : `[${name}]`;
  const inner = (each: unknown) => inspected(each, depth + 1, [...above, value]);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const all = Array.isArray(value) ? value : (value as Uint8Array);
    const items = Array.from({ length: Math.min(all.length, LONGEST_LIST) }, (_, index) => inner(all[index]));
    const more = all.length > LONGEST_LIST ? [`... ${all.length - LONGEST_LIST} more items`] : [];
    return `${Array.isArray(value) ? '' : `${name}(${all.length}) `}${enclosed('[', [...items, ...more], ']')}`;
  }
  if (value instanceof Map) {
    return `Map(${value.size}) ${enclosed(
      '{',
      [...value].map(([key, each]) => `${inner(key)} => ${inner(each)}`),
      '}',
    )}`;
  }
  if (value instanceof Set) return `Set(${value.size}) ${enclosed('{', [...value].map(inner), '}')}`;
  const members = Object.keys(value).map((key) => {
    const shownKey = /^[A-Za-z_$][\w$]*$/.test(key) ? key : inspected(key, depth, above);
    return `${shownKey}: ${inner(Reflect.get(value, key))}`;
  });
  return `${name === 'Object' ? '' : `${name} `}${enclosed('{', members, '}')}`;
}

function enclosed(open: string, items: readonly string[], close: string): string {
  return items.length === 0 ? `${open}${close}` : `${open} ${items.join(', ')} ${close}`;
}
