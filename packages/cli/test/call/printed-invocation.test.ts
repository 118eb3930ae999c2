import { expect, test } from '@jest/globals';
import { RUNTIME_GRAMMAR } from '@opencontainers-ts/runtime-resolver/grammar';
import fc from 'fast-check';
import { type Dialect, type Invocation, parseInvocation } from '../../src/call/parse-invocation.js';

/** An argument of any bytes but NUL, often one that looks like a flag or a verb. */
const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ min: 1, maxLength: 6 }),
  fc.constantFrom('--bundle', '-b', '--', '-', 'create', 'run', '--help', '-d', '=', '/b', '').map(encode),
);

/** One flag with its words; `value` is absent for a boolean. */
interface Printed {
  readonly name: string;
  readonly value?: Uint8Array;
  readonly argv: readonly Uint8Array[];
}

function encode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function join(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
}

/** Every way to write a flag that the dialect reads alike. */
function spellings(dialect: Dialect, name: string, value: Uint8Array | undefined): readonly Uint8Array[][] {
  const short = name.length === 1;
  const dashes = dialect === 'crun' ? [short ? '-' : '--'] : ['-', '--'];
  if (value === undefined) return dashes.map((dash) => [encode(dash + name)]);
  const glued = dialect === 'crun' && short ? '' : '=';
  return dashes.flatMap((dash) => [
    [encode(dash + name), value],
    ...(glued === '' && value.length === 0 ? [] : [[join(dash + name + glued, value)]]),
  ]);
}

function printed(dialect: Dialect, names: readonly string[], isValue: boolean): fc.Arbitrary<Printed> {
  return fc
    .tuple(fc.constantFrom(...names), isValue ? bytes : fc.constant(undefined))
    .chain(([name, value]) =>
      fc
        .constantFrom(...spellings(dialect, name, value))
        .map((argv) => ({ name, argv, ...(value === undefined ? {} : { value }) })),
    );
}

function flagsOf(
  dialect: Dialect,
  { values, booleans = [] }: { readonly values: readonly string[]; readonly booleans?: readonly string[] },
): fc.Arbitrary<Printed[]> {
  const each = [
    printed(dialect, values, true),
    ...(booleans.length === 0 ? [] : [printed(dialect, booleans, false)]),
  ];
  return fc.array(fc.oneof(...each), { maxLength: 5 });
}

interface Call {
  readonly dialect: Dialect;
  readonly globals: readonly Printed[];
  readonly verb: 'create' | 'run' | 'restore';
  readonly flags: readonly Printed[];
  readonly id: Uint8Array;
  /** How many of the verb's flags stand behind the id. */
  readonly behind: number;
}

const call: fc.Arbitrary<Call> = fc
  .tuple(
    fc.constantFrom<Dialect>('runc', 'crun', 'runsc'),
    fc.constantFrom<Call['verb']>('create', 'run', 'restore'),
  )
  .chain(([dialect, verb]) =>
    fc.record({
      dialect: fc.constant(dialect),
      verb: fc.constant(verb),
      globals: flagsOf(dialect, RUNTIME_GRAMMAR[dialect].global),
      flags: flagsOf(dialect, RUNTIME_GRAMMAR[dialect].verbs[verb]),
      id: bytes,
      behind: dialect === 'runc' ? fc.nat(5) : fc.constant(0),
    }),
  );

function print({ globals, verb, flags, id, behind }: Call): Uint8Array[] {
  const words = (some: readonly Printed[]) => some.flatMap(({ argv }) => argv);
  const cut = Math.max(0, flags.length - behind);
  // Only `--` makes an operand of a word with a dash, and no flag can follow it.
  const separated = id[0] === 0x2d;
  const before = separated ? words(flags) : words(flags.slice(0, cut));
  const after = separated ? [] : words(flags.slice(cut));
  return [...words(globals), encode(verb), ...before, ...(separated ? [encode('--')] : []), id, ...after];
}

function last(flags: readonly Printed[], ...names: readonly string[]): Uint8Array | undefined {
  return flags.findLast(({ name }) => names.includes(name))?.value;
}

function expected({ dialect, globals, verb, flags, id }: Call): Invocation {
  const bundle = last(flags, 'bundle', 'b');
  const configFile = last(flags, 'config', 'f');
  return {
    ...{ verb, id, certain: true },
    ...(bundle === undefined || bundle.length === 0 ? {} : { bundle }),
    ...(configFile === undefined || configFile.length === 0 ? {} : { configFile }),
    // crun's log types have a table of their own.
    ...(dialect === 'crun' ? {} : logOf(dialect, globals)),
  };
}

function logOf(dialect: Dialect, globals: readonly Printed[]): Pick<Invocation, 'log' | 'logFormat'> {
  const log = last(globals, 'log');
  if (log === undefined || log.length === 0) return {};
  return { log, ...(dialect === 'runsc' ? { logFormat: 'json' } : {}) };
}

test('what is printed in any spelling is read back', () => {
  fc.assert(
    fc.property(call, (wanted) => {
      const {
        log,
        logFormat,
        root: _,
        ...read
      } = parseInvocation(print(wanted), { dialect: wanted.dialect });
      const all = wanted.dialect === 'crun' ? read : { ...read, ...definedOnly({ log, logFormat }) };
      expect(all).toEqual(expected(wanted));
    }),
    { numRuns: 2000 },
  );
});

function definedOnly(entries: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

test('no argument list is too odd to be read, and the verb is one of its words', () => {
  const word = fc.oneof(
    bytes,
    fc.constantFrom('--future', '--root', '--bundle=/b', 'kill', '-xb').map(encode),
  );
  fc.assert(
    fc.property(fc.array(word), fc.constantFrom<Dialect>('runc', 'crun', 'runsc'), (argv, dialect) => {
      const { verb, bundle, id } = parseInvocation(argv, { dialect });
      const texts = argv.map((each) => Buffer.from(each).toString('latin1'));
      if (verb !== undefined) expect(texts).toContain(verb);
      if (id !== undefined) expect(texts).toContain(Buffer.from(id).toString('latin1'));
      const tail = bundle === undefined ? '' : Buffer.from(bundle).toString('latin1');
      expect(texts.some((text) => text.endsWith(tail)) || tail === '').toBe(true);
    }),
    { numRuns: 2000 },
  );
});
