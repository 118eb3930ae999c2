// What runs inside the engine: the programs, with all that they load later, over a System that asks the outside, text for text.
import * as deviceInjector from '@opencontainers-ts/device-injector';
import { plainScans } from '@opencontainers-ts/runtime-spec';

import * as wrapper from '../../src/call/run-wrapper.js';
import * as keyLines from '../../src/config/lint/key-lines.js';
import * as lintConfig from '../../src/config/lint/lint-config.js';
import * as cdiRule from '../../src/config/rules/cdi-rule.js';
import * as configuredSettings from '../../src/config/settings/configured-settings.js';
import * as hostActions from '../../src/host-actions/do-actions.js';
import { ociwrapProgram } from '../../src/main/ociwrap-program.js';
import type { System } from '../../src/system/system.js';
import { fromWire, toWire } from './wire.js';

type Ask = (name: string, args: string) => string | undefined;

Object.assign(globalThis, {
  evaluated: [deviceInjector, wrapper, cdiRule, configuredSettings, keyLines, lintConfig, hostActions],
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
