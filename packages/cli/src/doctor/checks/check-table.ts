import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import type { TableFacts } from '../facts/table-facts.js';
import type { Finding } from '../finding.js';

/**
 * Whether a call that is none of ours costs nothing. No container depends on it.
 *
 * @param handler - whose calls these are; undefined: calls under any other name
 */
export function checkTable(facts: TableFacts, handler?: string): readonly Finding[] {
  const { level, message, remedy } = told(facts);
  const of = handler === undefined ? '' : `handler ${quoted(handler)}: `;
  return [
    { check: 'fast-path', level, message: `${of}${message}`, ...(remedy === undefined ? {} : { remedy }) },
  ];
}

function told(facts: TableFacts): Pick<Finding, 'level' | 'message' | 'remedy'> {
  switch (facts.kind) {
    case 'believed':
      return { level: 'ok', message: 'calls with nothing to rewrite pass without the engine' };
    case 'unwanted':
      return {
        level: 'note',
        message: `the engine looks at every call, which takes milliseconds instead of microseconds: ${printable(facts.why)}`,
      };
    case 'none':
      return {
        level: 'note',
        message: 'no table is there yet: the first start of a container after a boot or an upgrade writes it',
      };
    case 'other':
      return {
        level: 'note',
        message: `the table that is there is not believed: ${printable(facts.why)}`,
        remedy:
          'start a container, which writes it anew; if that does not help, look at the log at level debug',
      };
  }
}
