import {
  annotationSlips,
  type Call,
  type Host,
  mayClaim,
  maySlip,
  namedRuntimeKind,
  type PinnedPath,
  type Plan,
  type PlanOptions,
  planRewrite,
  RefusedError,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  type ConfiguredRuntimes,
  type FileSystem,
  type Resolution,
  type RuntimeQuery,
  resolveRuntime,
} from '@opencontainers-ts/runtime-resolver';
import { checkExtent, SpecDocument } from '@opencontainers-ts/runtime-spec';
import {
  type BundleFile,
  type BundleFiles,
  checkReplaceable,
  nodeFiles,
  readBundleConfig,
} from '@opencontainers-ts/runtime-spec/bundle';

import type { Settings } from '../config/settings/settings.js';
import { textOf } from '../system/text.js';
import { auditedDecision } from './audited-decision.js';
import { chooseReading } from './choose-reading.js';
import { configPlace } from './config-place.js';
import { creatorOf } from './container-creator.js';
import type { FoundCall } from './found-call.js';
import { type BundleVerb, type Invocation, isBundleVerb, parseInvocation } from './parse-invocation.js';
import type { Decision, PlannedCall } from './planned-call.js';
import { refusalOf } from './refusal.js';

/** What the engine called us with. */
export interface CallInput {
  /** The arguments as the engine gave them, argv[0] included. */
  readonly argv: readonly Uint8Array[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The path that the engine gave to execve(2): AT_EXECFN of getauxval(3). */
  readonly execFn: string;
  readonly cwd: string;
  /** The program that runs: the launcher, or the script where there is none. */
  readonly self: PinnedPath;
  /** Runtime and arguments, where the launcher has found them out already: then nobody looks again. */
  readonly found?: Pick<FoundCall, 'resolution' | 'invocation'>;
  /** Reads a configuration in the place of the bundle's own: for somebody who asks about a file. */
  readonly readConfig?: () => BundleFile;
}

/** What of the settings a plan depends on. */
export interface PlanSettings {
  /** In the order in which they are asked. */
  readonly rules: readonly Rule[];
  /** What the configuration says about the real runtime. */
  readonly runtime?: ConfiguredRuntimes;
  /** Whether a container that no rule acts on is refused. @defaultValue false */
  readonly required?: boolean;
  /** Whether that is only tried. @defaultValue `enforce` */
  readonly mode?: Settings['mode'];
}

/**
 * Decides what is to be done with a call, and changes nothing.
 *
 * Every step hands the next one value and none looks back: runtime, arguments, bundle, plan. `explain` prints what
 * the wrapper acts on.
 *
 * @example
 * ```ts
 * import { builtInRules, nodeHost, planCall } from '@opencontainers-ts/cli';
 *
 * const input = {
 *   argv: ['runc', 'state', 'c1'].map((text) => new TextEncoder().encode(text)),
 *   env: { SGS_RUNC_PATH: '/bin/true' },
 *   execFn: '/usr/local/bin/runc',
 *   cwd: '/',
 *   self: { path: '/opt/ociwrap/bin/oci-runtime-wrapper', dev: 0n, ino: 0n },
 * };
 * const { decision, resolution } = planCall(input, { rules: builtInRules() }, nodeHost());
 * console.log(decision.kind, resolution.runtime?.path); // pass /bin/true
 * ```
 */
export function planCall(
  input: CallInput,
  settings: PlanSettings,
  host: Host & FileSystem,
  files: BundleFiles = nodeFiles(),
): PlannedCall {
  const { rules, runtime: configured = {} } = settings;
  const { resolution, invocation } = input.found ?? findCall(input, configured, host);
  const { verb, readings } = invocation;
  const known = { resolution, invocation, carriesRewrite: isBundleVerb(verb) };

  if (resolution.error !== undefined) {
    return { ...known, decision: { kind: 'refuse', refusal: refusalOf(resolution.error) } };
  }
  const machine = { host, files, cwd: input.cwd };
  const asked = { rules, ...planOptions(settings) };
  if (readings !== undefined) {
    const planned = readings.flatMap((reading): PlannedCall[] => {
      if (!isBundleVerb(reading.verb)) return [];
      const call = { resolution, invocation: reading, carriesRewrite: true };
      return [{ ...call, ...planBundle({ ...call, verb: reading.verb }, asked, machine) }];
    });
    return chooseReading(known, planned);
  }
  if (!isBundleVerb(verb)) {
    return { ...known, decision: { kind: 'pass', reason: 'the verb cannot carry a rewrite' } };
  }
  return {
    ...known,
    ...planBundle({ ...known, verb, readConfig: input.readConfig }, asked, machine),
  };
}

function findCall(
  input: CallInput,
  configured: ConfiguredRuntimes,
  host: FileSystem,
): Pick<FoundCall, 'resolution' | 'invocation'> {
  const [argv0, ...args] = input.argv;
  const query: RuntimeQuery = {
    invokedAs: argv0 === undefined ? '' : textOf(argv0),
    execFn: input.execFn,
    cwd: input.cwd,
    self: input.self,
    env: input.env,
    configured,
  };
  const resolution = resolveRuntime(query, host);
  const invocation = readFor(resolution, args);
  const creator = creatorOf(invocation, resolution, query, host);
  return creator === undefined
    ? { resolution, invocation }
    : { resolution: creator, invocation: readFor(creator, args) };
}

function readFor({ runtime }: Resolution, args: readonly Uint8Array[]): Invocation {
  const dialect = namedRuntimeKind(runtime);
  return parseInvocation(args, dialect === undefined ? {} : { dialect });
}

type PlannedBundle = Pick<PlannedCall, 'file' | 'missing' | 'plan' | 'slips' | 'decision' | 'audit'>;

/** What is asked of the rules, and of the container that none of them acts on. */
interface AskedRules extends PlanOptions {
  readonly rules: readonly Rule[];
}

/** How {@link planRewrite} is told of settings. */
export function planOptions({ required, mode = 'enforce' }: Omit<PlanSettings, 'rules'>): PlanOptions {
  return required === true ? { required: mode } : {};
}

interface BundleCall extends Pick<PlannedCall, 'invocation' | 'resolution'> {
  readonly verb: BundleVerb;
  readonly readConfig?: CallInput['readConfig'] | undefined;
}

function planBundle(
  { invocation, resolution, verb, readConfig }: BundleCall,
  { rules, ...options }: AskedRules,
  { host, files, cwd }: { readonly host: Host; readonly files: BundleFiles; readonly cwd: string },
): PlannedBundle {
  const place = configPlace(invocation);
  let file: BundleFile;
  try {
    file = readConfig?.() ?? readBundleConfig(place.dir, place.name, files);
  } catch (error) {
    const refusal = refusalOf(error);
    // A config.json that is not there is the runtime's to complain about: nothing can have been asked of a rule.
    return refusal.code === 'ERR_CONFIG_MISSING'
      ? { missing: refusal, decision: { kind: 'pass', reason: 'there is no config.json' } }
      : { decision: { kind: 'refuse', refusal } };
  }
  if (options.required === undefined && !mayClaim(file.bytes, rules)) {
    const slips = slipsIn(file, rules);
    const decision: Decision = { kind: 'pass', reason: 'no trigger text in config.json' };
    return { file, ...(slips.length === 0 ? {} : { slips }), decision };
  }
  try {
    const { dir, name = 'config.json' } = file;
    const path = [dir, name].map(asText).join('/');
    checkExtent(file.bytes, path);
    const document = SpecDocument.parse(file.bytes, path);
    const call: Call = {
      verb,
      bundle: absolute(cwd, textOf(place.bundle)),
      ...(resolution.runtime === undefined ? {} : { runtime: resolution.runtime }),
    };
    const plan = planRewrite(document, rules, call, host, options);
    const audit = auditedDecision(plan, file);
    return { file, plan, decision: decisionOf(plan, file), ...(audit === undefined ? {} : { audit }) };
  } catch (error) {
    const refusal = refusalOf(error);
    const enforced = rules.filter((rule) => rule.audit !== true);
    if (options.required === 'enforce' || mayClaim(file.bytes, enforced)) {
      return { file, decision: { kind: 'refuse', refusal } };
    }
    const reason = 'no trigger text in config.json of a rule that is enforced';
    return { file, decision: { kind: 'pass', reason }, audit: { kind: 'refuse', refusal } };
  }
}

/** What is relative to the bundle must mean the same wherever it is read. ".." stays: the kernel follows symlinks first. */
function absolute(cwd: string, bundle: string): string {
  if (bundle.startsWith('/')) return bundle;
  return bundle === '.' ? cwd : `${cwd}/${bundle}`;
}

function asText(path: string | Uint8Array): string {
  return typeof path === 'string' ? path : textOf(path);
}

/** What the log should know of a call that passes whatever is found here. */
function slipsIn({ bytes }: BundleFile, rules: readonly Rule[]): readonly string[] {
  if (!maySlip(bytes, rules)) return [];
  try {
    checkExtent(bytes, 'config.json');
    return annotationSlips(SpecDocument.parse(bytes), rules);
  } catch {
    // No trigger: what is wrong with the file is the runtime's to say.
    return [];
  }
}

function decisionOf(plan: Plan, file: BundleFile): Decision {
  switch (plan.decision) {
    case 'refuse':
      return { kind: 'refuse', refusal: refusalOf(new RefusedError(plan)) };
    case 'rewrite':
      return replacement(file);
    case 'pass': {
      const reasons = plan.trace.flatMap(({ outcome, audit }) =>
        audit !== true && 'reason' in outcome ? [outcome.reason] : [],
      );
      return { kind: 'pass', reason: reasons.join('; ') || 'no rule is enforced' };
    }
  }
}

/** The plan stands all the same: `explain` shows what would have been changed. */
function replacement(file: BundleFile): Decision {
  try {
    checkReplaceable(file);
    return { kind: 'rewrite' };
  } catch (error) {
    return { kind: 'refuse', refusal: refusalOf(error) };
  }
}
