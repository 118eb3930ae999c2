import { type JsonPatch, quoted } from '@opencontainers-ts/runtime-spec';
import { CliError } from '../cli-error.js';
import type { ModuleLine } from '../config/rules/module-output.js';
import { type LoadOptions, loadSettings } from '../config/settings/load-settings.js';
import type { Settings } from '../config/settings/settings.js';
import { leaveTable, mayHaveTable } from '../fast-path/may-write-table.js';
import { doActions } from '../host-actions/do-actions.js';
import type { LogFields } from '../log/format-record.js';
import { appendToRuntimeLog } from '../log/runtime-log.js';
import { tellOnStderr } from '../log/tell-on-stderr.js';
import { isLogged } from '../log/wrapper-log.js';
import { askRuntimeVersion } from '../runtime-version/runtime-version.js';
import { type System, SystemError } from '../system/system.js';
import { systemHost } from '../system/system-host.js';
import { bytesOf, textOf } from '../system/text.js';
import { type AuditedDecision, auditedText, shownPatch } from './audited-decision.js';
import { type CallLog, callLog } from './call-log.js';
import { actedRules, type CallMetrics, callMetrics } from './call-metrics.js';
import { type CarryOutOptions, carryOut } from './carry-out.js';
import { type FoundCall, readFoundCall } from './found-call.js';
import { listedWarnings } from './listed-warnings.js';
import { loggedPatch } from './logged-patch.js';
import { parseInvocation } from './parse-invocation.js';
import { type CallInput, planCall } from './plan-call.js';
import type { PlannedCall } from './planned-call.js';
import { type Refusal, refusalLine, refusalOf } from './refusal.js';
import { environmentForRuntime, readEnvironment } from './runtime-environment.js';

/**
 * One call of the engine, to the real runtime's first instruction.
 *
 * It does not come back unless the call is refused; then the reason stands where people look for it, and the
 * status to exit with is returned. There is nothing to wait for unless a configuration has to be loaded.
 *
 * @param program - see {@link LoadOptions}
 */
export function runWrapper(
  system: System,
  { program }: Pick<LoadOptions, 'program'> = {},
): number | Promise<number> {
  const argv = system.argv();
  const [argv0 = new Uint8Array()] = argv;
  const env = readEnvironment(system.environ());
  const execFn = textOf(system.execFn());
  // The log is not known before the settings are, and must not come to be for a call that has nothing to say.
  const said: ModuleLine[] = [];
  const tell = (line: ModuleLine) => said.push(line);
  const options = { remember: true, tell, ...(program === undefined ? {} : { program }) };
  const settings = loadSettings(system, { env, invokedAs: textOf(argv0), execFn }, options);
  const run = (loaded: Settings) =>
    runCall(system, { input: inputOf(system, { argv, env, execFn }, loaded), settings: loaded }, said);
  return settings instanceof Promise ? settings.then(run) : run(settings);
}

/** What the launcher has found it found without a configuration. Where it has, our own file and folder are not asked for. */
function inputOf(
  system: System,
  given: Pick<CallInput, 'argv' | 'env' | 'execFn'>,
  settings: Settings,
): WrapperInput {
  const found = mayHaveTable(settings, given.env) ? readFoundCall(system.foundCall()) : undefined;
  return {
    ...given,
    ...(found === undefined ? {} : { found }),
    get cwd() {
      return textOf(system.cwd() ?? new Uint8Array());
    },
    get self() {
      const { path, dev, ino } = system.exe();
      return { path: textOf(path), dev, ino };
    },
  };
}

/** Says of a call that came to nothing, before or beside the way of {@link runWrapper}, why: on stderr and in its `--log`. */
export function refuseCall(system: System, error: unknown): number {
  const refusal = refusalOf(error);
  // Which runtime it was for is not known here; `--log` reads alike for all of them.
  appendToRuntimeLog(system, parseInvocation(system.argv().slice(1)), refusal);
  tellOnStderr(system, refusal);
  return 1;
}

interface WrapperInput extends CallInput {
  readonly found?: FoundCall;
}

/** What a call rests on. */
interface CallGrounds {
  readonly input: WrapperInput;
  readonly settings: Settings;
}

function runCall(system: System, grounds: CallGrounds, said: readonly ModuleLine[]): number {
  const { input, settings } = grounds;
  const runtimeVersion = (path: string) => askRuntimeVersion(system, path);
  const call = planCall(input, settings, { ...systemHost(system), runtimeVersion }, system);
  const log = callLog(system, settings.log, call);
  for (const { module, line } of said) log('info', `${module} wrote: ${line}`);
  return finishCall(system, call, grounds);
}

function finishCall(system: System, call: PlannedCall, { input, settings }: CallGrounds): number {
  const log = callLog(system, settings.log, call);
  const told = { log, count: callMetrics(system, settings, call) };
  try {
    if (call.decision.kind === 'refuse') {
      return refuse(system, call, call.decision.refusal, told);
    }
    const { configMode } = settings;
    const container = textOf(call.invocation.id ?? new Uint8Array());
    const tell = (message: string) => log('info', message);
    const act: CarryOutOptions['act'] = (plan) => doActions(system, plan, { container, tell });
    const how = { configMode, files: system, act };
    const { notes, patch } = carryOut(call, systemHost(system), how);
    for (const { level, msg } of notes) log(level, msg);
    logDecision({ call, patch }, settings, log);
    if (call.carriesRewrite) leaveTableFor(system, input, { settings, log });
    told.count(call.decision);
    becomeRuntime(system, call);
  } catch (error) {
    return refuse(system, call, refusalOf(error), told);
  }
}

function becomeRuntime(system: System, { resolution }: PlannedCall): never {
  const { runtime, depth } = resolution;
  if (runtime === undefined) {
    throw new CliError('ERR_UNEXPECTED', 'no runtime was resolved for a call that was not refused');
  }
  const { path, argv0, nvidiaConfig } = runtime;
  const env = environmentForRuntime(system.environ(), { depth, nvidiaConfig });
  const failure = system.execve(path, [bytesOf(argv0), ...system.argv().slice(1)], env);
  throw new CliError('ERR_EXEC_FAILED', `cannot execute ${quoted(path)}: ${failure.errno}`, {
    cause: new SystemError(failure, path),
    details: { path },
  });
}

/** The next call like this one need not come here when there is nothing to rewrite. */
function leaveTableFor(
  system: System,
  input: WrapperInput,
  { settings, log }: Pick<CallGrounds, 'settings'> & { readonly log: CallLog },
): void {
  if (input.found?.hasTable) return;
  const error = leaveTable(system, settings, {
    env: input.env,
    launcher: input.self,
    since: system.now() - system.uptime(),
  });
  if (error !== undefined) {
    log('debug', `the fast path cannot be prepared: ${refusalOf(error).message}`);
  }
}

function logDecision(
  { call, patch }: { readonly call: PlannedCall; readonly patch: JsonPatch },
  { fault, log: where }: Settings,
  log: CallLog,
): void {
  if (fault !== undefined) {
    log('warn', `the configuration cannot be used: ${refusalLine(fault)}`);
  }
  const warnings = [
    ...call.resolution.warnings,
    ...(call.readAs === undefined ? [] : [call.readAs]),
    ...(call.slips ?? []),
    ...(call.plan?.warnings ?? []),
  ];
  for (const warning of listedWarnings(warnings)) log('warn', warning);
  const { decision, audit } = call;
  if (audit !== undefined) logAudit(audit, log);
  const msg = decision.kind === 'rewrite' ? 'config.json rewritten' : 'passed through';
  const reason = decision.kind === 'pass' ? { reason: decision.reason } : {};
  const acted = actedRules(call);
  const level = decision.kind === 'pass' ? 'debug' : 'info';
  const fields = {
    decision: decision.kind,
    ...reason,
    rules: acted.length > 0 ? acted.join(',') : undefined,
    // Written out only where it is written down: a call that passes has none.
    patch: patch.length > 0 && isLogged(where, level) ? loggedPatch(patch) : undefined,
  };
  log(level, msg, fields, call.plan?.facts);
}

/** Where calls are told of. */
interface Records {
  readonly log: CallLog;
  readonly count: CallMetrics;
}

/** A refusal that did not happen is as important as one that did: whoever enforces the rule next will have it. */
function logAudit(audit: AuditedDecision, log: CallLog): void {
  const fields: LogFields =
    audit.kind === 'refuse'
      ? { audit: audit.kind, code: audit.refusal.code, rule: audit.rule }
      : { audit: audit.kind, rule: audit.rules.join(', '), patch: shownPatch(audit.patch) };
  log(audit.kind === 'refuse' ? 'warn' : 'info', auditedText(audit), fields);
}

/** Says why nothing was started: in the runtime's `--log`, on stderr, and in our log. */
function refuse(system: System, call: PlannedCall, refusal: Refusal, { log, count }: Records): number {
  appendToRuntimeLog(system, call.invocation, refusal);
  tellOnStderr(system, refusal);
  const rule = call.plan?.refusal?.rule;
  const { code, hint } = refusal;
  log('error', refusal.message, { decision: 'refuse', code, hint, rule });
  count({ kind: 'refuse', refusal });
  return 1;
}
