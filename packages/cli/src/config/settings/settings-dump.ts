import { valueAt } from './resolve-settings.js';
import type { KeyPath, Origin, Settings } from './settings.js';
import { SETTINGS, type Setting } from './settings-table.js';

/** Every setting as plain data: what `ociwrap config dump --json` prints. Members are added, never renamed or removed. */
export interface SettingsDump {
  readonly settings: readonly {
    readonly key: string;
    readonly value: string | number | boolean | readonly string[];
    /** `default`, `name of the call`, a variable, or `FILE:LINE`. */
    readonly origin: string;
  }[];
  readonly rules: readonly { readonly name: string; readonly kind: string; readonly origin: string }[];
}

type ShownValue = SettingsDump['settings'][number]['value'];

type LineOf = (file: string, path: KeyPath) => number | undefined;

/** Settings with the origin of each. A key that has no value, such as the path of a runtime, is left out. */
export function settingsDump(settings: Settings, lineOf: LineOf): SettingsDump {
  return {
    settings: SETTINGS.flatMap((setting) => {
      const value = shownValue(setting, settings);
      return value === undefined
        ? []
        : [{ key: setting.key, value, origin: originText(settings.origins[setting.key], lineOf) }];
    }),
    rules: settings.ruleOrigins.map(({ name, kind, origin }) => ({
      name,
      kind,
      origin: originText(origin, lineOf),
    })),
  };
}

function shownValue({ key, place }: Setting, settings: Settings): ShownValue | undefined {
  const { named, paths } = settings.runtime;
  if (place !== undefined) return valueAt(settings, place) as ShownValue | undefined;
  return (named ?? paths?.[key === 'runtime.paths.runc' ? 'runc' : 'nvidia'])?.value;
}

function originText(origin: Origin | undefined, lineOf: LineOf): string {
  switch (origin?.from) {
    case 'environment':
      return origin.variable;
    case 'call':
      return 'name of the call';
    case 'file': {
      const line = lineOf(origin.file, origin.path);
      return line === undefined ? origin.file : `${origin.file}:${line}`;
    }
    default:
      return 'default';
  }
}
