import { mayClaim, maySlip, planRewrite, RefusedError, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import { checkExtent, SpecDocument, validateConfig } from '@opencontainers-ts/runtime-spec';
import type { BundleFiles, FileStatus } from '@opencontainers-ts/runtime-spec/bundle';
import { lintConfig, type RuntimeTarget } from '@opencontainers-ts/runtime-spec/lint';
import { type Dialect, parseInvocation } from '../../../../cli/src/call/parse-invocation.js';
import { planCall } from '../../../../cli/src/call/plan-call.js';
import type { Decision } from '../../../../cli/src/call/planned-call.js';
import { refusalLine, refusalOf } from '../../../../cli/src/call/refusal.js';
import { lintConfig as lintSettings } from '../../../../cli/src/config/lint/lint-config.js';
import { configuredSettings } from '../../../../cli/src/config/settings/configured-settings.js';
import type { Settings } from '../../../../cli/src/config/settings/settings.js';
import { formatRecord } from '../../../../cli/src/log/format-record.js';
import type { System } from '../../../../cli/src/system/system.js';
import { checkSpecText, lintSpecText } from '../../../../device-injector/src/index.js';
import { attempt } from './answers.js';
import { cdiBytes } from './cdi-case.js';
import { commandLine } from './command-case.js';
import { ANNOTATION } from './names.js';
import { Random } from './random.js';
import { SharedParts } from './shared-parts.js';
import { tomlBytes } from './toml-case.js';

/** What was made of a seed and a number, and what the program says of it. */
export interface Answered {
  readonly kind: string;
  readonly input: unknown;
  readonly answers: unknown;
}

/** The case of a seed with this number. */
export function answered(seed: number, index: number): Answered | Promise<Answered> {
  const random = new Random(seed, index);
  const parts = SharedParts.of(seed, index);
  const kind = random.below(20);
  // What takes long is rare.
  if (kind < 10) return rewriteCase(random, parts);
  if (kind < 12) return documentCase(random, parts);
  if (kind < 18) return callCase(random, parts);
  return kind === 18 ? settingsCase(random, parts) : cdiCase(random);
}

/** A configuration under rules. */
function rewriteCase(random: Random, parts: SharedParts): Answered {
  const bytes = parts.spec(random);
  const { host, options } = parts.machine(random);
  const { rules, made } = parts.rules(random);
  const runtime = random.pick(['runc', 'crun', 'runsc', undefined]);
  const call = {
    verb: random.pick(['create', 'run', 'restore'] as const),
    bundle: random.pick(['/run/b', '/b', 'rel\xe9']),
    ...(runtime === undefined ? {} : { runtime: { path: `/usr/bin/${runtime}`, dev: 1n, ino: 2n } }),
  };
  const answers = {
    made,
    mayClaim: attempt(() => mayClaim(bytes, rules)),
    maySlip: attempt(() => maySlip(bytes, rules)),
    extent: attempt(() => checkExtent(bytes, 'config.json')),
    planned: planned(bytes, rules, (document) => planRewrite(document, rules, call, host)),
  };
  return { kind: 'rewrite', input: { bytes, options, call }, answers };
}

/** The plan, if the document may be read, and what is told of it. */
function planned(
  bytes: Uint8Array,
  rules: readonly Rule[],
  plan: (document: SpecDocument) => ReturnType<typeof planRewrite>,
): unknown {
  try {
    if (!mayClaim(bytes, rules)) return 'no trigger';
    checkExtent(bytes, 'config.json');
    const made = plan(SpecDocument.parse(bytes));
    return { ...made, told: told(made) };
  } catch (error) {
    return { thrown: error, line: refusalLine(refusalOf(error)) };
  }
}

function told(plan: ReturnType<typeof planRewrite>): unknown {
  const refusal = plan.decision === 'refuse' ? refusalOf(new RefusedError(plan)) : undefined;
  const record = {
    time: new Date(1_700_000_000_123),
    level: refusal === undefined ? ('info' as const) : ('error' as const),
    msg: refusal?.message ?? plan.warnings.join('; '),
    decision: plan.decision,
    ...plan.facts,
  };
  return [formatRecord(record, 'json'), formatRecord(record, 'text'), refusal && refusalLine(refusal)];
}

/** A configuration alone. */
function documentCase(random: Random, parts: SharedParts): Answered {
  const bytes = parts.spec(random);
  const by = random.pick(['runtimes', 'specification'] as const);
  const releases = [
    'runc',
    'crun@1.8.1',
    'runsc@20240729',
    'runc@1.1',
    'crun@1.21',
    'runsc',
    'runc@x',
  ] as const;
  const dialects = random.oneIn(2) ? undefined : random.some(2, () => random.pick(releases) as RuntimeTarget);
  const places = [
    '/annotations',
    '/mounts/0/options',
    '/process/env',
    '/linux/namespaces',
    '',
    '/root/path',
    '/x~1y',
    'x',
  ];
  const place = random.pick(places) ?? '';
  const input = { bytes, by, dialects, place };
  const document = (): SpecDocument => {
    checkExtent(bytes, 'config.json');
    return SpecDocument.parse(bytes);
  };
  let parsed: SpecDocument;
  try {
    parsed = document();
  } catch (error) {
    return { kind: 'document', input, answers: { thrown: error, line: refusalLine(refusalOf(error)) } };
  }
  const answers = {
    structure: attempt(() => parsed.structureFindings()),
    scoped: attempt(() => parsed.structureFindings([place])),
    schema: attempt(() => validateConfig(parsed, { by })),
    lint: attempt(() => lintConfig(parsed, { by, ...(dialects === undefined ? {} : { dialects }) })),
    readings: attempt(() => parsed.readings(['annotations', ANNOTATION])),
    source: attempt(() => parsed.source(place)),
    position: attempt(() => parsed.position(place)),
    spec: attempt(() => JSON.stringify(parsed.spec)),
  };
  return { kind: 'document', input, answers };
}

const DIALECTS: readonly (Dialect | undefined)[] = ['runc', 'crun', 'runsc', 'youki', undefined];

/** A call of an engine, from its arguments to what becomes of it. */
function callCase(random: Random, parts: SharedParts): Answered {
  const args = commandLine(random);
  const bytes = parts.spec(random);
  const { host, options } = parts.machine(random);
  const { rules, made } = parts.rules(random);
  const variables = [
    ...[
      {},
      {},
      {},
      {},
      {},
      {},
      { PATH: '/bin:/usr/bin' },
      { SGS_RUNC_PATH: '/usr/bin/crun' },
      { OCIWRAP_DEPTH: '3' },
    ],
    ...[{ SGS_RUNC_PATH: 'x' }, { OCIWRAP_DEPTH: '99' }, { OCIWRAP_DEPTH: '\xe9' }],
    { PATH: ':rel', SGS_RUNC_PATH: '/usr/bin/runsc' },
  ];
  const env = random.pick(variables) ?? {};
  const invokedAs = random.pick([
    'runc',
    'runc',
    'crun',
    'nvidia-container-runtime',
    '/usr/bin/runc',
    'x\xe9',
    '',
  ]);
  const encoder = new TextEncoder();
  const input = {
    argv: [encoder.encode(invokedAs), ...args],
    env,
    execFn: random.pick(['/usr/local/bin/runc', '/usr/bin/runc', 'runc', '']),
    cwd: random.pick(['/', '/b', '/nowhere']),
    self: { path: '/opt/ociwrap/bin/oci-runtime-wrapper', dev: 99n, ino: 1n },
  };
  const answers = {
    invocations: DIALECTS.map((dialect) =>
      attempt(() => parseInvocation(args, dialect === undefined ? {} : { dialect })),
    ),
    call: attempt(() => {
      const call = planCall(input, { rules }, host, filesOf(bytes, random.below(16)));
      return { ...call, line: lineOf(call.decision) };
    }),
  };
  return { kind: 'call', input: { input, bytes, options, made }, answers };
}

function lineOf(decision: Decision): string | undefined {
  return decision.kind === 'refuse' ? refusalLine(decision.refusal) : undefined;
}

const NEVER: never[] = [];
const SOME_STATUS: FileStatus = {
  ...{ dev: 1n, ino: 77n, type: 'file', mode: 0o644, nlink: 1, uid: 0, gid: 0, major: 0, minor: 0 },
  ...{ size: 0n, mtimeNs: 0n, ctimeNs: 0n },
};

/** Files of which each is this one; or, for some numbers, cannot be read. */
function filesOf(bytes: Uint8Array, how: number): BundleFiles {
  let at = 0;
  const refused = { errno: 'EROFS' };
  const status = {
    ...SOME_STATUS,
    size: BigInt(bytes.length),
    type: how === 1 ? ('fifo' as const) : ('file' as const),
  };
  return {
    open: () => {
      at = 0;
      return how === 2 ? { errno: 'ENOENT' } : how === 3 ? { errno: 'EACCES', syscall: 'open' } : 3;
    },
    stat: () => status,
    fstat: () => status,
    read: (_, most) => {
      const piece = bytes.slice(at, at + Math.min(most, how === 4 ? 7 : most));
      at += piece.length;
      return piece;
    },
    write: () => refused,
    fsync: () => refused,
    fchmod: () => refused,
    fchown: () => refused,
    close: () => undefined,
    readdir: () => NEVER,
    unlink: () => refused,
    rename: () => refused,
    getpid: () => 1,
  };
}

const NO_MODULES = {
  cwd: () => new TextEncoder().encode('/'),
  modules: {
    open: () => {
      throw new Error('no module runs here');
    },
  },
} as unknown as System;

/** A configuration of the program, and a container under it. */
async function settingsCase(random: Random, parts: SharedParts): Promise<Answered> {
  const main = '/etc/ociwrap/config.toml';
  const texts = [
    { path: main, bytes: tomlBytes(random) },
    ...(random.oneIn(4) ? [{ path: '/etc/ociwrap/conf.d/x y.toml', bytes: tomlBytes(random) }] : []),
  ];
  const env = random.oneIn(6) ? { OCIWRAP_PROFILE: random.pick(['guardian', 'x']), SGS_RUNC_PATH: '/x' } : {};
  const files = { main, texts, watched: new Map() };
  const spec = parts.spec(random);
  const { host, options } = parts.machine(random);
  const lints = await settled(() => lintSettings(files));
  const made = await settled(() =>
    configuredSettings(NO_MODULES, files, { env, invokedAs: 'runc' }, { read: () => undefined }),
  );
  const rules = isMade(made) ? made.value.settings.rules : [];
  const call = { verb: 'create', bundle: '/b' } as const;
  const answers = {
    lints: shown(lints),
    settings: shown(made),
    planned: planned(spec, rules, (document) => planRewrite(document, rules, call, host)),
  };
  return { kind: 'settings', input: { texts, env, spec, options }, answers };
}

type Settled = { readonly value: unknown } | { readonly error: unknown };

async function settled(step: () => Promise<unknown>): Promise<Settled> {
  try {
    return { value: await step() };
  } catch (error) {
    return { error };
  }
}

function isMade(made: Settled): made is { readonly value: { readonly settings: Settings } } {
  return 'value' in made;
}

function shown(made: Settled): unknown {
  return 'value' in made ? made : { ...made, line: refusalLine(refusalOf(made.error)) };
}

/** A CDI spec as a text. */
function cdiCase(random: Random): Answered {
  const bytes = cdiBytes(random);
  const path = random.pick(['/etc/cdi/v.yaml', '/etc/cdi/\xe9 "x".json']);
  const answers = {
    checked: attempt(() => checkSpecText(path, bytes)),
    lint: attempt(() => lintSpecText(path, bytes)),
  };
  return { kind: 'cdi', input: { path, bytes }, answers };
}
