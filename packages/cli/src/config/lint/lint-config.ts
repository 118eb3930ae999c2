import { quoted } from '@opencontainers-ts/runtime-spec';

import { type ConfigFault, type ConfigLine, configLine, faultsOf } from '../config-fault.js';
import type { ConfigFiles } from '../config-files.js';
import { type MergedConfig, mergeConfig } from '../merge-config.js';
import { configFaults, readConfig } from '../parse-config.js';
import type { CdiValues, ConfigValues } from '../settings/resolve-settings.js';
import type { Origin } from '../settings/settings.js';
import { lintAddedMounts, lintConflicts } from './lint-rules.js';
import { lintUnneededKeys } from './lint-unneeded-keys.js';
import { type ConfigLint, lintValues } from './lint-values.js';

type FileLint = ConfigLint & Pick<ConfigFault, 'file'>;

/** One thing that a check tells: where, and what. */
export type CheckedLine = ConfigLine & Pick<ConfigLint, 'level'>;

/**
 * What the wrapper takes, and what most probably is not meant so: in the order of the files and their lines. What it does
 * not take is for `configuredSettings` to tell; files that cannot be read are left out.
 */
export async function lintConfig({ texts, handler }: ConfigFiles): Promise<readonly CheckedLine[]> {
  const read = texts.map((text) => faultsOf(() => readConfig(text)));
  const files = read.flatMap((each) => ('value' in each ? [each.value] : []));
  const merged = mergeConfig(
    files.filter((file) => configFaults(file).length === 0),
    handler,
  );
  const lints: readonly FileLint[] = [
    ...files.flatMap(({ path: file, table }) => lintValues(table).map((lint) => ({ ...lint, file }))),
    ...files.flatMap((file) => lintUnneededKeys(file).map((lint) => ({ ...lint, file: file.path }))),
    ...merged.rules.flatMap((rule) =>
      lintAddedMounts(rule).map((lint) => ({ ...lint, file: rule.origin.file })),
    ),
    ...lintConflicts(merged.rules),
    ...lintDefaultKind(merged),
  ];
  if (lints.length === 0) return [];
  const { linesOfKeys } = await import('./key-lines.js');
  return files.flatMap(({ path, text }) => {
    const lineOf = linesOfKeys(text);
    return lints
      .filter(({ file }) => file === path)
      .map((lint) => ({ lint, line: lineOf(lint.path) }))
      .sort((one, other) => (one.line ?? 0) - (other.line ?? 0))
      .map(({ lint, line }) => ({ level: lint.level, ...configLine(lint, line) }));
  });
}

/**
 * With a default kind the NVIDIA_VISIBLE_DEVICES=all that is in every image of CUDA asks for all GPUs, and CDI gives them:
 * whoever chooses the image chooses that, whatever the scheduler has given the pod.
 */
function lintDefaultKind({ table, origins, rules }: MergedConfig): readonly FileLint[] {
  const { cdi = {} } = table as ConfigValues;
  const placed = rules.filter(({ table: rule }) => rule['use'] === 'cdi-devices');
  const uses: readonly (readonly [CdiValues, Origin | undefined])[] = placed.map(
    ({ table: rule, origin }) => {
      const options = (rule['options'] ?? {}) as CdiValues;
      const own: Origin = { ...origin, path: [...origin.path, 'options', 'default-kind'] };
      return [{ ...cdi, ...options }, 'default-kind' in options ? own : origins['cdi.default-kind']];
    },
  );
  const shared =
    cdi.enabled === true && placed.length === 0 ? [[cdi, origins['cdi.default-kind']] as const] : [];
  return [...uses, ...shared].flatMap(([values, origin]): FileLint[] => {
    const { sources, 'default-kind': kind, 'accept-env-when-unprivileged': accept = true } = values;
    if (kind === undefined || !accept || sources?.includes('env') === false || origin?.from !== 'file')
      return [];
    const message = `images of CUDA ask for all devices of ${quoted(kind)}, by a variable of their own (NVIDIA_VISIBLE_DEVICES=all), and get them, whatever the pod was given; where that is not meant, leave "env" out of sources, or set accept-env-when-unprivileged = false`;
    return [{ level: 'warning', message, file: origin.file, path: origin.path }];
  });
}
