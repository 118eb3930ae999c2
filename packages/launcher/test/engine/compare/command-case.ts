import { RUNTIME_GRAMMAR } from '../../../../runtime-resolver/src/grammar/runtime-grammar.js';
import type { Random } from './random.js';
import { withOddCharacter } from './texts.js';

const GRAMMARS = Object.values(RUNTIME_GRAMMAR) as readonly {
  readonly global: {
    readonly values: readonly string[];
    readonly booleans: readonly string[];
    readonly ends: readonly string[];
  };
  readonly verbs: Readonly<
    Record<string, { readonly values?: readonly string[]; readonly booleans?: readonly string[] }>
  >;
}[];

/** The arguments of a call, as bytes: as engines make it, as a person may, or anything. */
export function commandLine(random: Random): readonly Uint8Array[] {
  const words = random.oneIn(3) ? usualWords(random) : anyWords(random);
  const encoder = new TextEncoder();
  return words.map((word) => {
    const bytes = encoder
      .encode(random.oneIn(40) ? withOddCharacter(word, random) : word)
      .filter((byte) => byte !== 0);
    if (random.oneIn(60) && bytes.length > 0) bytes[random.below(bytes.length)] = 0x80 + random.below(128);
    return bytes;
  });
}

function usualWords(random: Random): string[] {
  const verb = random.pick([
    'create',
    'create',
    'create',
    'run',
    'restore',
    'delete',
    'state',
    'kill',
    'start',
  ]);
  const globals = random.oneIn(2)
    ? ['--root', '/run/x', '--log', '/log.json', '--log-format', random.pick(['json', 'text'])]
    : [];
  const own = random.oneIn(5) ? ['--pid-file', '/p', '--no-pivot'] : [];
  const bundle = random.pick([
    ['--bundle', '/b'],
    ['-b', '/b'],
    ['--bundle=/b'],
    ['-b=/b'],
    ['-b/b'],
    [],
    ['--config', 'x/c.json'],
  ]);
  return [...globals, verb, ...own, ...bundle, ...(random.oneIn(12) ? [] : ['c1'])];
}

function anyWords(random: Random): string[] {
  const grammar = random.pick(GRAMMARS);
  const verbs = Object.entries(grammar?.verbs ?? {});
  const [verb, flags] = (random.oneIn(3)
    ? random.pick(verbs)
    : verbs.find(([name]) => name === 'create')) ?? ['create', {}];
  const { values = [], booleans = [], ends = [] } = grammar?.global ?? {};
  const values2 = [...values, ...(flags?.values ?? [])];
  const booleans2 = [...booleans, ...(flags?.booleans ?? []), ...(random.oneIn(20) ? ends : [])];
  const value = () =>
    random.pick(['/b', 'x', '', 'create', 'run', '--', '-', 'json', '-b', 'c1', '0', 'a=b']) ?? '';
  const word = (): string[] => {
    switch (random.below(9)) {
      case 0:
        return [`--${random.pick(values2)}`, value()];
      case 1:
        return [`--${random.pick(values2)}=${value()}`];
      case 2:
        return [`-${random.pick(values2)}`, value()];
      case 3:
        return [`--${random.pick(booleans2)}`];
      case 4:
        return [`--${random.pick(booleans2)}=${random.pick(['true', 'false', 'x'])}`];
      case 5:
        return (
          random.pick([
            ['--unknown', value()],
            ['--unknown'],
            ['-x'],
            ['--unknown=1'],
            ['--'],
            ['-'],
            ['-db', '/b'],
            ['-bd'],
          ]) ?? []
        );
      case 6:
        return ['-b', value()];
      case 7:
        return ['--bundle', value()];
      default:
        return [value()];
    }
  };
  const before = random.some(3, word).flat();
  return [
    ...before,
    ...(random.oneIn(15) ? [] : [verb]),
    ...random.some(4, word).flat(),
    ...(random.oneIn(4) ? [] : ['c1']),
  ];
}
