import {
  type FileSystem,
  type Resolution,
  resolveRuntime,
  type Verdict,
} from '@opencontainers-ts/runtime-resolver';
import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import type { World } from '../../commands/world.js';
import type { Finding } from '../finding.js';

/** A name that an engine calls us by, and the runtime that such a call would become. */
export interface ResolvedName {
  /** A path, or a bare name. */
  readonly name: string;
  readonly resolution: Resolution;
}

/**
 * What each name would lead to, in the environment of this command: the service of an engine may have another one.
 *
 * @param names - see {@link ResolvedName}
 */
export async function resolvedNames(
  names: readonly string[],
  { env, self, settingsFor, host }: ResolvingWorld,
): Promise<readonly ResolvedName[]> {
  // How deep this very command was called says nothing of a call of an engine.
  const { OCIWRAP_DEPTH: _, ...engineEnv } = env;
  const resolved: ResolvedName[] = [];
  for (const name of names) {
    // A handler has a configuration of its own.
    const { runtime: configured } = await settingsFor(name);
    const query = { invokedAs: name, execFn: name, cwd: '/', self, env: engineEnv, configured };
    resolved.push({ name, resolution: resolveRuntime(query, host) });
  }
  return resolved;
}

type ResolvingWorld = Pick<World, 'env' | 'self' | 'settingsFor'> & { readonly host: FileSystem };

/** Whether each name leads to a runtime, and by which way. */
export function checkResolution(resolved: readonly ResolvedName[]): readonly Finding[] {
  return resolved.flatMap(({ name, resolution }): readonly Finding[] => {
    const { runtime, error, warnings, trail } = resolution;
    const told: readonly Finding[] = warnings.map((warning) => ({
      check: 'resolution',
      level: 'warning',
      message: `called as ${quoted(name)}: ${printable(warning)}`,
    }));
    if (runtime === undefined) {
      return [
        ...told,
        {
          check: 'resolution',
          level: 'fault',
          message: `a call as ${quoted(name)} finds no runtime (${error?.code ?? 'ERR_RUNTIME_MISSING'}): ${printable(error?.message ?? '')}`,
          remedy: printable(error?.hint ?? 'install a runtime'),
        },
      ];
    }
    const passed = trail.filter(({ verdict }) => verdict !== 'taken' && verdict !== 'missing');
    const beside = passed.length === 0 ? '' : `; passed over ${passed.map(passedOver).join(', ')}`;
    const from = trail.at(-1)?.from ?? 'PATH';
    const place =
      runtime.realPath === undefined || runtime.realPath === runtime.path
        ? ''
        : `, which is ${quoted(runtime.realPath)}`;
    return [
      ...told,
      {
        check: 'resolution',
        level: 'ok',
        message: `a call as ${quoted(name)} becomes ${quoted(runtime.path)}${place} (${ORIGINS[from]})${beside}`,
      },
    ];
  });
}

const ORIGINS: Readonly<Record<Verdict['from'], string>> = {
  GUARDIAN_RUNC_SHIM_BINARY: 'named by GUARDIAN_RUNC_SHIM_BINARY',
  SGS_RUNC_PATH: 'named by SGS_RUNC_PATH',
  configuration: 'named in the configuration',
  beside: 'beside the name of the call',
  PATH: 'on the search path',
  'built-in': 'where packages put it',
};

function passedOver({ candidate, verdict, detail }: Verdict): string {
  const why = {
    'is-self': 'this program',
    'not-executable': 'not executable',
    'untrusted-folder': "its folder is not root's alone",
    'script-of-itself': 'a script that calls itself',
  };
  const words = verdict === 'taken' || verdict === 'missing' ? verdict : why[verdict];
  return `${quoted(candidate)} (${detail === undefined ? words : `${words}: ${printable(detail)}`})`;
}
