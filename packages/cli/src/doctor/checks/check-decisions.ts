import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import type { CLI_ERROR_CODES } from '../../cli-error.js';
import type { LoggedDecision } from '../facts/logged-decisions.js';
import type { Finding } from '../finding.js';

/** As many are told, the last ones. */
const MOST_TOLD = 5;

/** Refusals for which no container, volume or configuration is to blame. */
const OF_THIS_PROGRAM = new Set([
  'ERR_ENGINE_FAILED',
  'ERR_CALL_UNFINISHED',
  'ERR_UNEXPECTED',
] satisfies readonly (keyof typeof CLI_ERROR_CODES)[] as string[]);

/** What was refused of late: each of these containers did not start. */
export function checkDecisions(decisions: readonly LoggedDecision[]): readonly Finding[] {
  const refused = decisions.filter(({ decision }) => decision === 'refuse');
  if (refused.length === 0) {
    const message =
      decisions.length === 0
        ? 'the log tells of no decision yet'
        : `none of the last ${decisions.length} decisions in the log refused a container`;
    return [{ check: 'decisions', level: 'ok', message }];
  }
  return refused
    .slice(-MOST_TOLD)
    .reverse()
    .map((decision): Finding => {
      const { code = 'without a code', time, msg } = decision;
      return {
        check: 'decisions',
        level: OF_THIS_PROGRAM.has(code) ? 'warning' : 'note',
        message: `${printable(time)}: ${whoOf(decision)} was refused [${printable(code)}]: ${printable(msg)}`,
        remedy: remedyFor(decision),
      };
    });
}

/** A remedy is what people paste into a shell: only what has the form of a code gets there from a log. */
function remedyFor({ code = '' }: LoggedDecision): string {
  return /^ERR_[A-Z0-9_]+$/.test(code)
    ? `\`ociwrap help ${code}\` says what to do`
    : 'ask whoever wrote the rule that refused it';
}

/** The pod and container, where the record names them, and otherwise the container's id. */
export function whoOf({ namespace, pod, container, id }: LoggedDecision): string {
  if (pod !== undefined) {
    const place = namespace === undefined ? quoted(pod) : quoted(`${namespace}/${pod}`);
    return container === undefined ? `a container of ${place}` : `${quoted(container)} of ${place}`;
  }
  return id === undefined ? 'a container' : `container ${quoted(id)}`;
}
