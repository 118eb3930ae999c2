import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { textOf, wordOf } from '../system/text.js';
import { configPlace } from './config-place.js';
import type { PlannedCall } from './planned-call.js';
import { refusalOf } from './refusal.js';

type ReadCall = Pick<PlannedCall, 'invocation' | 'file'>;

/**
 * What is done with a call whose arguments can be read in more than one way. Only the runtime knows which of them it
 * takes. Where a rule acts on the bundle of one, it is taken for that one: a bundle that is rewritten and then not started
 * harms nobody, one that is started as it is would. Where rules act on the bundles of two, nobody can say what would be started.
 *
 * @param likely - the likelier reading, whatever its verb
 * @param planned - the readings with a bundle, and what each would come to
 */
export function chooseReading(
  likely: Pick<PlannedCall, 'resolution' | 'invocation' | 'carriesRewrite'>,
  planned: readonly PlannedCall[],
): PlannedCall {
  const [first, ...more] = planned.filter(({ decision }) => decision.kind !== 'pass');
  if (first !== undefined) {
    if (more.every((other) => isSameBundle(first, other))) return { ...first, readAs: readAs([first]) };
    const error = new CliError('ERR_ARGUMENTS_AMBIGUOUS', readAs([first, ...more]));
    return { ...likely, decision: { kind: 'refuse', refusal: refusalOf(error) } };
  }
  const itself = planned.find((reading) => isSameBundle(reading, likely)) ?? planned[0];
  return likely.carriesRewrite && itself !== undefined
    ? itself
    : {
        ...likely,
        decision: { kind: 'pass', reason: 'by no reading of the arguments a rule acts on a bundle' },
      };
}

/** Whether both read the same file for the same verb, whatever paths lead to it. */
function isSameBundle(one: ReadCall, other: ReadCall): boolean {
  if (one.invocation.verb !== other.invocation.verb) return false;
  if (one.file !== undefined && other.file !== undefined) {
    const { dev, ino } = one.file.id;
    return dev === other.file.id.dev && ino === other.file.id.ino;
  }
  return pathOf(one) === pathOf(other);
}

function pathOf({ invocation }: ReadCall): string {
  const { dir, name = 'config.json' } = configPlace(invocation);
  return [dir, name].map((part) => (typeof part === 'string' ? part : wordOf(part))).join('/');
}

function readAs(calls: readonly ReadCall[]): string {
  const each = calls.map(({ invocation: { verb = '', bundle } }) => {
    const of = bundle === undefined ? 'the working directory' : quoted(textOf(bundle));
    return `as ${verb} of ${of}`;
  });
  return each.length === 1
    ? `the arguments can be read in more than one way: taken ${each.join('')}, which a rule acts on`
    : `the arguments can be read ${each.join(' and ')}, and a rule acts on each`;
}
