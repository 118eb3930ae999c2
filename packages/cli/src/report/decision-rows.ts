import { whoOf } from '../doctor/checks/check-decisions.js';
import type { LoggedDecision } from '../doctor/facts/logged-decisions.js';
import { type Html, html } from './html.js';

/** As many are shown, the youngest first. */
export const MOST_SHOWN = 50;

/** What a decision is shown as. */
const LEVELS = { refuse: 'fault', rewrite: 'ok', pass: 'note' } as const;
const WORDS = { refuse: 'refused', rewrite: 'rewritten', pass: 'passed' } as const;

/** Fields that say what became of a container, with the words for them. */
const FIELDS = [
  ['volume', 'volume'],
  ['newRoot', 'root'],
  ['cdiDevices', 'devices'],
  ['rules', 'rules'],
  ['rule', 'rule'],
  ['reason', 'because'],
  ['runtime', 'runtime'],
  ['bundle', 'bundle'],
] as const satisfies readonly (readonly [keyof LoggedDecision, string])[];

/** Decisions that changed something, or would have: what passed because nothing asked for it is only counted. */
export function isTelling({ decision, patch }: LoggedDecision): boolean {
  return decision !== 'pass' || patch !== undefined;
}

/** A row for each decision, the youngest first. */
export function decisionRows(decisions: readonly LoggedDecision[]): readonly Html[] {
  return decisions.slice(-MOST_SHOWN).reverse().map(row);
}

function row(decision: LoggedDecision): Html {
  const { time, code, msg, hint, patch } = decision;
  const kind = decision.decision;
  const facts = FIELDS.flatMap(([name, word]) => {
    const value = decision[name];
    return value === undefined ? [] : [html`<dt>${word}</dt><dd class="mono">${value}</dd>`];
  });
  return html`<tr>
<td class="level"><span class="badge ${LEVELS[kind]}">${WORDS[kind]}</span></td>
<td class="time mono" data-head="time">${shortTime(time)}</td>
<td data-head="container">${whoOf(decision)}</td>
<td data-head="what"><p>${code === undefined ? undefined : html`<code>${code}</code> `}${msg}</p>
${hint === undefined ? undefined : html`<p class="remedy">${hint}</p>`}
${facts.length === 0 ? undefined : html`<dl class="facts soft">${facts}</dl>`}
${patch === undefined ? undefined : patchLines(patch)}</td>
</tr>
`;
}

/** To the second: `2026-11-29 10:00:00Z`; what is no time is shown as it is. */
export function shortTime(time: string): string {
  return time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2Z');
}

/** The operations of a JSON Patch, a line each; a text that is none is shown as it is. */
function patchLines(patch: string): Html {
  // The record of a rewrite says behind the operations how many it left out (call/logged-patch.ts).
  const [, whole = patch, more] = /^(\[.*\])(\.\.\. and \d+ more operations?)$/s.exec(patch) ?? [];
  const operations = operationsIn(whole);
  const lines = operations?.map(({ op, path, value }) => {
    const shown = value === undefined ? '' : ` ${JSON.stringify(value)}`;
    const kind = op === 'remove' ? 'remove' : 'add';
    return html`<span class="${kind}">${op} ${path}${shown}</span>\n`;
  });
  return html`<pre class="patch">${lines === undefined ? patch : [...lines, more]}</pre>`;
}

interface ShownOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

function operationsIn(patch: string): readonly ShownOperation[] | undefined {
  try {
    const parsed: unknown = JSON.parse(patch);
    return Array.isArray(parsed) && parsed.every(isOperation) ? parsed : undefined;
  } catch {
    // Cut off, or of another program.
    return undefined;
  }
}

function isOperation(value: unknown): value is ShownOperation {
  if (typeof value !== 'object' || value === null) return false;
  const { op, path } = value as Readonly<Record<string, unknown>>;
  return typeof op === 'string' && typeof path === 'string';
}
