import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { tryLock } from '@opencontainers-ts/exec-native';

import { ContainerStore } from '../../src/index.js';
import type { ContainerRecord } from '../../src/store/container-record.js';
import { temporaryFolder } from '../temporary-folder.js';

const recordOf = (id: string, bundle = '/bundle'): ContainerRecord => ({
  id,
  bundle,
  runtime: 'runc',
  step: 'creating',
  createdAt: '2026-01-02T03:04:05.678Z',
  cgroups: [],
});

async function storeWith(...ids: readonly string[]): Promise<ContainerStore> {
  const store = new ContainerStore({ root: join(temporaryFolder(), 'store'), longestWait: 100 });
  for (const id of ids) await store.locked(id, (record) => record.reserve(recordOf(id)));
  return store;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('a record is for its owner only, and nothing else is left beside it', async () => {
  const store = await storeWith('web');
  expect(await store.read('web')).toEqual(recordOf('web'));
  expect(
    [store.root, store.folderOf('web'), join(store.folderOf('web'), 'container.json')].map(modeOf),
  ).toEqual(['700', '700', '600']);
  expect(readdirSync(store.folderOf('web'))).toEqual(['container.json']);
  expect(readdirSync(join(store.root, '@locks'))).toEqual([]);
  expect(readdirSync(join(store.root, '@unnamed'))).toEqual([]);
});

test('of several that reserve an id one wins, and its record is the one that is kept', async () => {
  const store = new ContainerStore({ root: join(temporaryFolder(), 'store') });
  const tries = Array.from({ length: 8 }, (_, number) =>
    store
      .locked('web', (record) => record.reserve(recordOf('web', `/bundle-${number}`)))
      .then(
        () => `/bundle-${number}`,
        (error: { code: string }) => error.code,
      ),
  );
  const ends = await Promise.all(tries);
  const won = ends.filter((end) => end !== 'ERR_CONTAINER_EXISTS');
  expect(won).toHaveLength(1);
  expect((await store.read('web'))?.bundle).toBe(won[0]);
});

test('an id that is taken keeps its folder as it is, also with a broken record', async () => {
  const store = await storeWith('web');
  const path = join(store.folderOf('web'), 'container.json');
  writeFileSync(path, 'broken');
  writeFileSync(join(store.folderOf('web'), 'init.pid'), '7');
  await expect(store.locked('web', (record) => record.reserve(recordOf('web')))).rejects.toMatchObject({
    code: 'ERR_CONTAINER_EXISTS',
  });
  expect(readdirSync(store.folderOf('web')).sort()).toEqual(['container.json', 'init.pid']);
  await expect(store.read('web')).rejects.toMatchObject({ code: 'ERR_CONTAINER_RECORD' });
});

test('a container is found by its id, or by what only its id begins with', async () => {
  const store = await storeWith('web', 'web-1', 'web-2', 'data');
  expect(await store.find('web')).toBe('web');
  expect(await store.find('web-1')).toBe('web-1');
  expect(await store.find('d')).toBe('data');
  await expect(store.find('we')).rejects.toMatchObject({
    code: 'ERR_CONTAINER_MISSING',
    details: { candidates: ['web', 'web-1', 'web-2'] },
  });
  await expect(store.find('x')).rejects.toMatchObject({
    code: 'ERR_CONTAINER_MISSING',
    details: { candidates: [] },
  });
  await expect(store.find('')).rejects.toMatchObject({ code: 'ERR_CONTAINER_ID' });
  await expect(store.find('../web')).rejects.toMatchObject({ code: 'ERR_CONTAINER_ID' });
});

test('a broken record is told, and does not hide the others', async () => {
  const store = await storeWith('a', 'b', 'c', 'd');
  writeFileSync(join(store.folderOf('b'), 'container.json'), '{"version": 2}');
  mkdirSync(join(store.root, 'empty'));
  mkdirSync(join(store.root, 'not an id'));
  const listed = await store.list();
  expect(listed.map((each) => [each.id, 'record' in each ? each.record.id : each.error.code])).toEqual([
    ['a', 'a'],
    ['b', 'ERR_CONTAINER_RECORD'],
    ['c', 'c'],
    ['d', 'd'],
    ['empty', 'ERR_CONTAINER_RECORD'],
    ['not an id', 'ERR_CONTAINER_ID'],
  ]);
});

test('without a root there are no containers, and looking makes none', async () => {
  const root = join(temporaryFolder(), 'none');
  const store = new ContainerStore({ root });
  expect(await store.list()).toEqual([]);
  expect(await store.read('web')).toBeUndefined();
  expect(existsSync(root)).toBe(false);
});

test('a record is removed with its folder, and removing it again does nothing', async () => {
  const store = await storeWith('web');
  writeFileSync(join(store.folderOf('web'), 'container.json'), 'broken');
  mkdirSync(join(store.folderOf('web'), 'more'));
  await store.locked('web', (record) => record.remove());
  await store.locked('web', (record) => record.remove());
  expect(readdirSync(store.root).sort()).toEqual(['@locks', '@unnamed']);
  expect(readdirSync(join(store.root, '@unnamed'))).toEqual([]);
});

test('what a killed call has left of a reservation is replaced', async () => {
  const store = await storeWith('other');
  mkdirSync(join(store.root, '@unnamed/web'));
  writeFileSync(join(store.root, '@unnamed/web/container.json.new'), 'half');
  await store.locked('web', (record) => record.reserve(recordOf('web')));
  expect(readdirSync(store.folderOf('web'))).toEqual(['container.json']);
});

test('a lock that others hold is waited for, but not for ever', async () => {
  const store = await storeWith('web');
  const path = join(store.root, '@locks/web');
  const held = await open(path, 'w');
  expect(tryLock(held.fd)).toBe(true);
  await expect(store.locked('web', async () => 'done')).rejects.toMatchObject({
    code: 'ERR_CONTAINER_BUSY',
    details: { path },
  });
  await expect(
    store.locked('web', async () => 'done', { signal: AbortSignal.abort(new Error('enough')) }),
  ).rejects.toThrow('enough');
  expect(await store.locked('other', async () => 'done')).toBe('done');
  const waiting = store.locked('web', async () => 'done', { longestWait: 10_000 });
  await held.close();
  expect(await waiting).toBe('done');
  expect(existsSync(path)).toBe(false);
});

test('a lock is released by an action that fails', async () => {
  const store = await storeWith('web');
  const failing = store.locked('web', async () => {
    throw new Error('failed');
  });
  await expect(failing).rejects.toThrow('failed');
  expect(await store.locked('web', async () => 'done')).toBe('done');
});

test('a lock that is a link is not followed', async () => {
  const store = await storeWith('web');
  const target = join(temporaryFolder(), 'target');
  symlinkSync(target, join(store.root, '@locks/web'));
  await expect(store.locked('web', async () => 'done')).rejects.toMatchObject({ code: 'ELOOP' });
  expect(existsSync(target)).toBe(false);
});

test.each([0o770, 0o707])('a root of mode %o, in which others could write, is refused', async (mode) => {
  const root = temporaryFolder();
  chmodSync(root, mode);
  const store = new ContainerStore({ root });
  await expect(store.locked('web', (record) => record.reserve(recordOf('web')))).rejects.toMatchObject({
    code: 'ERR_CONTAINER_RECORD',
    message: expect.stringContaining('can be written by others'),
  });
});
