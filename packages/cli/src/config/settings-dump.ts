import type { KeyPath, Origin, Settings } from './settings.js';

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

type LineOf = (file: string, path: KeyPath) => number | undefined;

/** Settings with the origin of each. A key that has no value, such as the path of a runtime, is left out. */
export function settingsDump(settings: Settings, lineOf: LineOf): SettingsDump {
  const { runtime, log, cdi, origins } = settings;
  const values = {
    profile: settings.profile,
    'config-mode': settings.configMode,
    'fast-path': settings.fastPath,
    'module-timeout': settings.moduleTimeout,
    'runtime.mode': runtime.mode,
    'runtime.paths.runc': (runtime.named ?? runtime.paths?.runc)?.value,
    'runtime.paths.nvidia': (runtime.named ?? runtime.paths?.nvidia)?.value,
    'runtime.search': runtime.search,
    'log.file': log.file,
    'log.level': log.level,
    'log.format': log.format,
    'log.max-size': log.maxSize,
    'volumes.kubelet-root': settings.kubeletRoot,
    'volumes.host-path-folders': settings.hostPathFolders,
    'volumes.require-mount-point': settings.requireMountPoint,
    'volumes.without-mount': settings.withoutMount,
    'cdi.enabled': cdi.enabled,
    'cdi.spec-dirs': cdi.specDirs,
    'cdi.sources': cdi.sources,
    'cdi.devices': cdi.devices,
    'cdi.default-kind': cdi.defaultKind,
    'cdi.accept-env-when-unprivileged': cdi.acceptEnvWhenUnprivileged,
    'cdi.residue': cdi.residue,
    'cdi.run-tmpfs': cdi.runTmpfs,
    'cdi.hooks-skipped': cdi.hooksSkipped,
    'cdi.gvisor-runs-hooks': cdi.gvisorRunsHooks,
    'nvidia.profile': settings.nvidiaProfile,
  };
  return {
    settings: Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, value, origin: originText(origins[key], lineOf) }],
    ),
    rules: settings.ruleOrigins.map(({ name, kind, origin }) => ({
      name,
      kind,
      origin: originText(origin, lineOf),
    })),
  };
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
