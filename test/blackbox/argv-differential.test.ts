import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { type Dialect, type Invocation, nodeHost, parseInvocation, planCall } from '@opencontainers-ts/cli';
import fc from 'fast-check';

import { describeWith, program } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/**
 * One random command line goes to the real runtime and to `parseInvocation`. No bundle exists, so nothing can start:
 * the complaint tells which bundle the runtime went for, and we must have read the same one.
 */
interface Vocabulary {
  readonly globals: readonly string[];
  /** `B` stands for a folder that is not there. */
  readonly flags: readonly string[];
  /** The bundle in the runtime's complaint, `''` for the working folder; `undefined` when it did not get that far. */
  readonly complaint: (said: string, cwd: string) => string | undefined;
}

/** Debian has no youki. */
type Installed = Exclude<Dialect, 'youki'>;

const VOCABULARY: Readonly<Record<Installed, Vocabulary>> = {
  runc: {
    globals: [
      '--debug',
      '-debug=false',
      '--root R',
      '-root=R',
      '--rootless auto',
      '--criu create',
      '--root run',
    ],
    flags: [
      ...[
        '--bundle B',
        '--bundle=B',
        '-bundle B',
        '-bundle=B',
        '--b B',
        '--bundle=',
        '--bundle -b',
        '--bundle --',
      ],
      ...['--no-pivot', '--pid-file p', '-pid-file=create', '--console-socket s', '--help=false'],
    ],
    complaint(said) {
      if (said.includes('JSON specification file config.json')) return '';
      return /chdir ([^\n]*?): no such file/.exec(said)?.[1];
    },
  },
  crun: {
    globals: [
      '--debug',
      '--root R',
      '--root=R',
      '--rootless auto',
      '--cgroup-m cgroupfs',
      '--log-f json',
      '--deb',
    ],
    flags: [
      ...[
        '--bundle B',
        '--bundle=B',
        '-b B',
        '-b=B',
        '-bB',
        '--bun B',
        '--b=B',
        '--bundle -b',
        '--bundle --',
      ],
      ...['--no-pivot', '--no-p', '--pid-file p', '--pid-f=create', '--console-socket s', '--preserve-fds 0'],
    ],
    complaint(said) {
      if (said.includes('error loading config.json')) return '';
      return /(?:realpath|chdir) `([^`\n]+)` failed/.exec(said)?.[1];
    },
  },
  runsc: {
    globals: [
      '--debug',
      '-debug=false',
      '--root R',
      '-root=R',
      '--network host',
      '-platform ptrace',
      '--root run',
    ],
    flags: [
      ...['--bundle B', '--bundle=B', '-bundle B', '-bundle=B', '--bundle=', '--bundle -b', '--bundle --'],
      ...['--pid-file p', '-pid-file=create', '--console-socket s', '--user-log u'],
    ],
    complaint(said, cwd) {
      const folder = /error opening spec file "([^"\n]*)\/config\.json"/.exec(said)?.[1];
      return folder === cwd ? '' : folder;
    },
  },
};

/** Never `spec`, which would write a config.json for the next call to start. */
const VERBS = ['create', 'create', 'create', 'run', 'restore', 'delete'];

/** Most of these one runtime or another refuses: then there is no complaint about a bundle to compare with. */
const ODD = [
  ...[
    '-bB',
    '-b=B',
    '-b B',
    '-bundle B',
    '--bun B',
    '-db B',
    '--bundle',
    '---bundle B',
    '--future',
    '--future v',
  ],
  ...['-x', '-d', '--', '-', 'v', '--image-path i', '--no-pivot=x'],
];

function commandLine({ globals, flags }: Vocabulary): fc.Arbitrary<string[]> {
  const odd = fc.constantFrom(...ODD);
  const flag = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...flags) }, { weight: 1, arbitrary: odd });
  const id = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('c1', 'create', 'run', '-- c1') },
    { weight: 1, arbitrary: fc.constantFrom('-c1', '-- --bundle', 'c1 c2') },
  );
  return fc
    .tuple(
      fc.array(fc.constantFrom(...globals), { maxLength: 2 }),
      fc.array(odd, { maxLength: 1, size: 'xsmall' }),
      fc.constantFrom(...VERBS),
      fc.array(flag, { maxLength: 3 }),
      fc.array(id, { minLength: 1, maxLength: 1 }),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(flag, { maxLength: 2 }) },
      ),
    )
    .map((groups) =>
      groups
        .flat()
        .join(' ')
        .split(' ')
        // Each bundle is told from the others by its place.
        .map((word, place) => word.replace(/B$/, `absent-${place}`)),
    );
}

function bundleRead({ verb = '', bundle }: Invocation): string | undefined {
  if (!['create', 'run', 'restore'].includes(verb)) return undefined;
  return bundle === undefined ? '' : Buffer.from(bundle).toString();
}

/** As the wrapper reads it that finds this runtime. */
function invocationFor(runtime: string, argv: readonly string[]): Invocation {
  const input = {
    argv: ['runc', ...argv].map((text) => Buffer.from(text)),
    env: { SGS_RUNC_PATH: runtime },
    execFn: '/opt/ociwrap/bin/oci-runtime-wrapper',
    cwd: '/',
    self: { path: '/opt/ociwrap/bin/oci-runtime-wrapper', dev: 0n, ino: 0n },
  };
  return planCall(input, { rules: [] }, nodeHost()).invocation;
}

type Read = (argv: readonly string[]) => Invocation;

function compare(dialect: Installed, runtime: string, read: Read): void {
  const vocabulary = VOCABULARY[dialect];
  const folder = scratchFolder(`argv-${dialect}`);
  let compared = 0;
  fc.assert(
    fc.property(commandLine(vocabulary), (argv) => {
      const cwd = join(folder, 'cwd');
      rmSync(cwd, { recursive: true, force: true });
      mkdirSync(cwd);
      const { stdout, stderr } = runProgram(runtime, ['--root', join(folder, 'root'), ...argv], {
        cwd,
      });
      const bundle = vocabulary.complaint(stdout + stderr, cwd);
      if (bundle === undefined) return;
      compared += 1;
      expect({ argv, bundle: bundleRead(read(argv)) }).toEqual({ argv, bundle });
    }),
    { numRuns: 120 },
  );
  // The check of the check: complaints are recognised, and most command lines are good ones.
  expect(compared).toBeGreaterThan(5);
}

for (const dialect of ['runc', 'crun', 'runsc'] as const) {
  describeWith([dialect], `${dialect} and parseInvocation over one command line`, () => {
    test('where the runtime goes for a bundle, the same one was read', () => {
      compare(dialect, program(dialect), (argv) => parseInvocation(argv, { dialect }));
    });

    test('and where it is called by the name of another, through symlinks', () => {
      const folder = scratchFolder(`alternative-${dialect}`);
      const name = join(folder, dialect === 'runc' ? 'crun' : 'runc');
      symlinkSync(program(dialect), join(folder, 'alternative'));
      symlinkSync('alternative', name);
      compare(dialect, name, (argv) => invocationFor(name, argv));
    });
  });
}
