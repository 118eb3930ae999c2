import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { rememberGood } from '../../src/config/last-good.js';
import { checkHandlerSettings } from '../../src/doctor/checks/check-configuration.js';
import { checkTable } from '../../src/doctor/checks/check-table.js';
import { handlerSettings } from '../../src/doctor/facts/handler-settings.js';
import { whereLastGood } from '../../src/doctor/facts/last-good-place.js';
import { tableFacts } from '../../src/doctor/facts/table-facts.js';
import { renewTable } from '../../src/fast-path/write-table.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { type Failure, type FileStatus, isFailure, type System } from '../../src/system/system.js';
import { sgsSettings } from '../commands/world.js';
import { temporaryFolder } from '../temporary-folder.js';

const scratch = temporaryFolder();
const node = nodeSystem();

/** Whoever runs the tests is root, and all is root's alone. */
const owned = (status: FileStatus | Failure) =>
  isFailure(status) ? status : { ...status, uid: 0, mode: status.mode & 0o755 };
const system: System = {
  ...node,
  geteuid: () => 0,
  lstat: (path) => owned(node.lstat(path)),
  fstat: (fd) => owned(node.fstat(fd)),
};

describe('the table of a handler', () => {
  const path = join(scratch, 'wrapper');
  writeFileSync(path, '');
  const { dev, ino } = statSync(path, { bigint: true });
  const program = { path, dev, ino };
  const settings = sgsSettings();
  const { rules, watched } = settings;

  test.each([
    [undefined, 'gpu'],
    ['gpu', undefined],
    ['gpu', 'strict'],
  ])('is that of its own calls: written for %p, and not for %p', (written, other) => {
    const folder = mkdtempSync(join(scratch, 'tables-'));
    expect(
      renewTable(system, { launcher: program, handler: written, rules, watched }, folder),
    ).toBeUndefined();
    const facts = (handler: string | undefined) =>
      tableFacts(system, settings, { program, handler, env: {}, folder });
    expect(facts(written)).toEqual({ kind: 'believed' });
    expect(facts(other)).toEqual({ kind: 'none' });
  });

  test.each([
    [undefined, /^no table is there yet/],
    ['gpu', /^handler "gpu": no table is there yet/],
    ['\u202e', /^handler "\\u202e": no table is there yet/],
  ])('a finding says whose it is: %p', (handler, message) => {
    expect(checkTable({ kind: 'none' }, handler)[0]?.message).toMatch(message);
  });
});

describe('what the last good configuration claims', () => {
  const whose = { main: '/etc/ociwrap/config.toml', handler: { name: 'gpu' } };
  const good = { table: {}, origins: {}, triggers: ['a.b/mark'] };

  test.each([
    ['on-disk', (folder: string) => join(folder, 'disk')],
    // A file where the folder would be.
    ['in-memory', () => join(scratch, 'wrapper')],
  ] as const)('is found %s, by the handler that it is of', (place, disk) => {
    const folder = mkdtempSync(join(scratch, 'state-'));
    const folders = { disk: disk(folder), memory: join(folder, 'memory') };
    expect(whereLastGood(system, {}, 'gpu', folders)).toBe('none');
    expect(rememberGood(system, whose, good, folders)).toBeUndefined();
    expect(whereLastGood(system, {}, 'gpu', folders)).toBe(place);
    expect(whereLastGood(system, {}, undefined, folders)).toBe('none');
  });
});

describe('settings of handlers', () => {
  const names = async (text: string, called: readonly string[]) => {
    const folder = mkdtempSync(join(scratch, 'etc-'));
    mkdirSync(join(folder, 'handler.d'));
    writeFileSync(join(folder, 'config.toml'), text);
    writeFileSync(join(folder, 'handler.d/file.toml'), '');
    const asked: string[] = [];
    const settingsFor = (name: string) => {
      asked.push(name);
      return sgsSettings();
    };
    const env = { OCIWRAP_CONFIG: join(folder, 'config.toml') };
    const found = await handlerSettings({ system, env, settingsFor }, called);
    expect(asked).toEqual(found.map(({ handler }) => `oci-runtime-wrapper-${handler}`));
    return found.map(({ handler }) => handler);
  };

  test.each<[string, string, string[], string[]]>([
    ['a table, and a file', '[handler.gpu]\n', [], ['gpu', 'file']],
    ['a name that is called', '', ['/opt/bin/oci-runtime-wrapper-pvc', '/usr/bin/runc'], ['file', 'pvc']],
    ['each once', '[handler.gpu]\n', ['/b/oci-runtime-wrapper-gpu'], ['gpu', 'file']],
    ['none of what cannot be read', '[handler.', ['/b/oci-runtime-wrapper-a'], ['a']],
  ])('%s', async (_, text, called, handlers) => {
    expect(await names(text, called)).toEqual(handlers);
  });

  const fault = { code: 'ERR_SETTINGS_INVALID', message: 'required: must be boolean' };
  const gpu = { handler: 'gpu', settings: { ...sgsSettings(), fault }, lastGood: 'none' } as const;

  test.each([
    ['a sound one', [{ ...gpu, settings: sgsSettings() }], undefined, []],
    ['one with a fault of its own', [gpu], undefined, ['fault handler "gpu": the configuration cannot be']],
    ['one with another than all have', [gpu], { ...fault, message: 'x' }, ['fault handler "gpu": the']],
    ['what all calls have', [gpu], fault, []],
  ])('%s', (_, handlers, ofAll, told) => {
    const findings = checkHandlerSettings(handlers, ofAll);
    expect(findings).toHaveLength(told.length);
    for (const [index, text] of told.entries()) {
      expect(`${findings[index]?.level} ${findings[index]?.message}`).toContain(text);
    }
  });
});
