import { describe, expect, test } from '@jest/globals';

import { seedDecision } from '../../src/roots/seed-decision.js';
import { readSeedRecord } from '../../src/roots/seed-record.js';
import { emptySeeded } from '../../src/roots/seed-reset.js';
import { contentOf } from '../../src/roots/volume-folder.js';
import { OPEN } from '../../src/system/system.js';
import { clearingTrees } from './clearing-trees.js';
import { Killed, memoryMachine } from './memory-machine.js';

const IMAGE = { name: 'app', fingerprint: 'f' };
const FILLED = JSON.stringify({ version: 1, state: 'filled', bootId: 'boot', image: IMAGE });

function volume(record = FILLED) {
  const machine = memoryMachine();
  machine.make('/v', { etc: {}, usr: { lib: 'l' }, var: 'v', '.ociwrap': { 'seed.json': record } });
  const open = () => machine.system.open('/v', OPEN.directory) as number;
  return { machine, open };
}

/** What the next start would do. */
function nextStart({ machine, open }: ReturnType<typeof volume>) {
  const top = open();
  const found = {
    record: readSeedRecord(machine.system, top),
    isEmpty: contentOf(machine.system, top).length === 0,
  };
  return seedDecision(found, { bootId: 'boot', image: IMAGE });
}

describe('a filled volume', () => {
  test.each([[FILLED], ['{'], ['{"version":2}']])('is emptied, with the record %s', (record) => {
    const { machine, open } = volume(record);
    expect(emptySeeded({ ...machine.system, ...clearingTrees(machine) }, open())).toBe(3n);
    expect(machine.tree('/v')).toEqual({ '.ociwrap': {} });
  });

  test('is never used once something of it is gone, wherever the reset is killed', () => {
    const whole = volume();
    emptySeeded({ ...whole.machine.system, ...clearingTrees(whole.machine) }, whole.open());
    const seen = new Set<string>();
    const kills = [
      ...Array.from({ length: whole.machine.calls }, (_, at) => ({ at: at + 1, work: 0 })),
      ...[1, 2, 3].map((work) => ({ at: 0, work })),
    ];
    for (const { at, work } of kills) {
      const killed = volume();
      const { machine, open } = killed;
      machine.killBefore = at;
      expect(() =>
        emptySeeded({ ...machine.system, ...clearingTrees(machine, { killAt: work }) }, open()),
      ).toThrow(Killed);
      machine.restart();
      const isWhole = machine.at('/v')?.children.size === 4;
      const decision = nextStart(killed);
      expect(isWhole || decision !== 'use').toBe(true);
      seen.add(`${isWhole ? 'whole' : 'not whole'}: ${decision}`);
    }
    expect([...seen].sort()).toEqual([
      'not whole: begin-anew',
      'not whole: fill',
      'whole: begin-anew',
      'whole: use',
    ]);
  });

  test('that cannot be emptied says where', () => {
    const { machine, open } = volume();
    expect(() =>
      emptySeeded({ ...machine.system, ...clearingTrees(machine, { failAt: 'usr' }) }, open()),
    ).toThrow(expect.objectContaining({ code: 'EPERM', syscall: 'unlinkat', path: '/usr' }));
  });
});
