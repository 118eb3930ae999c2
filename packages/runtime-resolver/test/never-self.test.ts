import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { resolveRuntime } from '../src/index.js';
import {
  type Entry,
  memoryFileSystem,
  program,
  SELF,
  SELF_PATH,
  selfCopy,
  selfFile,
  type Tree,
} from './memory-file-system.js';

const PLACES = [
  '/usr/local/sbin/runc',
  '/usr/bin/runc',
  '/usr/bin/runc.real',
  '/usr/sbin/runc',
  '/usr/bin/nvidia-container-runtime',
  '/usr/bin/nvidia-container-runtime.real',
  '/usr/local/bin/nvidia-container-runtime.real',
  '/opt/runc',
  SELF_PATH,
] as const;

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.constantFrom<Entry>(program, selfFile, selfCopy, { kind: 'folder' }, { kind: 'device' }),
  fc.constantFrom<Entry>(
    { kind: 'file', mode: 0o644 },
    { kind: 'error', code: 'EACCES' },
    { kind: 'unreadable' },
    // A name of ours that cannot be read: known by device and inode alone.
    { kind: 'unreadable', ino: Number(SELF.ino) },
  ),
  fc.constantFrom(...PLACES).map((to): Entry => ({ kind: 'link', to })),
);

const tree: fc.Arbitrary<Tree> = fc.dictionary(fc.constantFrom(...PLACES), entry, { maxKeys: PLACES.length });

const env = fc.record(
  {
    PATH: fc.constantFrom('', '/usr/bin', '/opt:/usr/bin', '.:/usr/local/sbin', '/opt/ociwrap/bin:/opt'),
    SGS_RUNC_PATH: fc.constantFrom('', 'runc', 'oci-runtime-wrapper', './runc', ...PLACES),
    SGS_WRAPPER_MODE: fc.constantFrom('', 'runc', 'nvidia', 'x'),
    OCIWRAP_DEPTH: fc.constantFrom('', '1', '3', '4'),
  },
  { requiredKeys: [] },
);

const called = fc.constantFrom('', 'runc', 'nvidia-container-runtime', './runc', ...PLACES);

/** Follows links by hand, apart from the code under test. */
function isOurs(path: string, files: Tree): boolean {
  let at = path;
  for (let hops = 0; files[at]?.kind === 'link' && hops < 20; hops += 1) {
    const next = files[at];
    at = next?.kind === 'link' ? next.to : at;
  }
  const found = files[at];
  return (
    at === SELF_PATH ||
    found === selfCopy ||
    (found !== undefined && 'ino' in found && found.ino === Number(SELF.ino))
  );
}

test('whatever the file system looks like, the runtime is not ourselves', () => {
  fc.assert(
    fc.property(
      tree,
      env,
      called,
      called,
      fc.constantFrom('/', '/usr/bin', ''),
      (files, variables, invokedAs, execFn, cwd) => {
        const query = { invokedAs, execFn, cwd, self: SELF, env: variables };
        const { runtime, error, trail } = resolveRuntime(query, memoryFileSystem(files));
        expect((runtime === undefined) !== (error === undefined)).toBe(true);
        expect(new Set(trail.map(({ candidate }) => candidate)).size).toBe(trail.length);
        if (runtime === undefined) return;
        expect(isOurs(runtime.path.replace('/./', '/'), files)).toBe(false);
        expect(trail.at(-1)).toMatchObject({ candidate: runtime.path, verdict: 'taken' });
      },
    ),
    { numRuns: 3000 },
  );
});
