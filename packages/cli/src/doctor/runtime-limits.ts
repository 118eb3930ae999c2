import { gvisorRelease } from '@opencontainers-ts/rootfs-rewriter';

/** What a release of a runtime does with the hooks of CDI devices, where it is not what the specification says. */
export interface RuntimeLimit {
  /** A sentence without a full stop. */
  readonly what: string;
  /** What to install instead. */
  readonly fixedIn: string;
}

/** The first release of gVisor that runs createContainer hooks (google/gvisor#13034). */
const RUNSC_RUNS_HOOKS = 20260520;

/**
 * The limits of a release. Devices of a GPU get their links and their library cache from createContainer hooks
 * (`nvidia-ctk hook`, `nvidia-cdi-hook`): where these are not run, or run at the wrong moment, the container starts without them or not
 * at all.
 */
export function runtimeLimits(name: string, version: string): readonly RuntimeLimit[] {
  if (name === 'runsc') {
    const release = gvisorRelease(version);
    return release !== undefined && release >= RUNSC_RUNS_HOOKS
      ? []
      : [
          {
            what: 'it runs no createContainer hooks, so that containers with CDI devices that rely on them are refused (ERR_CDI_HOOKS_SKIPPED)',
            fixedIn: `release-${RUNSC_RUNS_HOOKS}`,
          },
        ];
  }
  return name === 'crun' ? crunLimits(version) : [];
}

function crunLimits(version: string): readonly RuntimeLimit[] {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  const release = Number(major) * 1000 + Number(minor);
  if (release === 0) return [];
  // Builds of the branch between two releases are 1.28.0.0.N-hash. No release has it (containers/crun#2167, repaired by #2168 before 1.29).
  if (release === 1028 && /^1\.28\.0\.0\./.test(version)) {
    return [
      {
        what: 'a build of the branch before 1.29, which may run createContainer hooks before the mounts, so that hooks of CDI devices miss /proc',
        fixedIn: '1.29',
      },
    ];
  }
  // containers/crun#1924.
  return release < 1026
    ? [
        {
          what: 'it makes a read-only root read-only before the createContainer hooks, so that hooks of CDI devices fail there',
          fixedIn: '1.26',
        },
      ]
    : [];
}
