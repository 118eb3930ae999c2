import { expect, test } from '@jest/globals';

import { factFields } from '../../src/log/fact-fields.js';
import { formatRecord } from '../../src/log/format-record.js';

test.each([
  ['volume', 'volume'],
  ['newRoot', 'newRoot'],
  ['decision', 'fact.decision'],
  ['version', 'fact.version'],
  ['pod', 'fact.pod'],
  ['time', 'fact.time'],
  // As readers fold names, or leave out what cannot stand in one.
  ['Code', 'fact.Code'],
  ['m\u017fg', 'fact.m\u017fg'],
  ['de cis ion', 'fact.decision'],
  ['le"vel=', 'fact.level'],
  ['', 'fact.'],
  ['__proto__', '__proto__'],
  ['to\u001bst', 'to\\u001bst'],
])('the fact %j stands in a record as %j', (name, expected) => {
  const fields = factFields(Object.fromEntries([[name, 'forged']]));
  expect(Object.entries(fields)).toEqual([[expected, 'forged']]);
});

test('no fact takes the place of a field, in either form', () => {
  const names = ['time', 'level', 'msg', 'code', 'LEVEL', 'ms g', 'container', 'rules', 'durationMs', 'hint'];
  const facts = factFields(Object.fromEntries(names.map((name) => [name, 'forged'])));
  const record = { time: new Date(0), level: 'info', msg: 'm', code: 'ERR_X', ...facts } as const;
  expect(JSON.parse(formatRecord(record, 'json'))).toMatchObject({ level: 'info', msg: 'm', code: 'ERR_X' });
  expect(formatRecord(record, 'text')).not.toMatch(/(^| )(?!fact\.)\w+=forged/i);
});
