import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { ociwrap, packaged, wrapper } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';

/** The root folder of a node: the programs of this one, and a configuration of its own, as Debian's packages have left it. */
export interface EngineNode {
  readonly root: string;
  /** Calls `ociwrap engine` for it. */
  engine(...args: readonly string[]): Ended;
  /** The same under another program, such as strace. */
  engineUnder(before: readonly string[], ...args: readonly string[]): Ended;
  /** Text, owner and mode of each file that an engine may read. */
  configuration(): Readonly<Record<string, string>>;
}

const CONFIGURATIONS = ['containerd', 'docker', 'containers'];

/** Makes a node; its engines are found, and asked, as on any other. */
export function engineNode(): EngineNode {
  const root = scratchFolder('node');
  for (const folder of ['usr', 'etc', 'proc', 'run', 'tmp', 'dev', 'var/lib', packaged]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  mount('--bind', '/usr', join(root, 'usr'));
  mount('--bind', packaged, join(root, packaged));
  mount('-t', 'proc', 'proc', join(root, 'proc'));
  mount('--bind', '/dev', join(root, 'dev'));
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    if (existsSync(`/${name}`)) symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const name of CONFIGURATIONS) {
    const folder = join(root, 'etc', name);
    if (existsSync(`/etc/${name}`)) cpSync(`/etc/${name}`, folder, { recursive: true });
    else mkdirSync(folder);
  }
  const engineUnder = (before: readonly string[], ...args: readonly string[]) => {
    const [first = '', ...rest] = [...before, ociwrap, 'engine', ...args, '--host-root', root];
    return runProgram(first, rest);
  };
  return {
    root,
    engine: (verb, ...args) =>
      engineUnder([], verb ?? '', ...args, ...(verb === 'configure' ? ['--program', wrapper] : [])),
    engineUnder,
    configuration: () =>
      Object.fromEntries(CONFIGURATIONS.flatMap((name) => filesIn(join(root, 'etc', name)))),
  };
}

function filesIn(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, uid, gid } = statSync(path);
      return [path, `${mode} ${uid} ${gid}\n${readFileSync(path, 'utf8')}`];
    });
}
