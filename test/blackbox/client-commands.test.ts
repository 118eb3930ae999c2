import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';

import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { capabilitiesOf, type RuntimeClient, type RuntimeProcess } from '@opencontainers-ts/runtime-client';

import { isUpTo } from '../../packages/runtime-client/src/dialects/version-order.js';
import { bundleOf, specOf } from './bundle.js';
import {
  clientMachine,
  descriptorsSince,
  ownDescriptors,
  processesNaming,
  RUNTIMES,
} from './client-machine.js';
import { describeWith } from './programs.js';
import { atEnd, scratchFolder } from './scratch.js';

/** The releases that the table of what a runtime can do was made of. */
const NEWEST_IN_TABLE = { runc: '1.1.15', crun: '1.21', runsc: '20240729.0' } as const;

/** Which command finds that there is no such program. */
const FAILED_START = { runc: 'create', crun: 'create', runsc: 'start' } as const;

/** A bundle of a container that lives until it is killed, or of the script. */
const bundle = (script = 'trap exit TERM; while :; do sleep 1; done') => bundleOf(specOf(script));

/** The error of a call that has to fail. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

const refused = (reason: string) => ({ code: 'ERR_RUNTIME_CALL', details: { reason } });

/** Until the runtime sees that a container has stopped, which it may a moment after its process is gone. */
async function untilStopped(client: RuntimeClient, id: string): Promise<void> {
  for (;;) {
    if ((await client.state(id)).status === 'stopped') return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** What the program printed, and how it ended. */
async function result(process: RuntimeProcess) {
  const [stdout, stderr, exit] = await Promise.all([
    text(process.stdout ?? Readable.from([])),
    text(process.stderr ?? Readable.from([])),
    process.exit,
  ]);
  return { stdout, stderr, exit };
}

describeWith(['runc', 'crun', 'runsc', 'busybox'], 'a client calls the commands of', () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('runtime-client-'));

  for (const name of RUNTIMES) {
    let client: RuntimeClient;
    beforeAll(() => {
      client = clientMachine(name).client;
      atEnd(async () => {
        for (const { id } of await client.list()) await client.delete(id, { force: true });
      });
    });

    let before: readonly string[];
    beforeEach(() => {
      before = ownDescriptors();
    });
    afterEach(async () => {
      // What was destroyed, and what a container that ended had, is closed a moment later.
      while (descriptorsSince(before).length > 0) await setImmediate();
      expect(descriptorsSince(before)).toEqual([]);
    });

    test(`${name}: what it is`, async () => {
      const runtime = await client.version();
      const { dialect, version } = runtime;
      expect(dialect).toBe(name);
      expect(version).toMatch(/\d/);
      const { isKnown, isTold, commands, hooks, checkpoint } = await client.capabilities();
      expect(isKnown).toBe(true);
      expect(isTold).toBe(commands.includes('features'));
      expect(hooks).toContain('createRuntime');
      expect(hooks.includes('createContainer')).toBe(name !== 'runsc');
      expect(checkpoint).toBe(commands.includes('checkpoint'));
      if (isTold) {
        // The table is right about what it would say in place of the runtime.
        const { ociVersionMin, hooks, linux, potentiallyUnsafeConfigAnnotations } = await client.features();
        const table = capabilitiesOf(runtime, undefined);
        expect(ociVersionMin).toMatch(/^1\./);
        const told = {
          hooks: hooks ?? [],
          namespaces: linux?.namespaces ?? [],
          annotations: potentiallyUnsafeConfigAnnotations ?? table.potentiallyUnsafeConfigAnnotations,
        };
        const isKnownRelease = isUpTo(runtime.version ?? '', NEWEST_IN_TABLE[name]);
        // A later release may have more.
        const asTold = (values: readonly string[], all: readonly string[]) =>
          isKnownRelease ? [...all].sort() : values.filter((value) => all.includes(value)).sort();
        expect([...table.hooks].sort()).toEqual(asTold(table.hooks, told.hooks));
        expect([...table.namespaces].sort()).toEqual(asTold(table.namespaces, told.namespaces));
        const { potentiallyUnsafeConfigAnnotations: annotations } = table;
        expect([...annotations].sort()).toEqual(asTold(annotations, told.annotations));
      } else expect(await errorOf(client.features())).toMatchObject({ code: 'ERR_RUNTIME_LACKS' });
    });

    test(`${name}: a life, and what is refused in it`, async () => {
      expect(await errorOf(client.state('none'))).toMatchObject(refused('not-found'));
      expect(await errorOf(client.kill('none', 9))).toMatchObject(refused('not-found'));
      expect(await errorOf(client.delete('none'))).toMatchObject(refused('not-found'));

      await client.create('life', { bundle: bundle() });
      expect(await client.state('life')).toMatchObject({ id: 'life', status: 'created' });
      await client.start('life');
      const { pid, status } = await client.state('life');
      expect(status).toBe('running');
      expect(existsSync(`/proc/${pid}`)).toBe(true);
      expect(await client.list()).toMatchObject([{ id: 'life', status: 'running', pid }]);
      expect((await client.ps('life')).length).toBeGreaterThan(0);
      expect(await errorOf(client.delete('life'))).toMatchObject(refused('not-stopped'));

      await client.pause('life');
      expect((await client.state('life')).status).toBe('paused');
      await client.resume('life');
      expect((await client.state('life')).status).toBe('running');

      await client.kill('life', 'SIGKILL');
      await untilStopped(client, 'life');
      expect((await client.state('life')).pid).toBeUndefined();
      await client.delete('life');
      expect(await client.list()).toEqual([]);
      expect(folders()).toEqual([]);
    });

    test(`${name}: a second container of an id is refused`, async () => {
      await client.create('twice', { bundle: bundle() });
      expect(await errorOf(client.create('twice', { bundle: bundle() }))).toMatchObject(
        name === 'runsc' ? { code: 'ERR_CONTAINER_EXISTS' } : refused('exists'),
      );
      expect((await client.state('twice')).status).toBe('created');
      await client.delete('twice', { force: true });
      expect(processesNaming(['twice'])).toEqual([]);
    });

    test(`${name}: a container that is created with pipes, of which none is lost`, async () => {
      const script = 'read line < /dev/stdin; echo "out $line" > /dev/stdout; echo errors > /dev/stderr';
      const { stdin, stdout, stderr } = await client.create('pipes', {
        bundle: bundle(script),
        stdio: 'pipe',
      });
      await client.start('pipes');
      stdin?.end('line\n');
      expect(
        await Promise.all([text(stdout ?? Readable.from([])), text(stderr ?? Readable.from([]))]),
      ).toEqual(['out line\n', 'errors\n']);
      await untilStopped(client, 'pipes');
      await client.delete('pipes');
    });

    test(`${name}: a container is run, with a status of its own`, async () => {
      const process = await client.run('run', { bundle: bundle('cat; exit 7') });
      process.stdin?.end('through');
      expect(await result(process)).toEqual({ stdout: 'through', stderr: '', exit: { exitCode: 7 } });
      expect(folders()).toEqual([]);
    });

    test(`${name}: programs in a container, and one that is not there`, async () => {
      await client.create('exec', { bundle: bundle() });
      await client.start('exec');
      const run = async (...args: string[]) =>
        client.exec('exec', { args, env: ['WORD=word'], cwd: '/bin', user: '0:0' });
      const script = 'cat; echo $WORD; pwd; exit 3';
      const process = await run('/bin/sh', '-c', script);
      process.stdin?.end('in ');
      expect(await result(process)).toEqual({ stdout: 'in word\n/bin\n', stderr: '', exit: { exitCode: 3 } });
      const whole = await client.exec('exec', {
        process: {
          args: ['/bin/sh', '-c', 'echo $WORD; exit 4'],
          cwd: '/',
          env: ['WORD=whole'],
          user: { uid: 0, gid: 0 },
        },
      });
      expect(await result(whole)).toEqual({ stdout: 'whole\n', stderr: '', exit: { exitCode: 4 } });
      const missing = await run('/bin/nothing');
      missing.stdin?.end();
      expect(await errorOf(missing.exit)).toMatchObject(refused('other'));

      const detached = await client.exec('exec', { args: ['/bin/sleep', '300'], detach: true });
      expect(existsSync(`/proc/${detached.pid}`)).toBe(true);
      await client.delete('exec', { force: true });
      // Its parent, process 1, collects it at once: what is known then depends on the kernel.
      expect(Object.keys(await detached.exit)).toHaveLength(1);
      expect(folders()).toEqual([]);
    });

    test(`${name}: a program that is not there`, async () => {
      const nothing = bundleOf({
        ...specOf(''),
        process: { ...specOf('').process, user: { uid: 0, gid: 0 }, cwd: '/', args: ['/bin/nothing'] },
      });
      const create = client.create('nothing', { bundle: nothing, stdio: ['ignore', 'pipe', 'pipe'] });
      const failing = FAILED_START[name] === 'create' ? create : create.then(() => client.start('nothing'));
      expect(await errorOf(failing)).toMatchObject({
        code: 'ERR_RUNTIME_CALL',
        message: expect.stringContaining('/bin/nothing'),
        details: { command: FAILED_START[name] },
      });
      await client.delete('nothing', { force: true });
    });

    test(`${name}: statistics, now and from time to time, where it has them`, async () => {
      await client.create('events', { bundle: bundle() });
      await client.start('events');
      if (name === 'crun') {
        expect(await errorOf(client.stats('events'))).toMatchObject({ code: 'ERR_RUNTIME_LACKS' });
      } else {
        expect(await client.stats('events')).toMatchObject({ type: 'stats', id: 'events' });
        const types: string[] = [];
        for await (const { type } of client.events('events', { interval: 1 })) {
          types.push(type);
          break;
        }
        expect(types).toEqual(['stats']);
        const waiting = client.events('events', { interval: 3600 })[Symbol.asyncIterator]();
        const next = waiting.next();
        await waiting.return?.();
        expect((await next).done === true || (await waiting.next()).done).toBe(true);
        const stop = new AbortController();
        const untilStop = async () => {
          const events = client.events('events', { interval: 1, signal: stop.signal });
          for await (const { id } of events) stop.abort(new Error(id));
        };
        expect(await errorOf(untilStop())).toMatchObject({
          code: 'ERR_RUNTIME_ABORTED',
          cause: new Error('events'),
        });
      }
      expect(processesNaming(['--interval='])).toEqual([]);
      await client.delete('events', { force: true });
      expect(folders()).toEqual([]);
    });

    test(`${name}: limits are changed, where it can`, async () => {
      await client.create('limits', { bundle: bundle() });
      const update = client.update('limits', { pids: { limit: 50 } });
      if (name === 'runsc') expect(await errorOf(update)).toMatchObject({ code: 'ERR_RUNTIME_LACKS' });
      else expect(await errorOf(update)).toBe('no error');
      await client.delete('limits', { force: true });
    });

    test(`${name}: a container is saved and made again, or it is told why not`, async () => {
      await client.create('saved', { bundle: bundle() });
      await client.start('saved');
      const { checkpoint } = await client.capabilities();
      const imagePath = scratchFolder('image');
      const error = await errorOf(client.checkpoint('saved', { imagePath }));
      if (error === 'no error') {
        const again = await client.restore('again', { imagePath, bundle: bundle(), detach: true });
        expect(await client.state('again')).toMatchObject({ status: 'running', pid: again.pid });
        await client.delete('again', { force: true });
      } else {
        expect(error).toMatchObject({ code: checkpoint ? 'ERR_RUNTIME_CALL' : 'ERR_RUNTIME_LACKS' });
        expect((await client.state('saved')).status).toBe('running');
      }
      await client.delete('saved', { force: true });
    });

    test(`${name}: a call is aborted`, async () => {
      const stop = new AbortController();
      const process = await client.run('aborted', { bundle: bundle('echo on; cat'), signal: stop.signal });
      if (process.stdout) await once(process.stdout, 'data');
      stop.abort();
      expect(await errorOf(process.exit)).toMatchObject({ code: 'ERR_RUNTIME_ABORTED' });
      process.stdin?.destroy();
      await client.delete('aborted', { force: true });
      expect(folders()).toEqual([]);
      expect(await errorOf(client.state('aborted', { signal: stop.signal }))).toMatchObject({
        code: 'ERR_RUNTIME_ABORTED',
      });
    });
  }
});
