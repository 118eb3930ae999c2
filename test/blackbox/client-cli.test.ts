import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { clientMachine } from './client-machine.js';
import { describeWith, ociwrap, onNode, program } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** What a container does that is to be found running, and to end when it is asked to. */
const UNTIL_TERM = `trap 'echo asked; exit 5' TERM; echo ready; while :; do busybox sleep 0.05; done`;

/** Of `exec` the size comes a moment after the program has begun: the terminal has none before. */
const SIZE = `until size=$(busybox stty size 2>/dev/null); [ -n "$size" ]; do busybox sleep 0.02; done
echo $size; [ -t 0 ] && [ -t 1 ] && echo a terminal; exit 3`;

const DEVPTS = {
  destination: '/dev/pts',
  type: 'devpts',
  source: 'devpts',
  options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
};

/** The same bundle with another config.json. */
function changed(bundle: string, change: (spec: Spec) => Spec): string {
  const path = join(bundle, 'config.json');
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
  return bundle;
}

const withArgs =
  (...args: string[]) =>
  (spec: Spec): Spec => ({
    ...spec,
    process: { ...(spec.process as NonNullable<Spec['process']>), args },
  });

const withTerminals = (spec: Spec): Spec => ({ ...spec, mounts: [...(spec.mounts ?? []), DEVPTS] });

const withTerminal = (spec: Spec): Spec =>
  withTerminals({
    ...spec,
    process: { ...(spec.process as NonNullable<Spec['process']>), terminal: true },
  });

/** Until a program has printed something. */
async function printed({ stdout }: ChildProcess, text: string): Promise<void> {
  let all = '';
  stdout?.setEncoding('utf8').on('data', (part) => {
    all += part;
  });
  while (!all.includes(text)) await once(stdout as NonNullable<typeof stdout>, 'data');
}

if (onNode) {
  for (const runtime of ['runc', 'crun'] as const) {
    describeWith([runtime, 'busybox', 'script'], `containers by hand with ${runtime}`, () => {
      const machine = clientMachine(runtime);
      const { runtime: path, root } = machine.options;
      const chosen = ['--runtime', path, '--root', root];
      const call = (...args: readonly string[]) => runProgram(ociwrap, args);
      const data = (...args: readonly string[]) => JSON.parse(call(...args).stdout);
      /** Nothing is left, on the machine and in the list. */
      const left = () => [...machine.left(), ...data('ps').containers];

      test('run prints what the container prints, and ends as it does', () => {
        const bundle = machine.bundle('read word; echo got $word; echo fault >&2; exit 7');
        const ended = runProgram(ociwrap, ['run', bundle, ...chosen], { input: 'this\n' });
        expect(ended).toMatchObject({ status: 7, stdout: 'got this\n', stderr: 'fault\n' });
        const told = call('run', bundle, ...chosen, '--id', 'told', '--json');
        expect(JSON.parse(told.stderr.split('\n').at(-2) ?? '')).toEqual({ id: 'told', exitCode: 7 });
        expect(left()).toEqual([]);
      });

      test.each<[what: string, bundle: () => string, status: number, code: string]>([
        [
          'a program that is not there',
          () => changed(machine.bundle(''), withArgs('nope')),
          127,
          'ERR_RUNTIME_CALL',
        ],
        [
          'a path that is not there',
          () => changed(machine.bundle(''), withArgs('/bin/nope')),
          127,
          'ERR_RUNTIME_CALL',
        ],
        [
          'a file that is no program',
          () => changed(machine.bundle(''), withArgs('/proc/version')),
          126,
          'ERR_RUNTIME_CALL',
        ],
        ['a bundle that is not there', () => '/nowhere', 125, 'ERR_RUNTIME_CALL'],
      ])('of %s it has a status of its own', (_what, bundle, status, code) => {
        const ended = call('run', bundle(), ...chosen);
        expect(ended).toEqual({
          status,
          signal: null,
          stdout: '',
          stderr: expect.stringContaining(`[${code}]`),
        });
        expect(machine.left()).toEqual([]);
      });

      test('a signal that the command gets is one for the container', async () => {
        const running = spawn(ociwrap, ['run', machine.bundle(UNTIL_TERM), ...chosen], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const ended = once(running, 'exit');
        await printed(running, 'ready');
        running.kill('SIGTERM');
        expect(await ended).toEqual([5, null]);
        expect(left()).toEqual([]);
      });

      test('a container is left, listed, looked into, killed and deleted', async () => {
        const bundle = machine.bundle(UNTIL_TERM);
        const started = data('run', bundle, ...chosen, '--id', 'by-hand', '-d');
        expect(started).toEqual({ id: 'by-hand', pid: expect.any(Number), runtime: path, bundle });
        expect(data('ps')).toMatchObject({
          containers: [{ id: 'by-hand', status: 'running', pid: started.pid, runtime: path, root, bundle }],
        });
        expect(data('ps', ...chosen)).toMatchObject({ containers: [{ id: 'by-hand', pid: started.pid }] });
        expect(data('ps', 'by-')).toMatchObject({
          processes: expect.arrayContaining([
            { pid: started.pid, command: expect.stringContaining('/bin/sh -c') },
          ]),
        });
        if (runtime === 'runc') {
          expect(data('events', 'by-hand')).toMatchObject({ type: 'stats', id: 'by-hand' });
          expect(call('events', 'by-hand', '--json').stdout).toMatch(/^\{.*\}\n$/);
        } else {
          expect(call('events', 'by-hand')).toMatchObject({
            status: 1,
            stdout: '',
            stderr: expect.stringContaining('[ERR_RUNTIME_LACKS]'),
          });
        }
        expect(call('--get-yargs-completions', 'ociwrap', 'kill', 'by').stdout).toBe('by-hand\n');

        const looked = runProgram(
          ociwrap,
          ['exec', 'by-hand', '--', 'sh', '-c', 'cat; echo $0 >&2; exit 9'],
          {
            input: 'word',
          },
        );
        expect(looked).toMatchObject({ status: 9, stdout: 'word', stderr: 'sh\n' });
        expect(call('exec', 'by-hand', '--', 'sh', '-c', 'kill -9 $$').status).toBe(137);
        expect(call('exec', 'by-hand', '--', 'nope')).toMatchObject({
          status: 127,
          stderr: expect.stringContaining('[ERR_RUNTIME_CALL]'),
        });

        expect(call('delete', 'by-hand')).toMatchObject({
          status: 1,
          stderr: expect.stringContaining('[ERR_CONTAINER_STATE]'),
        });
        expect(data('kill', 'by-hand', 'term')).toEqual({ id: 'by-hand', signal: 'SIGTERM' });
        for (let status = ''; status !== 'stopped'; [{ status }] = data('ps').containers);
        expect(data('delete', 'by-hand')).toEqual({ id: 'by-hand' });
        expect(call('delete', 'by-hand')).toMatchObject({
          status: 1,
          stderr: expect.stringContaining('[ERR_CONTAINER_MISSING]'),
        });
        expect(left()).toEqual([]);
      });

      test('a container that runs is deleted by force', () => {
        data('run', machine.bundle(UNTIL_TERM), ...chosen, '--id', 'forced', '-d');
        expect(data('delete', 'forced', '--force')).toEqual({ id: 'forced' });
        expect(left()).toEqual([]);
      });

      test('on a terminal the container has it, and afterwards it is as it was', () => {
        const bundle = changed(machine.bundle(SIZE), withTerminal);
        // util-linux's script(1) is the terminal.
        const inTerminal = (command: string) => {
          const line = `stty rows 33 cols 111; stty -g >before; ${command}; echo "status $?"; stty -g >after`;
          const folder = scratchFolder('terminal');
          const { stdout } = runProgram('script', ['-qec', line, '/dev/null'], { cwd: folder });
          const [before, after] = ['before', 'after'].map((name) => readFileSync(join(folder, name), 'utf8'));
          expect(after).toBe(before);
          return stdout;
        };
        const ran = inTerminal(`'${ociwrap}' run -t ${bundle} ${chosen.join(' ')}`);
        expect(ran).toContain('33 111\r\na terminal\r\n');
        expect(ran).toContain('status 3');
        expect(inTerminal(`'${ociwrap}' run -t /nowhere ${chosen.join(' ')}`)).toContain('status 125');

        data('run', changed(machine.bundle(UNTIL_TERM), withTerminals), ...chosen, '--id', 'shown', '-d');
        const looked = inTerminal(`'${ociwrap}' exec shown -t -- sh -c '${SIZE}'`);
        expect(looked).toContain('33 111\r\na terminal\r\n');
        expect(looked).toContain('status 3');
        data('delete', 'shown', '-f');
        expect(left()).toEqual([]);
      });
    });
  }
  describeWith(['runsc', 'busybox'], 'containers by hand with runsc', () => {
    test('options of the runtime are remembered with the container', async () => {
      const machine = clientMachine('runsc');
      const { runtime: path, root, globalArgs } = machine.options;
      const flags = globalArgs.flatMap((arg) => ['--runtime-flag', arg.replace(/^--/, '')]);
      const data = (...args: readonly string[]) => JSON.parse(runProgram(ociwrap, args).stdout);
      const bundle = machine.bundle(UNTIL_TERM);
      const chosen = ['--runtime', path, '--root', root, ...flags];
      expect(data('run', ...chosen, bundle, '--id', 'flagged', '-d')).toMatchObject({ id: 'flagged' });
      expect(data('ps')).toMatchObject({ containers: [{ id: 'flagged', status: 'running' }] });
      expect(runProgram(ociwrap, ['exec', 'flagged', '--', 'sh', '-c', 'echo in; exit 3'])).toMatchObject({
        status: 3,
        stdout: 'in\n',
      });
      const events = spawn(ociwrap, ['events', 'flagged', '--follow'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(events, 'exit');
      await printed(events, '"type":"stats"');
      expect(data('kill', 'flagged')).toMatchObject({ id: 'flagged' });
      expect(await ended).toEqual([0, null]);
      expect(data('delete', 'flagged', '-f')).toEqual({ id: 'flagged' });
      expect(machine.left()).toEqual([]);
    }, 60_000);
  });
} else {
  describeWith(['runc'], 'containers by hand with the packaged program', () => {
    // An engine may know the wrapper by a link of this name.
    test.each([
      ['run', ['--bundle', '/nowhere', 'web']],
      ['exec', ['web', 'sh']],
      ['ps', ['web']],
      ['kill', ['web']],
      ['delete', ['web']],
      ['events', ['web']],
    ] as const)('%s is the call of an engine, and the runtime has the word', (command, args) => {
      const call = ['--root', scratchFolder('state'), command, ...args];
      const [wrapped, bare] = [ociwrap, program('runc')].map((file) => {
        const { stderr, ...ended } = runProgram(file, call);
        return { ...ended, stderr: stderr.replace(/time="[^"]*"/, 'time') };
      });
      expect(bare?.stderr).toMatch(/level=error/);
      expect(wrapped).toEqual(bare);
    });

    test('its help says which commands need Node.js', () => {
      const { stdout } = runProgram(ociwrap, ['--help']);
      expect(stdout.replace(/\s+/g, ' ')).toMatch(/ociwrap run <bundle> .*?\(needs Node\.js\)/);
    });
  });
}
