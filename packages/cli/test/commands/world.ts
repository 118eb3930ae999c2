import { readFileSync } from 'node:fs';

import { builtInRules } from '../../src/call/built-in-rules.js';
import { paintFor } from '../../src/commands/output.js';
import type { World } from '../../src/commands/world.js';
import { NO_CONFIG, resolveSettings } from '../../src/config/settings/resolve-settings.js';
import type { Settings } from '../../src/config/settings/settings.js';
import type { LogFields, LogLevel } from '../../src/log/format-record.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { machine, SELF } from '../machine.js';

/** One record that a command logged. */
export type Logged = LogFields & { readonly level: LogLevel; readonly msg: string };

/** The settings of a machine without a configuration. */
export function sgsSettings(): Settings {
  const resolved = resolveSettings(NO_CONFIG, { env: {}, invokedAs: 'runc' });
  return { ...resolved, rules: builtInRules(), ruleOrigins: [], watched: [] };
}

/** A world in memory, whose bundles are real folders, and what was logged in it. */
export function testWorld(changes: Partial<World> = {}): { world: World; logged: readonly Logged[] } {
  const logged: Logged[] = [];
  const world: World = {
    system: nodeSystem(),
    env: {},
    cwd: '/',
    userId: 0,
    self: SELF,
    settings: sgsSettings(),
    settingsFor: () => world.settings,
    host: machine(),
    tell: () => undefined,
    paint: paintFor(false),
    version: '1.2.3',
    hookRunner: undefined,
    containers: undefined,
    readInput: (path) => readFileSync(path),
    log: () => (level, msg, fields) => void logged.push({ level, msg, ...fields }),
    ...changes,
  };
  return { world, logged };
}
