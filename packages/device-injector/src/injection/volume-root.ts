import type { Call, Host, HostAction, Outcome } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonObject, valueAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { expectedResidue } from '../residue/expected-residue.js';
import { type PersistentRoot, persistentRoot } from '../residue/persistent-root.js';
import { withRunTmpfs } from '../residue/run-tmpfs.js';
import type { CdiSetup } from './cdi-options.js';
import type { Injection } from './inject-devices.js';
import { patchBetween } from './patch-between.js';

/** Whether it matters to the rule what the root of a container is. */
export function looksAtRoot({ residue, runTmpfs }: Pick<CdiSetup, 'residue' | 'runTmpfs'>): boolean {
  return residue === 'clean' || runTmpfs;
}

/**
 * The outcome of an injection with what a root that is a volume needs besides. A container that is restored from a
 * checkpoint needs what it had: its links are not made again, for no hook runs.
 */
export function withVolumeRoot(
  before: JsonObject,
  { verb }: Pick<Call, 'verb'>,
  { spec, edits, outcome }: Injection,
  setup: CdiSetup,
  host: Pick<Host, 'lstat'>,
): Outcome {
  const root = looksAtRoot(setup) ? persistentRoot(spec) : undefined;
  if (root === undefined || outcome.kind === 'refuse') return outcome;
  const final = setup.runTmpfs && hasPlaceForRun(spec, root, host) ? withRunTmpfs(spec) : spec;
  const actions: readonly HostAction[] =
    // What injections leave on an overlay lies in its upper, which the kernel does not want changed beneath a mount.
    setup.residue === 'clean' && verb !== 'restore' && !root.isOverlay
      ? [
          {
            kind: 'clean-residue',
            root: root.path,
            volume: root.volume,
            creates: expectedResidue(final, edits.mounts ?? []),
          },
        ]
      : [];
  if (final === spec) return { ...outcome, actions };
  const known = outcome.kind === 'pass' ? { holds: outcome.holds ?? [] } : outcome;
  const said = outcome.kind === 'pass' ? outcome.reason : outcome.note;
  return {
    ...known,
    kind: 'rewrite',
    note: `${said}; tmpfs on /run`,
    patch: patchBetween(before, final),
    actions,
  };
}

/** A volume that is mounted read-only cannot be given a folder to mount on: the container would not start. */
function hasPlaceForRun(spec: JsonObject, { path }: PersistentRoot, host: Pick<Host, 'lstat'>): boolean {
  return valueAt(spec, ['root', 'readonly']) !== true || host.lstat(`${path}/run`) !== undefined;
}
