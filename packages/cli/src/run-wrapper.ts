import { dirname, join } from 'node:path';

import { execve, type ProcessState } from '@opencontainers-ts/exec-native';
import type { Rule } from '@opencontainers-ts/rootfs-rewriter';

import { builtInRules } from './built-in-rules.js';
import { carryOut } from './carry-out.js';
import { CliError } from './cli-error.js';
import type { LogFields } from './format-record.js';
import { nodeHost } from './node-host.js';
import { type PlannedCall, planCall } from './plan-call.js';
import { printable } from './printable.js';
import { type Refusal, refusalOf } from './refusal.js';
import { renewTable } from './renew-table.js';
import { environmentForRuntime, readEnvironment } from './runtime-environment.js';
import { appendToRuntimeLog } from './runtime-log.js';
import { tellOnStderr } from './tell-on-stderr.js';
import { type LogSettings, logSettings, writeLog } from './wrapper-log.js';

/**
 * One call of the engine, from the recorded process state to the real runtime's first instruction.
 *
 * It does not come back unless the call is refused; then the reason stands where people look for it, and the
 * status to exit with is returned.
 */
export function runWrapper(state: ProcessState): number {
  const env = readEnvironment(state.env);
  const settings = logSettings(env);
  const host = nodeHost();
  const rules = builtInRules();
  const call = planCall(
    {
      argv: state.argv,
      env,
      execFn: text(state.execFn),
      cwd: state.cwd === undefined ? '' : text(state.cwd),
      self: { path: text(state.exe.path), dev: state.exe.dev, ino: state.exe.ino },
    },
    rules,
    host,
  );
  try {
    if (call.decision.kind === 'refuse') {
      return refuse(call, call.decision.refusal, settings);
    }
    carryOut(call, host);
    logDecision(call, settings);
    if (call.carriesRewrite) leaveTable(call, state, rules, settings);
    becomeRuntime(call, state);
  } catch (error) {
    return refuse(call, refusalOf(error), settings);
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
  const env = environmentForRuntime(state.env, depth);
  try {
    return execve(runtime.path, [runtime.argv0, ...state.argv.slice(1)], env, { state });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('ERR_EXEC_FAILED', `cannot execute ${printable(runtime.path)}: ${code}`, {
      cause: error,
      details: { path: runtime.path },
    });
  }
}

/** The next call like this one need not come here when there is nothing to rewrite. */
function leaveTable(
  call: PlannedCall,
  { exe }: ProcessState,
  rules: readonly Rule[],
  settings: LogSettings,
): void {
  const launcher = { path: text(exe.path), dev: exe.dev, ino: exe.ino };
  // Where the launcher looks for it (launcher/fast-path.cc).
  const script = join(dirname(process.argv[1] ?? ''), 'wrapper-code.cjs');
  const error = renewTable({ launcher, script, rules, watched: [] });
  if (error !== undefined) {
    const reason = refusalOf(error).message;
    writeLog(settings, 'debug', `the fast path cannot be prepared: ${reason}`, fieldsOf(call));
  }
}

function logDecision(call: PlannedCall, settings: LogSettings): void {
  for (const warning of [...call.resolution.warnings, ...(call.plan?.warnings ?? [])]) {
    writeLog(settings, 'warn', warning, fieldsOf(call));
  }
  const { decision } = call;
  const msg = decision.kind === 'rewrite' ? 'config.json rewritten' : 'passed through';
  writeLog(settings, call.carriesRewrite ? 'info' : 'debug', msg, {
    ...fieldsOf(call),
    decision: decision.kind,
    ...(decision.kind === 'pass' ? { reason: decision.reason } : {}),
    ...call.plan?.facts,
  });
}

function fieldsOf({ invocation, resolution }: PlannedCall): LogFields {
  return {
    id: invocation.id && printable(text(invocation.id)),
    verb: invocation.verb,
    bundle: invocation.bundle && printable(text(invocation.bundle)),
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
