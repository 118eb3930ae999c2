import { useScans } from '@opencontainers-ts/runtime-spec';

import { engineSystem } from '../../../../cli/src/system/engine-system.js';
import { textOf } from '../../../../cli/src/system/text.js';
import { writeAll } from '../../../../cli/src/system/write-all.js';
import { comparison } from './compare-program.js';

const system = engineSystem();
useScans(system.scans);

// The program around it takes the first word for the name of what to run.
const main = () => comparison(system.argv().slice(2).map(textOf), print);

function print(text: string): void {
  writeAll(system, 1, new TextEncoder().encode(text));
}

Object.assign(globalThis, { main });
