import { quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import { podIdentity } from '../pvc-rootfs/pod-identity.js';
import { isRefusal, refuse } from './refuse.js';
import type { Outcome, Refuse } from './rule.js';

/** What a rule said of a container. */
interface Said {
  readonly rule: string;
  readonly outcome: Outcome;
}

/** Rules that the message names with why they did not act. */
const LISTED = 3;

/**
 * The refusal of a container that no rule acts on where one has to; `undefined` for one that a rule rewrites, or finds as it wants
 * it, and for a sandbox, in which nothing of the user's runs.
 *
 * @param said - what each rule said that is carried out
 * @param tried - the rules that are only tried
 * @param slips - annotations that are probably misspelt triggers, a line for each
 */
export function whyUnclaimed(
  document: SpecDocument,
  said: readonly Said[],
  tried: readonly string[],
  slips: readonly string[],
): Refuse | undefined {
  if (said.some(({ outcome }) => isClaim(outcome)) || isSandbox(document)) return undefined;
  const passed = said.flatMap(({ rule, outcome }) =>
    outcome.kind === 'pass' && outcome.reason !== 'no trigger'
      ? [`rule ${quoted(rule)} passes: ${outcome.reason}`]
      : [],
  );
  const reasons = [
    'no rule acts on the container, and one is required',
    ...slips,
    ...passed.slice(0, LISTED),
    ...(tried.length === 0 ? [] : [`only tried: ${tried.map(quoted).join(', ')}`]),
  ];
  return refuse('ERR_NO_RULE_CLAIMS', reasons.join('; '));
}

/** A rule that finds the spec as it wants it says what it holds there, or what its decision rests on. */
function isClaim(outcome: Outcome): boolean {
  if (outcome.kind !== 'pass') return true;
  const { holds = [], pins = [], actions = [] } = outcome;
  return holds.length + pins.length + actions.length > 0;
}

/** Annotations that can be read in two ways, or contradict each other, tell nothing. */
function isSandbox(document: SpecDocument): boolean {
  if (document.structureFindings(['/annotations']).some(({ level }) => level === 'error')) return false;
  const annotations = document.value('/annotations');
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) return false;
  const texts = Object.entries(annotations).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[key, value]] : [],
  );
  const identity = podIdentity(new Map(texts));
  return !isRefusal(identity) && identity.containerType === 'sandbox';
}
