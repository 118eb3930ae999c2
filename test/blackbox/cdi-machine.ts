import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Spec } from '@opencontainers-ts/runtime-spec';

import { configuredMachine } from './configured-machine.js';
import { program, wrapper } from './programs.js';
import type { Ended } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** Puts a folder in the place of /var/lib, where the wrapper keeps records, and lets the kubelet's volumes be seen in it. */
const OWN_VAR_LIB = `mkdir -p "$1/kubelet" && mount --rbind /var/lib/kubelet "$1/kubelet" &&
  mount --rbind "$1" /var/lib && shift && exec "$@"`;

/** crun refuses to start where a cgroup2 mount stands beside cgroup v1. */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  crun: ['sh', '-c', 'umount /sys/fs/cgroup/unified; exec "$@"', 'sh'],
};

/** Arguments before the verb. */
const GLOBALS: Readonly<Record<string, readonly string[]>> = {
  runsc: ['--network=none', '--ignore-cgroups'],
};

/** A machine with CDI specs and a configuration that injects their devices. */
export interface CdiMachine {
  /** Calls the wrapper in front of a runtime: a name, or the path of one that is not the machine's. */
  call(runtime: string, verb: string, ...args: readonly string[]): Ended;
  /** The same, for a call that leaves a process behind. */
  leave(runtime: string, verb: string, ...args: readonly string[]): Ended;
  /** The records of what injections left on volumes. */
  records(): readonly { readonly mountPoints: readonly string[] }[];
  /** What is kept of the versions of runtimes; none where nothing is. */
  versions(): string | undefined;
  /** Every message of the wrapper's log, with its level. */
  log(): readonly { readonly level: string; readonly msg: string }[];
}

/** @param more - lines of the table `cdi` */
export function cdiMachine(specs: Readonly<Record<string, object>>, more = ''): CdiMachine {
  const [varLib, state] = [scratchFolder('var-lib'), scratchFolder('state')];
  const logFile = join(state, 'wrapper.log');
  const machine = configuredMachine({
    'config.toml': `[cdi]\nenabled = true\nspec-dirs = ["/etc/ociwrap/cdi"]\n${more}\n`,
    ...Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [`cdi/${name}.json`, JSON.stringify(spec)]),
    ),
  });
  const call = (runtime: string, args: readonly string[], leavesProcess: boolean) => {
    const globals = ['--root', state, ...(GLOBALS[runtime] ?? [])];
    return machine.run(
      'sh',
      ['-c', OWN_VAR_LIB, 'sh', varLib, ...(WITHIN[runtime] ?? []), wrapper, ...globals, ...args],
      {
        env: { SGS_RUNC_PATH: runtime.includes('/') ? runtime : program(runtime), OCIWRAP_LOG_FILE: logFile },
        leavesProcess,
      },
    );
  };
  const folder = join(varLib, 'ociwrap/residue');
  return {
    call: (runtime, ...args) => call(runtime, args, false),
    leave: (runtime, ...args) => call(runtime, args, true),
    versions: () => {
      const file = join(machine.memory, 'runtime-versions');
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    },
    records: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))),
    log: () =>
      readFileSync(logFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

/** The same container, asking for devices by annotation. */
export function askingFor(spec: Spec, ...names: readonly string[]): Spec {
  return { ...spec, annotations: { ...spec.annotations, 'cdi.k8s.io/test': names.join(',') } };
}

/**
 * A hook as NVIDIA's are: a program of the host that reads the state on its standard input, the root of the container
 * from the bundle's config.json, and works on that. `create-symlinks --link TARGET::PATH` makes links,
 * `update-ldcache` leaves what the real one leaves.
 */
export interface RecordingHook {
  readonly path: string;
  /** What each call was: its name, its environment, and the root it found. */
  calls(): readonly { readonly name: string; readonly env: readonly string[]; readonly root: string }[];
}

export function recordingHook(): RecordingHook {
  const folder = scratchFolder('hook');
  const [path, record] = [join(folder, 'test-cdi-hook'), join(folder, 'calls')];
  mkdirSync(record);
  writeFileSync(
    path,
    `#!/bin/sh
set -eu
env > "${record}/env.$$"
# crun writes "/" as "\\/" since it writes by json-c.
state=$(/bin/cat | /usr/bin/tr -d '\\n\\\\')
bundle=$(printf %s "$state" | /bin/sed 's/.*"bundle" *: *"\\([^"]*\\)".*/\\1/')
root=$(/bin/sed 's/.*"root":{"path":"\\([^"]*\\)".*/\\1/' "$bundle/config.json")
count=$(/bin/ls "${record}" | /usr/bin/wc -l)
/bin/mkdir "${record}/call.$count"
/bin/mv "${record}/env.$$" "${record}/call.$count/env"
printf %s "$1" > "${record}/call.$count/name"
printf %s "$root" > "${record}/call.$count/root"
if [ "$1" = update-ldcache ]; then
  uuid=$(/bin/cat /proc/sys/kernel/random/uuid)
  /bin/mkdir -p "$root/etc/ld.so.conf.d" "$root/run/nvidia-ctk-hook/$uuid"
  echo /usr/lib > "$root/etc/ld.so.conf.d/zz-nvcr-$uuid.conf"
fi
shift
while [ $# -ge 2 ]; do
  target=\${2%%::*} link=\${2##*::}
  /bin/mkdir -p "$root$(/usr/bin/dirname "$link")"
  /bin/ln -sf "$target" "$root$link"
  shift 2
done
`,
    { mode: 0o755 },
  );
  const read = (call: string, name: string) => readFileSync(join(record, call, name), 'utf8');
  return {
    path,
    calls: () =>
      readdirSync(record)
        .sort((one, other) => Number(one.slice(5)) - Number(other.slice(5)))
        .map((call) => ({
          name: read(call, 'name'),
          env: read(call, 'env').trim().split('\n'),
          root: read(call, 'root'),
        })),
  };
}
