import type { World } from '../commands/world.js';
import { keyLineFinder } from '../config/lint/key-line-finder.js';
import { settingsDump } from '../config/settings/settings-dump.js';
import { examineNode } from '../doctor/examine-node.js';
import { readText } from '../doctor/facts/kernel-facts.js';
import type { NodeReport } from './node-report.js';

/** Looks at a node, and gives all that a report tells of it. */
export async function makeReport(world: World): Promise<NodeReport> {
  const { system, env, settings, version, self } = world;
  const examined = await examineNode(world);
  const dump = settingsDump(settings, await keyLineFinder({ system, env }, settings.fault === undefined));
  return {
    node: readText(system, '/proc/sys/kernel/hostname').trim(),
    generated: new Date(system.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    version,
    program: self.path,
    ...examined,
    settings: dump.settings,
    rules: dump.rules.map(({ name, kind, origin }, index) => {
      const triggers = settings.rules[index]?.triggers ?? [];
      return { name, kind, origin, triggers: triggers === 'every-create' ? undefined : triggers };
    }),
  };
}
