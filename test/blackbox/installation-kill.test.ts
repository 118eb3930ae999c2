import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { type NodeTree, nodeTree } from './node-tree.js';
import { describeWith, program } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** A system call of a command: strace(1) finds it again by its name and by how many of that name come before it. */
interface ChangingCall {
  readonly name: string;
  readonly when: number;
}

/** Before any other call all is as it was before the one of these that came last. */
const CHANGES = ['mkdirat', 'renameat2', 'symlinkat', 'linkat', 'unlinkat', 'write'];
/** What else may fail while something is changed. */
const MAY_FAIL = [...CHANGES, 'fchmod', 'fsync', 'openat'];

/** What the kernel says of a disk that is full, broken or only read. */
const ERRORS = ['ENOSPC', 'EIO', 'EROFS'] as const;

const FOLDERS = ['data', 'etc', 'run', 'usr', 'var'];

/** A command on a node that something happens to. */
class Scene {
  readonly node: NodeTree;
  readonly #command: readonly string[];
  readonly #before = scratchFolder('before');
  readonly #trace = join(scratchFolder('trace'), 'calls');

  /** The node is as it is to be before the command. */
  constructor(node: NodeTree, command: readonly string[]) {
    this.node = node;
    this.#command = command;
    for (const folder of FOLDERS) copy(join(node.path, folder), this.#before);
  }

  anew(): void {
    for (const folder of FOLDERS) {
      rmSync(join(this.node.path, folder), { recursive: true });
      copy(join(this.#before, folder), this.node.path);
    }
  }

  call(options?: readonly string[]): Ended {
    const [file = '', ...args] = [
      ...(options === undefined ? [] : [program('strace'), '-qq', ...options]),
      ...this.#command,
    ];
    return runProgram(file, args);
  }

  inject(call: ChangingCall, what: string): Ended {
    return this.call(['-o', '/dev/null', `--inject=${call.name}:${what}:when=${call.when}`]);
  }

  /** Those of a whole run that change something. Of many writes of one file the first stands for all. */
  changes(names = CHANGES): readonly ChangingCall[] {
    this.anew();
    expect(this.call(['-o', this.#trace])).toMatchObject({ status: 0, stderr: '' });
    const counts = new Map<string, number>();
    const lines = readFileSync(this.#trace, 'utf8').split('\n').slice(1);
    let last = '';
    return lines.flatMap((line) => {
      const name = /^(\w+)\(/.exec(line)?.[1] ?? '';
      const when = (counts.get(name) ?? 0) + 1;
      counts.set(name, when);
      const isChange =
        names.includes(name) &&
        !/^write\([12],/.test(line) &&
        (name !== 'openat' || line.includes('O_CREAT'));
      const isRepeated = name === 'write' && last === 'write';
      if (isChange) last = name;
      return isChange && !isRepeated ? [{ name, when }] : [];
    });
  }
}

function copy(from: string, to: string): void {
  expect(runProgram(program('cp'), ['-a', from, to])).toMatchObject({ status: 0, stderr: '' });
}

describeWith(['strace', 'chroot', 'cp'], 'an installation, interrupted', () => {
  let node: NodeTree;
  beforeAll(() => {
    node = nodeTree();
    writeFileSync(join(node.path, 'src/config.toml'), 'fast-path = true\n');
  });
  const BUSY = ['install', '--as', '/usr/bin/runc', '--config', '/src/config.toml'];
  const wrapper = () => join(node.path, 'data/opt/ociwrap/bin/oci-runtime-wrapper');
  const runc = () => join(node.path, 'usr/bin/runc');

  /** What engines would meet at this moment. */
  const faults = (isInstalled: boolean): readonly string[] => {
    const env = { SGS_RUNC_PATH: program('true'), OCIWRAP_LOG_FILE: '/dev/null' };
    const isCalled = isInstalled && runProgram(wrapper(), ['state', 'x'], { env }).status !== 0;
    const real = existsSync(`${runc()}.real`) ? `${runc()}.real` : runc();
    const isWhole =
      existsSync(real) &&
      readFileSync(real, 'utf8') === '#!/nothing\n' &&
      (statSync(real).mode & 0o7777) === 0o711;
    const [entry] = Object.entries(node.listing()).filter(([path]) => path === '/usr/bin/runc');
    return [
      ...(isCalled ? ['the wrapper cannot be called'] : []),
      ...(isWhole ? [] : ['the runtime is not what it was']),
      ...(entry === undefined ? ['there is no runtime'] : []),
    ];
  };

  test.each<[string, boolean, () => readonly string[]]>([
    [
      'an upgrade',
      true,
      () => {
        node.call('a', 'install');
        return node.command('b', ...BUSY);
      },
    ],
    [
      'an uninstallation',
      false,
      () => {
        node.call('a', ...BUSY);
        node.call('b', 'install');
        return node.command('b', 'uninstall');
      },
    ],
  ])(
    'killed at any call that changes something, the next run mends it: %s',
    (_, isInstalled, prepare) => {
      node.anew();
      const scene = new Scene(node, prepare());
      const calls = scene.changes();
      const whole = node.listing();
      const found: string[] = [];
      for (const call of calls) {
        const told = (what: string) => found.push(`${call.name} ${call.when}: ${what}`);
        scene.anew();
        if (scene.inject(call, 'signal=KILL').signal !== 'SIGKILL') told('was not killed');
        faults(isInstalled).forEach(told);
        const { status, stderr } = scene.call();
        if (status !== 0) told(`then ${stderr}`);
        const [is, should] = [JSON.stringify(node.listing()), JSON.stringify(whole)];
        if (is !== should) told(`then ${is} and not ${should}`);
      }
      expect(found).toEqual([]);
      expect(calls.length).toBeGreaterThan(10);
    },
    600_000,
  );

  test('what fails is undone, or is mended by the next run, and is told', () => {
    node.anew();
    const scene = new Scene(node, node.command('a', ...BUSY));
    const calls = scene.changes(MAY_FAIL);
    const whole = JSON.stringify(node.listing());
    scene.anew();
    const before = JSON.stringify(node.listing());
    const found: string[] = [];
    for (const [index, call] of calls.entries()) {
      const error = ERRORS[index % ERRORS.length];
      const told = (what: string) => found.push(`${call.name} ${call.when}, ${error}: ${what}`);
      scene.anew();
      const { status, stderr } = scene.inject(call, `error=${error}`);
      if (status === 0 ? JSON.stringify(node.listing()) !== whole : !/\[ERR_INSTALLATION_\w+\]/.test(stderr))
        told(stderr);
      faults(false).forEach(told);
      const isUndone = JSON.stringify(node.listing()) === before;
      if (status !== 0 && !isUndone && !/nor could|is undone|all is done/.test(stderr))
        told(`left, and not told: ${stderr}`);
      if (status !== 0 && stderr.includes('is undone') && !isUndone)
        told(`not undone: ${JSON.stringify(node.listing())}`);
      const again = scene.call();
      if (again.status !== 0 || JSON.stringify(node.listing()) !== whole) told(`then ${again.stderr}`);
    }
    expect(found).toEqual([]);
  }, 600_000);
});
