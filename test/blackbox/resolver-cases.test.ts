import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import {
  SELF_PATH,
  selfCopy,
  selfFile,
  type Tree,
} from '../../packages/runtime-resolver/test/memory-file-system.js';
import {
  DEPTH_CASES,
  EXPLICIT_CASES,
  NVIDIA_CASES,
  type ResolverCase,
  RUNC_CASES,
  SCRIPT_CASES,
  TOOLKIT_CASES,
} from '../../packages/runtime-resolver/test/resolver-cases.js';
import { describeWith, recordingRuntime, startInState, wrapper } from './programs.js';
import { mount, scratchFolder } from './scratch.js';

const LOG = '/log';
const CONFIG = 'NVIDIA_CTK_CONFIG_FILE_PATH=';

/** The table that the TypeScript resolver is held to, with the packaged launcher in real trees. */
describeWith([], 'the launcher finds the runtime that the resolver finds', () => {
  let root: string;

  beforeAll(() => {
    root = scratchFolder('root');
    chmodSync(root, 0o755);
    mkdirSync(join(root, 'proc'));
    mount('-t', 'proc', 'proc', join(root, 'proc'));
  });

  function grow(tree: Tree): void {
    for (const name of readdirSync(root).filter((name) => name !== 'proc')) {
      rmSync(join(root, name), { recursive: true });
    }
    put(SELF_PATH, () => copyFileSync(wrapper, join(root, SELF_PATH)));
    // Folders last: some are not to be written to by then.
    const isFolder = (path: string) => tree[path]?.kind === 'folder';
    const paths = Object.keys(tree).sort((one, other) => Number(isFolder(one)) - Number(isFolder(other)));
    for (const path of paths) plant(path, tree[path] as Tree[string]);
  }

  function put(path: string, make: () => void): void {
    mkdirSync(join(root, dirname(path)), { recursive: true, mode: 0o755 });
    make();
  }

  function plant(path: string, entry: Tree[string]): void {
    const place = join(root, path);
    put(path, () => {
      switch (entry.kind) {
        case 'file':
        case 'unreadable':
          if (entry === selfFile) {
            linkSync(join(root, SELF_PATH), place);
          } else {
            const isScript = entry.kind === 'file' && entry.content?.startsWith('#!') === true;
            if (isScript) writeFileSync(place, entry.content ?? '');
            else copyFileSync(entry === selfCopy ? wrapper : recordingRuntime, place);
            chmodSync(place, entry.mode ?? 0o755);
          }
          return;
        case 'link':
          return symlinkSync(entry.to, place);
        case 'folder':
          mkdirSync(place, { recursive: true });
          chownSync(place, entry.uid ?? 0, 0);
          return chmodSync(place, entry.mode ?? 0o755);
        case 'device':
          spawnSync('mknod', [place, 'c', '1', '3']);
          return;
        // Root is refused nothing but a path that has no end.
        case 'error':
          return symlinkSync(basename(place), place);
      }
    });
  }

  /** The kernel gives every program an AT_EXECFN that leads to it. */
  function calledBy({ argv0, execFn = argv0, cwd = '/' }: ResolverCase): string {
    const path = execFn.startsWith('/') ? execFn : join(cwd, execFn);
    const isThere = lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
    if (!isThere) put(path, () => symlinkSync(SELF_PATH, join(root, path)));
    return execFn;
  }

  function call(row: ResolverCase) {
    grow(row.tree);
    const program = calledBy(row);
    if (row.cwd !== undefined) mkdirSync(join(root, row.cwd), { recursive: true });
    const hex = (text: string) => Buffer.from(text).toString('hex');
    const env = { ...row.env, OCIWRAP_LOG_FILE: LOG };
    return spawnSync(
      startInState,
      [
        ...[row.argv0, 'state', 'x'].map((text) => `arg=${hex(text)}`),
        ...Object.entries(env).map(([name, value]) => `env=${hex(`${name}=${value}`)}`),
        `root=${root}`,
        `cwd=${row.cwd ?? '/'}`,
        program,
      ],
      { encoding: 'utf8' },
    );
  }

  /** What was called, by the paths of the tree. */
  function records(folder = root): { argv: string[]; env: string[]; execFn: string }[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'proc' ? [] : records(path);
      return entry.name.endsWith('.record.json') ? [JSON.parse(readFileSync(path, 'utf8'))] : [];
    });
  }

  function warnings(): number {
    const log = join(root, LOG);
    return existsSync(log) ? readFileSync(log, 'utf8').split('"level":"warn"').length - 1 : 0;
  }

  describe.each([
    ['SGS_RUNC_PATH', EXPLICIT_CASES],
    ['mode runc', RUNC_CASES],
    ['mode nvidia', NVIDIA_CASES],
    ['depth', DEPTH_CASES],
    ['toolkit', TOOLKIT_CASES],
    ['scripts', SCRIPT_CASES],
  ])('%s', (_title, cases) => {
    // Under the name of NVIDIA's hook the program is that hook, and no wrapper (nvidia-hook.test.ts).
    const asWrapper = cases.filter(({ execFn }) => !execFn?.endsWith('nvidia-container-runtime-hook'));
    test.each(asWrapper.map((row) => [row.name, row] as const))('%s', (_name, row) => {
      const { status, stderr } = call(row);
      if ('code' in row.expect) {
        expect(records()).toEqual([]);
        expect(stderr).toContain(`[${row.expect.code}]`);
        expect(status).toBe(1);
        return;
      }
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const [record, ...more] = records();
      expect(more).toEqual([]);
      expect(record?.execFn).toBe(row.expect.path);
      expect(record?.argv).toEqual([basename(row.expect.path), 'state', 'x']);
      expect(record?.env).toContain(`OCIWRAP_DEPTH=${row.expect.depth ?? 1}`);
      const named = record?.env.find((entry) => entry.startsWith(CONFIG) && entry !== CONFIG);
      if (cases === TOOLKIT_CASES) {
        const { [CONFIG.slice(0, -1)]: given = row.expect.nvidiaConfig } = row.env ?? {};
        expect(named).toBe(
          (given || row.expect.nvidiaConfig) && `${CONFIG}${given || row.expect.nvidiaConfig}`,
        );
      }
      expect(warnings()).toBe(row.expect.warnings ?? 0);
    });
  });
});
