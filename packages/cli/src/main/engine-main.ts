// The program inside the launcher. This file is evaluated once, when the package is made; what stands then is the snapshot
// that each call begins with, and `main` is what the launcher calls.
import * as deviceInjector from '@opencontainers-ts/device-injector';
import { useScans } from '@opencontainers-ts/runtime-spec';
import { refusalLine, refusalOf } from '../call/refusal.js';
import { refuseCall, runWrapper } from '../call/run-wrapper.js';
import { readEnvironment } from '../call/runtime-environment.js';
import * as checkHandlers from '../config/lint/check-handlers.js';
import * as keyLines from '../config/lint/key-lines.js';
import * as lintConfig from '../config/lint/lint-config.js';
import * as cdiRule from '../config/rules/cdi-rule.js';
import * as configuredSettings from '../config/settings/configured-settings.js';
import * as hostActions from '../host-actions/do-actions.js';
import { hookProcess } from '../nvidia-hook/hook-process.js';
import { runNvidiaHook } from '../nvidia-hook/run-nvidia-hook.js';
import { engineSystem } from '../system/engine-system.js';
import { isFailure } from '../system/system.js';
import { bytesOf, textOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';
import { ociwrapProgram } from './ociwrap-program.js';
import { rehearse } from './rehearsal.js';
import { useYargsEnvironment } from './yargs-environment.js';

/** The names by which the launcher calls the programs, as engine.h has them. */
type ProgramName = 'wrapper' | 'ociwrap' | 'nvidia-hook' | 'rehearsal';

const system = engineSystem();
useScans(system.scans);

/**
 * The file of this program, as the table of the fast path knows it (fast-path-table.h): another one has another text. Where it
 * cannot be found any more, or another one has taken its place, as in an upgrade, nothing is known of it.
 */
function program(): string | undefined {
  const { path, dev, ino } = system.exe();
  const found = system.stat(path);
  if (isFailure(found) || found.dev !== dev || found.ino !== ino) return undefined;
  return `${dev} ${ino} ${found.size} ${found.ctimeNs}`;
}

const programs: Readonly<Record<ProgramName, () => number | Promise<number>>> = {
  wrapper: () => {
    try {
      const status = runWrapper(system, { program });
      return typeof status === 'number' ? status : status.catch((error) => refuseCall(system, error));
    } catch (error) {
      return refuseCall(system, error);
    }
  },
  ociwrap: () => {
    useYargsEnvironment(readEnvironment(system.environ()));
    return ociwrapProgram(system);
  },
  // Called when the package is made, by what makes the snapshot.
  rehearsal: rehearse,
  'nvidia-hook': async () => {
    const [name = '', ...args] = system.argv().map(textOf);
    try {
      return runNvidiaHook(await hookProcess(system, { name, args }));
    } catch (error) {
      writeAll(system, 2, bytesOf(`nvidia-container-runtime-hook: ${refusalLine(refusalOf(error))}\n`));
      return 1;
    }
  },
};

// What a call rarely needs is evaluated now as well, so that import() finds it: it lies in pages that no other call touches.
const evaluated = [
  checkHandlers,
  deviceInjector,
  cdiRule,
  configuredSettings,
  keyLines,
  lintConfig,
  hostActions,
];

Object.assign(globalThis, { evaluated, main: (name: ProgramName) => programs[name]() });
