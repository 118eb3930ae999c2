// What runs inside the engine: `ociwrap` over a System that asks the outside, text for text.
import { plainScans } from '@opencontainers-ts/runtime-spec';

import { ociwrapProgram } from '../../src/main/ociwrap-program.js';
import type { System } from '../../src/system/system.js';
import { fromWire, toWire } from './wire.js';

type Ask = (name: string, args: string) => string | undefined;

Object.assign(globalThis, {
  main: (ask: Ask, names: readonly string[]) => {
    const calls = names.map((name) => [
      name,
      (...args: readonly unknown[]) => {
        const answer = ask(name, toWire(args));
        return answer === undefined ? undefined : fromWire(answer);
      },
    ]);
    return ociwrapProgram({ ...Object.fromEntries(calls), scans: plainScans } as System);
  },
});
