import { type Plan, RefusedError } from '@opencontainers-ts/rootfs-rewriter';
import type { JsonPatch } from '@opencontainers-ts/runtime-spec';
import { type BundleFile, checkReplaceable } from '@opencontainers-ts/runtime-spec/bundle';

import { type Refusal, refusalLine, refusalOf } from './refusal.js';

/** What would have become of a call if the rules that are only tried were enforced. */
export type AuditedDecision =
  | {
      readonly kind: 'rewrite';
      /** Those of the rules that would have changed something. */
      readonly rules: readonly string[];
      /** Of all rules, also those that are enforced. */
      readonly patch: JsonPatch;
    }
  | {
      readonly kind: 'refuse';
      /** The rule that would have refused; absent where what stands in config.json would not have let it be asked. */
      readonly rule?: string;
      readonly refusal: Refusal;
    };

/** Characters of a patch that a log record repeats. */
const MOST_SHOWN = 4096;

/** @returns undefined where nothing would have been different */
export function auditedDecision(
  { audit, decision, trace }: Plan,
  file?: BundleFile,
): AuditedDecision | undefined {
  if (audit === undefined || decision === 'refuse') return undefined;
  if (audit.refusal !== undefined) {
    return { kind: 'refuse', rule: audit.refusal.rule, refusal: refusalOf(new RefusedError(audit)) };
  }
  const rules = trace.filter((step) => step.audit && step.outcome.kind === 'rewrite').map(({ rule }) => rule);
  if (rules.length === 0) return undefined;
  try {
    if (file !== undefined) checkReplaceable(file);
    return { kind: 'rewrite', rules, patch: audit.patch };
  } catch (error) {
    return { kind: 'refuse', refusal: refusalOf(error) };
  }
}

/** For people: one line. */
export function auditedText(decision: AuditedDecision): string {
  return decision.kind === 'refuse'
    ? `audit: the container would have been refused: ${refusalLine(decision.refusal)}`
    : `audit: config.json would have been rewritten by ${decision.rules.join(', ')}`;
}

/** A patch as JSON, as far as it is short. */
export function shownPatch(patch: JsonPatch): string {
  const text = JSON.stringify(patch, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  const more = text.length - MOST_SHOWN;
  return more > 0
    ? `${text.slice(0, MOST_SHOWN)}... and ${more} more characters, which \`ociwrap explain\` shows`
    : text;
}
