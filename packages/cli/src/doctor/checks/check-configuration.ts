import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import type { World } from '../../commands/world.js';
import { checkedFiles } from '../../config/config-files.js';
import type { CheckedLine } from '../../config/lint/lint-config.js';
import type { Settings, SettingsFault } from '../../config/settings/settings.js';
import type { HandlerSettings } from '../facts/handler-settings.js';
import { type LastGoodPlace, whereLastGood } from '../facts/last-good-place.js';
import type { Finding } from '../finding.js';

/** What the configuration of a node says, and whether it can be used. */
export interface ConfigurationFacts {
  /** In the order in which they are merged; none on a node without a configuration. */
  readonly files: readonly string[];
  /** Why it cannot be used. */
  readonly fault?: SettingsFault;
  /** What `ociwrap config check` tells of what can be used. */
  readonly lints: readonly CheckedLine[];
  readonly rules: readonly string[];
  /** For the day when this one cannot be used. */
  readonly lastGood: LastGoodPlace;
}

/** Reads the configuration as a call would, and as `ociwrap config check` does. */
export async function configurationFacts(
  { system, env }: Pick<World, 'system' | 'env'>,
  { fault, rules }: Pick<Settings, 'fault' | 'rules'>,
): Promise<ConfigurationFacts> {
  const { files, lints } = await readFiles({ system, env });
  return {
    files,
    ...(fault === undefined ? {} : { fault }),
    lints,
    rules: rules.map(({ name }) => name),
    lastGood: whereLastGood(system, env),
  };
}

async function readFiles({
  system,
  env,
}: Pick<World, 'system' | 'env'>): Promise<Pick<ConfigurationFacts, 'files' | 'lints'>> {
  try {
    const files = checkedFiles(system, env);
    // A module of its own: whoever has no configuration never loads it.
    const { lintConfig } = await import('../../config/lint/lint-config.js');
    return { files: files.texts.map(({ path }) => path), lints: await lintConfig(files) };
  } catch {
    // What keeps the files from being read is the fault of the settings, and told as that.
    return { files: [], lints: [] };
  }
}

/** Whether the configuration can be used, and says what it was meant to say. */
export function checkConfiguration(facts: ConfigurationFacts): readonly Finding[] {
  const { files, fault, lints, rules, lastGood } = facts;
  const told = lints.map(
    ({ level, text }): Finding => ({
      check: 'configuration',
      level: level === 'error' ? 'fault' : 'warning',
      message: text,
      remedy: 'correct the named place; `ociwrap config check` looks at it again',
    }),
  );
  if (fault !== undefined) return [faultFinding(fault, lastGood !== 'none'), ...told];
  const read = files.length === 0 ? 'no configuration: the defaults hold' : files.map(quoted).join(', ');
  const names = rules.map(printable).join(', ') || 'none';
  return [
    ...told,
    { check: 'configuration', level: 'ok', message: `${read}; rules: ${names}` },
    ...(files.length === 0 ? [] : lastGoodFindings(lastGood)),
  ];
}

/**
 * What is wrong with that of a handler alone. What all calls have in common is told once, by {@link checkConfiguration}.
 *
 * @param fault - of that without a handler
 */
export function checkHandlerSettings(
  handlers: readonly HandlerSettings[],
  fault: SettingsFault | undefined,
): readonly Finding[] {
  return handlers.flatMap(({ handler, settings, lastGood }) => {
    const own = settings.fault;
    if (own === undefined || own.message === fault?.message) return [];
    const finding = faultFinding(own, lastGood !== 'none');
    return [{ ...finding, message: `handler ${quoted(handler)}: ${finding.message}` }];
  });
}

function lastGoodFindings(lastGood: ConfigurationFacts['lastGood']): readonly Finding[] {
  if (lastGood === 'on-disk') return [];
  return [
    lastGood === 'in-memory'
      ? {
          check: 'configuration',
          level: 'warning',
          message:
            'what this configuration claims is kept in memory only: should it break, every container is refused after a reboot',
          remedy: 'see what keeps root from writing /var/lib/ociwrap',
        }
      : {
          check: 'configuration',
          level: 'note',
          message:
            'nothing is kept yet of what this configuration claims: should it break before the first start of a container, every container is refused',
          remedy: 'start any container of the handler',
        },
  ];
}

function faultFinding({ code, message, hint }: SettingsFault, hasLastGood: boolean): Finding {
  const what = hasLastGood
    ? 'every container that the last good configuration might have rewritten is refused'
    : 'nothing is kept of a good configuration, so every container is refused';
  return {
    check: 'configuration',
    level: 'fault',
    message: `the configuration cannot be used [${code}]: ${printable(message)}; ${what}`,
    remedy: printable(hint ?? 'correct it; `ociwrap config check` looks at it again'),
  };
}
