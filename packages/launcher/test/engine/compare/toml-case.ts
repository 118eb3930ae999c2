import { damaged } from './damage.js';
import { ANNOTATION, DEVICES } from './names.js';
import type { Random } from './random.js';
import { conditionFor, definitionOf, type Plain } from './rule-case.js';
import { misspelt, withOddCharacter } from './texts.js';

type Table = Readonly<Record<string, readonly [string, ...string[]]>>;

/** The keys of a configuration by their tables, and values as they are written. */
const KEYS: Readonly<Record<string, Table>> = {
  '': {
    profile: ['"sgs"', '"guardian"', '"none"', '"sg"', '3'],
    'config-mode': ['"preserve"', '"private"', '"x"'],
    'fast-path': ['true', 'false', '"no"'],
    'module-timeout': ['2', '0.5', '0', '-1', '1e400', 'inf', 'nan', '1_000'],
  },
  runtime: {
    mode: ['"runc"', '"nvidia"', '"x"'],
    search: ['["crun", "/usr/bin/runc"]', '[]', '["a/b"]', '[1, "x"]'],
  },
  'runtime.paths': { runc: ['"/usr/bin/runc"', '"runc"', '""'], nvidia: ['"/x"'], crun: ['"/usr/bin/crun"'] },
  log: {
    file: ['"/var/log/x.log"', '"x.log"', "'/a*'", '"/a\\u00e9"', '"/$HOME/x"'],
    level: ['"info"', '"debug"', '"loud"', '"Info"'],
    format: ['"json"', '"text"', '"xml"'],
    'max-size': ['0', '"10MiB"', '"10 MB"', '0x10', '18446744073709551616', '-1', '1.5'],
  },
  volumes: {
    'kubelet-root': ['"/var/lib/kubelet"', '"/var/lib/kubelet/"', '"k"'],
    'host-path-folders': [
      '["/data"]',
      '["/data/*", "~/x"]',
      '[]',
      '"/data"',
      '["/data",\n  # why\n  "/a",\n]',
    ],
    'require-mount-point': ['true', 'false'],
    'without-mount': ['"pass"', '"refuse"', '"Pass"'],
  },
  cdi: {
    enabled: ['true', 'true', 'false', '1'],
    'spec-dirs': ['["/etc/cdi"]', '["etc"]', '[]'],
    sources: ['["annotations"]', '["env", "mounts"]', '["x"]'],
    devices: [JSON.stringify(DEVICES.slice(0, 2)), '["x"]', '[]'],
    'default-kind': ['"nvidia.com/gpu"', '"gpu"'],
    'accept-env-when-unprivileged': ['true', 'false'],
    residue: ['"keep"', '"clean"'],
    'run-tmpfs': ['true'],
    'hooks-skipped': ['"warn"'],
    'gvisor-runs-hooks': ['false', '1979-05-27T07:32:00Z', '07:32:00'],
  },
  nvidia: { profile: ['"current"', '"seed"', '"v1.5"', '"old"'] },
};

/** The bytes of a configuration in TOML: valid, nearly valid, or damaged. */
export function tomlBytes(random: Random): Uint8Array {
  const rarity = random.pick([1e9, 1e9, 1e9, 40, 8]);
  const odd = random.pick([1e9, 1e9, 3]);
  const lines: string[] = [];
  for (const [table, keys] of Object.entries(KEYS)) {
    if (!random.oneIn(3)) continue;
    if (table !== '') lines.push(random.oneIn(rarity) ? `[${misspelt(table, random)}]` : `[${table}]`);
    for (const [key, values] of Object.entries(keys)) {
      if (!random.oneIn(3)) continue;
      const name = random.oneIn(rarity) ? misspelt(key, random) : key;
      // The first is what is meant.
      const value = random.oneIn(odd) ? random.pick(values) : values[0];
      lines.push(`${name}${random.oneIn(5) ? '=' : ' = '}${value}${random.oneIn(10) ? ' # why' : ''}`);
      if (random.oneIn(rarity)) lines.push(`${name} = ${value}`);
    }
    if (random.oneIn(rarity))
      lines.push(
        random.pick(['a.b.c = 1', '"" = 2', '[a]', '[[rule]]', 'x = {', '\u00e9 = 1', 'd = 1979-05-27']),
      );
  }
  for (const [index] of random.some(2, () => 0).entries()) lines.push(...ruleLines(random, index));
  const text = lines.join(random.oneIn(20) ? '\r\n' : '\n');
  const bytes = new TextEncoder().encode(`${random.oneIn(rarity) ? withOddCharacter(text, random) : text}\n`);
  return random.oneIn(8) ? damaged(bytes, random) : bytes;
}

function ruleLines(random: Random, index: number): string[] {
  const head = ['', '[[rule]]'];
  if (!random.oneIn(3)) {
    const definition = definitionOf(random, index) as { readonly [name: string]: Plain };
    return [
      ...head,
      ...Object.entries(definition).map(([name, value]) => `${name} = ${inline(value, random)}`),
    ];
  }
  const when = random.oneIn(2) ? [`when = ${inline(conditionFor(random), random)}`] : [];
  const used = random.pick([
    ['use = "pvc-rootfs"', `options = { annotation = "example.org/a", without-mount = "pass" }`],
    ['use = "pvc-rootfs"'],
    ['use = "guardian"'],
    ['use = "cdi-devices"', 'options = { devices = ["v.com/c=d"], default-kind = "v.com/c" }'],
    ['use = "cdi-devices"', 'options = { devices = ["v"] }'],
    ['use = "pvc"'],
    ['module = "rule.mjs"', `options = { annotation = "${ANNOTATION}" }`],
    ['name = "x"', 'use = "guardian"'],
  ]);
  return [...head, ...(used ?? []), ...when];
}

/** The value as TOML in one line. */
function inline(value: Plain, random: Random): string {
  if (typeof value === 'string')
    return random.oneIn(8) && /^[^'\p{Cc}]*$/u.test(value) ? `'${value}'` : JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Plain) => inline(item, random)).join(', ')}]`;
  const members = Object.entries(value).map(([name, inner]) => {
    const key = /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
    return `${key} = ${inline(inner as Plain, random)}`;
  });
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
