import { dirname, join } from 'node:path';

import { execve, type ProcessState } from '@opencontainers-ts/exec-native';

import { quoted } from '@opencontainers-ts/runtime-spec';
import { CliError } from '../cli-error.js';
import { loadSettings } from '../config/load-settings.js';
import type { ModuleLine } from '../config/module-output.js';
import type { Settings } from '../config/settings.js';
import { leaveTable } from '../fast-path/may-write-table.js';
import type { LogFields } from '../log/format-record.js';
import { appendToRuntimeLog } from '../log/runtime-log.js';
import { tellOnStderr } from '../log/tell-on-stderr.js';
import { type LogSettings, writeLog } from '../log/wrapper-log.js';
import { nodeHost } from '../system/node-host.js';
import { nodeSystem } from '../system/node-system.js';
import { type CarryOutOptions, carryOut } from './carry-out.js';
import { listedWarnings } from './listed-warnings.js';
import { parseInvocation } from './parse-invocation.js';
import { type CallInput, type PlannedCall, planCall } from './plan-call.js';
import { type Refusal, refusalLine, refusalOf } from './refusal.js';
import { environmentForRuntime, readEnvironment } from './runtime-environment.js';

/**
 * One call of the engine, from the recorded process state to the real runtime's first instruction.
 *
 * It does not come back unless the call is refused; then the reason stands where people look for it, and the
 * status to exit with is returned. There is nothing to wait for unless a configuration has to be loaded.
 */
export function runWrapper(state: ProcessState): number | Promise<number> {
  const input: CallInput = {
    argv: state.argv,
    env: readEnvironment(state.env),
    execFn: text(state.execFn),
    cwd: state.cwd === undefined ? '' : text(state.cwd),
    self: { path: text(state.exe.path), dev: state.exe.dev, ino: state.exe.ino },
  };
  const [argv0 = new Uint8Array()] = state.argv;
  const { env, execFn } = input;
  // The log is not known before the settings are, and must not come to be for a call that has nothing to say.
  const said: ModuleLine[] = [];
  const tell = (line: ModuleLine) => said.push(line);
  const settings = loadSettings({ env, invokedAs: text(argv0), execFn }, { remember: true, tell });
  return settings instanceof Promise
    ? settings.then((loaded) => runCall(state, input, loaded, said))
    : runCall(state, input, settings, said);
}

/** Says of a call that came to nothing, before or beside the way of {@link runWrapper}, why: on stderr and in its `--log`. */
export function refuseCall({ argv }: Pick<ProcessState, 'argv'>, error: unknown): number {
  const refusal = refusalOf(error);
  // Which runtime it was for is not known here; `--log` reads alike for all of them.
  appendToRuntimeLog(parseInvocation(argv.slice(1)), refusal);
  tellOnStderr(refusal);
  return 1;
}

function runCall(
  state: ProcessState,
  input: CallInput,
  settings: Settings,
  said: readonly ModuleLine[],
): number | Promise<number> {
  const host = nodeHost();
  const call = planCall(input, settings, host);
  for (const { module, line } of said) {
    writeLog(settings.log, 'info', `${module} wrote: ${line}`, fieldsOf(call));
  }
  const finish = (act?: CarryOutOptions['act']) => finishCall(call, { state, input, settings, host, act });
  return (call.plan?.actions.length ?? 0) === 0 ? finish() : loadActions().then(finish);
}

interface Surroundings {
  readonly state: ProcessState;
  readonly input: CallInput;
  readonly settings: Settings;
  readonly host: ReturnType<typeof nodeHost>;
  readonly act: CarryOutOptions['act'] | undefined;
}

function finishCall(call: PlannedCall, { state, input, settings, host, act }: Surroundings): number {
  try {
    if (call.decision.kind === 'refuse') {
      return refuse(call, call.decision.refusal, settings.log);
    }
    const { configMode } = settings;
    const notes = carryOut(call, host, { configMode, ...(act === undefined ? {} : { act }) });
    for (const { level, msg } of notes) writeLog(settings.log, level, msg, fieldsOf(call));
    logDecision(call, settings);
    if (call.carriesRewrite) leaveTableFor(call, input, settings);
    becomeRuntime(call, state);
  } catch (error) {
    return refuse(call, refusalOf(error), settings.log);
  }
}

/** Their own file in the bundle: a call without actions never loads it. Without that file nothing is done, and said. */
async function loadActions(): Promise<NonNullable<CarryOutOptions['act']>> {
  try {
    const { doActions } = await import('../host-actions/do-actions.js');
    return (plan) => doActions(nodeSystem(), plan);
  } catch (error) {
    return () => [{ level: 'warn', msg: `host actions are left undone: ${refusalOf(error).message}` }];
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function becomeRuntime({ resolution }: PlannedCall, state: ProcessState): never {
  const { runtime, depth } = resolution;
  if (runtime === undefined) {
    throw new CliError('ERR_UNEXPECTED', 'no runtime was resolved for a call that was not refused');
  }
  const env = environmentForRuntime(state.env, { depth, nvidiaConfig: runtime.nvidiaConfig });
  try {
    return execve(runtime.path, [runtime.argv0, ...state.argv.slice(1)], env, { state });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('ERR_EXEC_FAILED', `cannot execute ${quoted(runtime.path)}: ${code}`, {
      cause: error,
      details: { path: runtime.path },
    });
  }
}

/** The next call like this one need not come here when there is nothing to rewrite. */
function leaveTableFor(call: PlannedCall, { env, self }: CallInput, settings: Settings): void {
  const error = leaveTable(settings, {
    env,
    launcher: self,
    script: join(dirname(process.argv[1] ?? ''), 'wrapper-code.cjs'),
    since: Date.now() - process.uptime() * 1000,
  });
  if (error !== undefined) {
    const reason = refusalOf(error).message;
    writeLog(settings.log, 'debug', `the fast path cannot be prepared: ${reason}`, fieldsOf(call));
  }
}

function logDecision(call: PlannedCall, { log: settings, fault }: Settings): void {
  if (fault !== undefined) {
    writeLog(settings, 'warn', `the configuration cannot be used: ${refusalLine(fault)}`, fieldsOf(call));
  }
  const warnings = [
    ...call.resolution.warnings,
    ...(call.readAs === undefined ? [] : [call.readAs]),
    ...(call.slips ?? []),
    ...(call.plan?.warnings ?? []),
  ];
  for (const warning of listedWarnings(warnings)) {
    writeLog(settings, 'warn', warning, fieldsOf(call));
  }
  const { decision } = call;
  const msg = decision.kind === 'rewrite' ? 'config.json rewritten' : 'passed through';
  writeLog(settings, call.carriesRewrite ? 'info' : 'debug', msg, {
    // First: a rule's fact must not pass for a field of ours.
    ...call.plan?.facts,
    ...fieldsOf(call),
    decision: decision.kind,
    ...(decision.kind === 'pass' ? { reason: decision.reason } : {}),
  });
}

function fieldsOf({ invocation, resolution }: PlannedCall): LogFields {
  return {
    id: invocation.id && text(invocation.id),
    verb: invocation.verb,
    bundle: invocation.bundle && text(invocation.bundle),
    runtime: resolution.runtime?.path,
    // Since the start of the process, as performance.now(), for which Node would load eleven modules.
    durationMs: Math.round(process.uptime() * 10_000) / 10,
  };
}

/** Says why nothing was started: in the runtime's `--log`, on stderr, and in our log. */
function refuse(call: PlannedCall, refusal: Refusal, settings: LogSettings): number {
  appendToRuntimeLog(call.invocation, refusal);
  tellOnStderr(refusal);
  writeLog(settings, 'error', refusal.message, {
    ...fieldsOf(call),
    decision: 'refuse',
    code: refusal.code,
    rule: call.plan?.refusal?.rule,
  });
  return 1;
}
