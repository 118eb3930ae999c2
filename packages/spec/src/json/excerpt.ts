/** Which parts of a value are wanted: all of it, or what is wanted of some members. */
export type Wanted = 'all' | Map<string, Wanted>;

/** What the paths lead to, as a tree of names. */
export function wantedAt(paths: readonly (readonly string[])[]): Wanted {
  const top = new Map<string, Wanted>();
  for (const path of paths) {
    if (path.length === 0) return 'all';
    want(top, path);
  }
  return top;
}

function want(top: Map<string, Wanted>, path: readonly string[]): void {
  let members = top;
  const last = path.length - 1;
  for (let depth = 0; depth < last; depth += 1) {
    const step = path[depth] ?? '';
    let next = members.get(step);
    if (next === 'all') return;
    if (next === undefined) {
      next = new Map();
      members.set(step, next);
    }
    members = next;
  }
  members.set(path[last] ?? '', 'all');
}

/** A value without the members that nobody wants. What is no object is left whole. */
export function excerptOf(value: unknown, wanted: Wanted): unknown {
  if (wanted === 'all' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members: [string, unknown][] = [];
  for (const name of Object.keys(value)) {
    const inner = wanted.get(name);
    if (inner !== undefined) members.push([name, excerptOf(Reflect.get(value, name), inner)]);
  }
  return Object.fromEntries(members);
}
