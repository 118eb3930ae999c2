import { chmodSync, closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';

import { expect, jest, test } from '@jest/globals';
import {
  Container,
  type ExecOptions,
  RuntimeClientError,
  type RuntimeProcess,
} from '@opencontainers-ts/runtime-client';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { clientMachine, descriptorsSince, ownDescriptors } from './client-machine.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

/** What runc's integration tests ask of exec, kill, pause, events, state and delete, as calls of a client; of crun what it has, too. */
const RUNTIMES = ['runc', 'crun'] as const;

jest.setTimeout(60_000);

const SLEEPING = 'exec sleep 1000';

const withoutPidNamespace = (spec: Spec): Spec => ({
  ...spec,
  linux: { ...spec.linux, namespaces: spec.linux?.namespaces?.filter(({ type }) => type !== 'pid') ?? [] },
});

/** A root that other users than root may enter, too. */
const forAll =
  (change: (spec: Spec) => Spec) =>
  (spec: Spec): Spec => {
    chmodSync(spec.root?.path ?? '', 0o755);
    return change(spec);
  };

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** What a program printed, and how it ended. */
async function ended({ stdin, stdout, stderr, exit }: RuntimeProcess) {
  stdin?.end();
  const ending: Promise<unknown> = exit.catch((error: unknown) => error);
  const [out = '', errors = ''] = await Promise.all(
    [stdout, stderr].map((stream) => text(stream ?? Readable.from([]))),
  );
  const end = await ending;
  return { out, errors, end };
}

for (const runtime of RUNTIMES) {
  describeWith([runtime, 'busybox'], `what is asked of ${runtime} by the tests of runc`, () => {
    const machine = clientMachine(runtime);
    const { client, store, bundle, left } = machine;

    /** A container for one test, which leaves nothing. */
    async function withContainer(
      act: (container: Container) => Promise<void>,
      { script = SLEEPING, change = (spec: Spec): Spec => spec } = {},
    ): Promise<void> {
      await client.version();
      const before = ownDescriptors();
      const container = await Container.run(client, {
        id: 'case',
        bundle: bundle(script, forAll(change)),
        store,
      });
      try {
        await act(container);
      } finally {
        await container.destroy();
      }
      expect(left()).toEqual([]);
      // What a program had is closed a moment after its end.
      while (descriptorsSince(before).length > 0) await setImmediate();
    }

    const run = async (container: Container, args: readonly string[], more: Omit<ExecOptions, 'args'> = {}) =>
      ended(await container.exec({ args, ...more }));

    test('exec: the status of the program, and what it printed', () =>
      withContainer(async (container) => {
        const rows = [
          [['/bin/sh', '-c', 'echo Hello from exec'], { exitCode: 0 }, 'Hello from exec\n'],
          [['/bin/false'], { exitCode: 1 }, ''],
          [['/bin/sh', '-c', 'exit 42'], { exitCode: 42 }, ''],
        ] as const;
        for (const [args, end, out] of rows) {
          expect(await run(container, args)).toEqual({ out, errors: '', end });
        }
      }));

    test('exec: a program, a folder for the pid file and a container that are not there', () =>
      withContainer(async (container) => {
        expect((await run(container, ['/bin/no-such-binary'])).end).toMatchObject({
          code: 'ERR_RUNTIME_CALL',
          message: expect.stringContaining('no-such-binary'),
        });
        const pidFile = join(scratchFolder('pid'), 'missing', 'pid');
        expect((await run(container, ['/bin/true'], { pidFile })).end).toMatchObject({
          code: 'ERR_RUNTIME_CALL',
        });
        const nowhere = await client.exec('no_such_container', { args: ['/bin/true'] });
        expect((await ended(nowhere)).end).toMatchObject({
          code: 'ERR_RUNTIME_CALL',
          details: { reason: 'not-found' },
        });
      }));

    test('exec: a script whose interpreter is not there is one error, told once', () =>
      withContainer(
        async (container) => {
          const { end, out, errors } = await run(container, ['/dev/run.sh']);
          // The last process of the runtime says it in the program's place, and the runtime itself hears of no failure; that of crun 1.8 does.
          const failed = end instanceof RuntimeClientError ? end.message : '';
          expect((failed === '' ? errors : failed).match(/no such file or directory/gi)).toHaveLength(1);
          expect({ out, end }).toEqual({
            out: '',
            end: failed === '' ? { exitCode: expect.any(Number) } : end,
          });
          expect(end).not.toEqual({ exitCode: 0 });
        },
        {
          script: 'printf "#!/mmnnttbb foo bar\\nsh\\n" >/dev/run.sh; chmod +x /dev/run.sh; exec sleep 1000',
        },
      ));

    test('exec: a pid file with the pid of the program', () =>
      withContainer(async (container) => {
        const pidFile = join(scratchFolder('pid'), 'pid');
        const script = 'echo $$ >/dev/own; readlink /proc/self/ns/pid';
        await run(container, ['/bin/sh', '-c', script], { pidFile });
        const pid = Number(readFileSync(pidFile, 'utf8'));
        expect(pid).toBeGreaterThan(1);
        expect(pid).not.toBe((await container.state()).pid);
      }));

    test('exec: in a folder, with variables, as a user, with groups', () =>
      withContainer(async (container) => {
        const out = async (script: string, more: Omit<ExecOptions, 'args'>) =>
          (await run(container, ['/bin/sh', '-c', script], more)).out;
        expect(await out('pwd', { cwd: '/bin' })).toBe('/bin\n');
        expect(await out('echo $TOLD', { env: ['TOLD=true', 'PATH=/bin'] })).toBe('true\n');
        expect(await out('grep -E "^[UG]id" /proc/self/status', { user: '1000:1001' })).toBe(
          'Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\n',
        );
        if (runtime === 'runc') {
          // By default the home of a user that no /etc/passwd names.
          expect(await out('echo $HOME', { user: '1000' })).toBe('/\n');
          const groups = { user: '1000:1000', additionalGids: [100, 65534] };
          expect(await out('grep Groups /proc/self/status', groups)).toMatch(
            /^Groups:\t(?:1000 )?100 65534 ?\n$/,
          );
        }
      }));

    // crun gives its streams to the user, /dev/null of the machine too.
    if (runtime === 'runc') {
      test('exec: as a user with /dev/null as its streams, which stays who it belongs to', () =>
        withContainer(async (container) => {
          const owner = () => {
            const { uid, gid } = statSync('/dev/null');
            return { uid, gid };
          };
          const before = owner();
          const process = await container.exec({
            args: ['/bin/true'],
            user: '1000:1000',
            detach: true,
            stdio: 'ignore',
          });
          await process.exit;
          expect(owner()).toEqual(before);
        }));
    }

    test('exec: descriptors of the caller', () =>
      withContainer(async (container) => {
        const file = join(scratchFolder('fd'), 'file');
        writeFileSync(file, 'hello\n');
        const [first, second] = ['/dev/null', file].map((path) => openSync(path, 'r')) as [number, number];
        const process = await container.exec({
          args: ['/bin/sh', '-c', 'cat <&4'],
          preserveDescriptors: [first, second],
        });
        expect(await ended(process)).toEqual({ out: 'hello\n', errors: '', end: { exitCode: 0 } });
        for (const fd of [first, second]) closeSync(fd);
      }));

    test('kill: of what has stopped, and of nothing', () =>
      withContainer(async (container) => {
        await container.signal('SIGKILL');
        expect(await container.wait()).toEqual({ signal: 'SIGKILL' });
        await expect(container.signal('SIGTERM')).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' });
        await expect(client.kill('case', 'SIGKILL')).rejects.toMatchObject({ code: 'ERR_RUNTIME_CALL' });
        await expect(client.kill('nothing', 'SIGKILL')).rejects.toMatchObject({
          code: 'ERR_RUNTIME_CALL',
          details: { reason: 'not-found' },
        });
      }));

    for (const isForced of [false, true]) {
      const how = isForced ? 'delete --force' : 'kill --all, and delete';
      test(`${how}: in the PID namespace of the host, where processes outlive the first one`, () =>
        withContainer(
          async (container) => {
            const others = await Promise.all(
              [1, 2, 3].map(() => container.exec({ args: ['/bin/sleep', '1000'], detach: true })),
            );
            const [{ pid: first }, pids] = [await container.state(), others.map(({ pid }) => pid)];
            process.kill(first as number, 'SIGKILL');
            await container.wait();
            expect(pids.filter((pid) => !isThere(pid as number))).toEqual([]);
            if (isForced) await client.delete('case', { force: true });
            else {
              await client.kill('case', 'SIGKILL', { all: true });
              await Promise.all(others.map(({ exit }) => exit));
              await client.delete('case');
            }
            await Promise.all(others.map(({ exit }) => exit));
            expect(pids.filter((pid) => isThere(pid as number))).toEqual([]);
            await expect(client.state('case')).rejects.toMatchObject({ details: { reason: 'not-found' } });
          },
          { change: withoutPidNamespace },
        ));
    }

    test('pause and resume: exec waits for neither, and with ignorePaused for both', () =>
      withContainer(async (container) => {
        await container.pause();
        expect((await container.state()).status).toBe('paused');
        await expect(container.exec({ args: ['/bin/true'] })).rejects.toMatchObject({
          code: 'ERR_CONTAINER_STATE',
        });
        if (runtime === 'runc') {
          const waiting = ended(await client.exec('case', { args: ['/bin/true'], ignorePaused: true }));
          await container.resume();
          expect((await waiting).end).toEqual({ exitCode: 0 });
        } else await container.resume();
        expect((await container.state()).status).toBe('running');
        expect((await run(container, ['/bin/true'])).end).toEqual({ exitCode: 0 });
        for (const change of [client.pause('nothing'), client.resume('nothing')]) {
          await expect(change).rejects.toMatchObject({ details: { reason: 'not-found' } });
        }
      }));

    test('state and delete: there, stopped, gone; what is paused by force alone', () =>
      withContainer(async (container) => {
        await expect(client.delete('case')).rejects.toMatchObject({ details: { reason: 'not-stopped' } });
        await container.pause();
        await client.delete('case', { force: true });
        await expect(client.state('case')).rejects.toMatchObject({ details: { reason: 'not-found' } });
        // What nobody knows is deleted by force, again and again.
        await client.delete('case', { force: true });
        await expect(client.delete('case')).rejects.toMatchObject({ details: { reason: 'not-found' } });
      }));

    if (runtime === 'runc') {
      test('events: until the container ends, and what runs out of memory', () =>
        withContainer(
          async (container) => {
            const types = new Set<string>();
            for await (const { id, type } of container.events({ interval: 1 })) {
              expect(id).toBe('case');
              if (!types.has(type) && type === 'stats') {
                const hog = 'x=$(cat /dev/zero | tr "\\0" x | head -c 200000000); echo "$x" | head -c 1';
                await ended(await container.exec({ args: ['/bin/sh', '-c', hog], stdio: 'ignore' }));
              }
              types.add(type);
              if (type === 'oom') await client.delete('case', { force: true });
            }
            expect([...types].sort()).toEqual(['oom', 'stats']);
          },
          {
            change: (spec) => ({
              ...spec,
              linux: { ...spec.linux, resources: { memory: { limit: 32 * 1024 * 1024 } } },
            }),
          },
        ));
    }
  });
}
