import type { HostAction } from '@opencontainers-ts/rootfs-rewriter';
import type { RealRuntime, Verdict } from '@opencontainers-ts/runtime-resolver';
import { type JsonPatch, printable } from '@opencontainers-ts/runtime-spec';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { AuditedDecision } from '../../call/audited-decision.js';
import type { PlannedCall } from '../../call/planned-call.js';
import { refusalLine } from '../../call/refusal.js';
import type { Settings } from '../../config/settings/settings.js';
import { bytesOf, textOf } from '../../system/text.js';
import { indentJson } from '../indent-json.js';
import { type ExplainedRule, explainedRules, patchOrigins } from './explained-rules.js';

/**
 * The whole way of a call as plain data: what `ociwrap explain --json` prints. Members are added in minor versions,
 * never renamed or removed; 64-bit integers are printed as strings.
 */
export interface Explanation {
  /** `pass`: started with config.json as it is. `rewrite`: started after config.json is rewritten. `refuse`: not started. */
  readonly decision: 'pass' | 'rewrite' | 'refuse';
  /** Why a call passes. */
  readonly reason?: string;
  readonly refusal?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** A call that passes, and that the runtime will fail for itself: there is no config.json. */
  readonly missing?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** How the arguments were read; text that is not UTF-8 is shown with replacement characters. */
  readonly call: {
    readonly verb?: string;
    readonly id?: string;
    readonly bundle?: string;
    readonly log?: string;
    readonly logFormat?: 'json' | 'text';
    /** Whether every argument was understood. */
    readonly certain: boolean;
  };
  readonly mode: 'runc' | 'nvidia';
  readonly runtime?: RealRuntime;
  /** Every place where the real runtime was looked for, in order. */
  readonly trail: readonly Verdict[];
  readonly warnings: readonly string[];
  /** Every rule of the configuration, in the order asked, also those that were not. */
  readonly rules: readonly ExplainedRule[];
  /** RFC 6902; empty unless the decision is `rewrite`. */
  readonly patch: JsonPatch;
  /** For each operation of `patch` the rule that it comes from. */
  readonly patchOrigins: readonly string[];
  /** Paths, with device and inode, that are looked at again just before the runtime is started. */
  readonly pins: readonly { readonly path: string; readonly dev: bigint; readonly ino: bigint }[];
  /** What a start does on the machine before config.json is written; nothing of it is done for an explanation. */
  readonly actions: readonly HostAction[];
  /** What would have become of the call if rules that are only tried were enforced, where that is something else. */
  readonly audit?: AuditedDecision & {
    /** What a start would have done on the machine. */
    readonly actions: readonly HostAction[];
  };
  /** Unified diff of config.json, both sides indented for reading; empty when nothing changes. */
  readonly diff: string;
  /** What execve(2) would be given, or absent when nothing would be started. */
  readonly exec?: {
    readonly file: string;
    readonly argv: readonly string[];
    readonly depth: number;
    /** The value of NVIDIA_CTK_CONFIG_FILE_PATH that it gets, where the caller gives none. */
    readonly nvidiaConfig?: string;
  };
}

/** Turns a planned call into what `explain` says about it. `argv` is the call's, argv[0] included. */
export function explanationOf(
  call: PlannedCall,
  argv: readonly Uint8Array[],
  settings: Pick<Settings, 'rules' | 'ruleOrigins' | 'fault'>,
): Explanation {
  const { decision, resolution, plan, slips, missing } = call;
  const { runtime } = resolution;
  return {
    decision: decision.kind,
    ...(decision.kind === 'pass' ? { reason: decision.reason } : {}),
    ...(decision.kind === 'refuse' ? { refusal: decision.refusal } : {}),
    ...(missing === undefined ? {} : { missing }),
    call: explainedInvocation(call),
    mode: resolution.mode,
    ...(runtime === undefined ? {} : { runtime }),
    trail: resolution.trail,
    warnings: [
      ...faultWarning(settings),
      ...resolution.warnings,
      ...(slips ?? []),
      ...(call.readAs === undefined ? [] : [call.readAs]),
      ...(plan?.warnings ?? []),
    ],
    rules: explainedRules(call, settings),
    patch: plan?.patch ?? [],
    patchOrigins: patchOrigins(call),
    pins: plan?.pins ?? [],
    actions: plan?.actions ?? [],
    ...(call.audit === undefined ? {} : { audit: { ...call.audit, actions: plan?.audit?.actions ?? [] } }),
    diff: decision.kind === 'rewrite' ? configDiff(call) : '',
    ...(runtime === undefined || decision.kind === 'refuse'
      ? {}
      : {
          exec: {
            file: runtime.path,
            argv: [runtime.argv0, ...argv.slice(1).map(textOf)],
            depth: resolution.depth,
            ...(runtime.nvidiaConfig === undefined ? {} : { nvidiaConfig: runtime.nvidiaConfig }),
          },
        }),
  };
}

/** Said whatever becomes of the call: the rules that were written are not those that were asked. */
function faultWarning({ fault }: Pick<Settings, 'fault'>): string[] {
  return fault === undefined ? [] : [`the configuration cannot be used: ${refusalLine(fault)}`];
}

function explainedInvocation({ invocation }: PlannedCall): Explanation['call'] {
  const { verb, id, bundle, log, logFormat, certain } = invocation;
  return {
    ...(verb === undefined ? {} : { verb }),
    ...(id === undefined ? {} : { id: textOf(id) }),
    ...(bundle === undefined ? {} : { bundle: textOf(bundle) }),
    ...(log === undefined ? {} : { log: textOf(log) }),
    ...(logFormat === undefined ? {} : { logFormat }),
    certain,
  };
}

function configDiff({ file, plan }: PlannedCall): string {
  if (file === undefined || plan === undefined) {
    return '';
  }
  const path = `${textOf(bytesOf(file.dir))}/${textOf(bytesOf(file.name ?? 'config.json'))}`;
  const [before, after] = [file.bytes, plan.document.bytes].map((bytes) => indentJson(textOf(bytes)));
  const names = [printable(path), `${printable(path)} (rewritten)`] as const;
  return createTwoFilesPatch(...names, before ?? '', after ?? '', '', '', {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
