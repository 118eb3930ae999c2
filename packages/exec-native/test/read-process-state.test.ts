import { spawnSync } from 'node:child_process';

import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { readProcessState } from '../src/index.js';
import { loadAddon } from '../src/load-addon.js';
import { bundledScript } from './bundled-script.js';
import { caughtError } from './caught-error.js';
import { buildAddon, buildLeaveRecord } from './native-build.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
let leaveRecord = '';
beforeAll(() => {
  buildAddon();
  leaveRecord = buildLeaveRecord();
}, 60_000);

const env = { PATH: '/bin', NAME: 'value' };
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');

function validRecord(): Buffer {
  const { stdout } = spawnSync(leaveRecord, ['print', 'runc', 'state', 'é'], { env });
  return stdout;
}

function run(mode: string, name: string, body: string) {
  const script = bundledScript(folder, name, body);
  return spawnSync(leaveRecord, [mode, process.execPath, script], { encoding: 'utf8', env });
}

describe('readProcessState', () => {
  test('returns what the launcher found', () => {
    const { stdout, stderr } = run(
      'sealed',
      'state',
      `const state = native.readProcessState(Number(process.argv[2]));
       const text = (bytes) => Buffer.from(bytes).toString();
       console.log(JSON.stringify({
         argv: state.argv.map(text).slice(1), env: state.env.map(text), cwd: text(state.cwd), exe: text(state.exe.path),
         sameFile: require('node:fs').statSync(text(state.exe.path), { bigint: true }).ino === state.exe.ino,
         umask: state.umask, fds: state.descriptors, mask: String(state.signalMask), ignored: String(state.ignoredSignals),
         soft: String(state.limits[7].soft), death: state.parentDeathSignal, limits: state.limits.length }));`,
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      argv: [expect.stringMatching(/state\.cjs$/)],
      env: ['PATH=/bin', 'NAME=value'],
      cwd: process.cwd(),
      exe: leaveRecord,
      sameFile: true,
      umask: process.umask(),
      // The test runner may have been given more.
      fds: expect.arrayContaining([0, 1, 2].map((fd) => ({ fd, closeOnExec: false }))),
      mask: '0',
      ignored: '0',
      soft: expect.stringMatching(/^\d+$/),
      death: 0,
      limits: 16,
    });
  });

  test.each(['unsealed', 'partly'])('refuses a record in a memfd that is %s', (mode) => {
    const { stdout } = run(
      mode,
      'refused',
      `try { native.readProcessState(Number(process.argv[2])) } catch (error) { console.log(error.code, error.details.reason) }`,
    );
    expect(stdout).toBe('ERR_PROCESS_STATE it is not sealed\n');
  });

  test.each([
    ['ERR_INVALID_ARG_TYPE', Number.NaN],
    ['ERR_INVALID_ARG_TYPE', -1],
    ['ERR_INVALID_ARG_TYPE', 1.5],
    ['ERR_INVALID_ARG_TYPE', 2 ** 31],
    ['EBADF', 2 ** 31 - 1],
    ['ERR_PROCESS_STATE', 0],
  ])('%s: %d', (code, fd) => {
    expect(caughtError(() => readProcessState(fd))['code']).toBe(code);
  });
});

describe('execve with a state', () => {
  test('puts back what Node altered', () => {
    const show = 'ulimit -Sn; grep ^Sig[IB] /proc/self/status; ls -1 /proc/self/fd | wc -l';
    const script = bundledScript(
      folder,
      'restore',
      `const state = native.readProcessState(Number(process.argv[2]));
       native.execve('/bin/sh', ['sh', '-c', ${JSON.stringify(show)}], state.env, { state });`,
    );
    const start = "ulimit -Sn 99; trap '' HUP; exec 5<&0; exec";
    const run = (program: string) =>
      spawnSync('/bin/sh', ['-c', `${start} ${program}`], { encoding: 'utf8', env });
    const direct = run(`/bin/sh -c '${show}'`);
    expect(direct.stdout).toMatch(/^99\nSigBlk:\t0{16}\nSigIgn:\t0{15}1\n\d+\n$/);
    const { stdout, stderr } = run(`'${leaveRecord}' sealed '${process.execPath}' '${script}'`);
    expect({ stdout, stderr }).toEqual({ stdout: direct.stdout, stderr: '' });
  });

  test('that fails leaves Node as it was, and can be tried again', () => {
    const { stdout, stderr } = run(
      'sealed',
      'fails',
      `const fs = require('node:fs');
       const look = () => fs.readFileSync('/proc/self/status', 'utf8').match(/^(Sig(Ign|Blk|Cgt)|Umask):.*$/gm).join() +
         fs.readFileSync('/proc/self/limits', 'utf8') + fs.readFileSync('/proc/self/fdinfo/1', 'utf8');
       const state = native.readProcessState(Number(process.argv[2]));
       const before = look();
       try { native.execve('/missing', [], [], { state }) } catch (error) { fs.writeSync(1, error.code + '\\n') }
       fs.writeSync(1, String(look() === before) + '\\n');
       native.execve('/bin/echo', ['echo', 'second'], state.env, { state });`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'ENOENT\ntrue\nsecond\n', stderr: '' });
  });

  test('that was tampered with refuses it', () => {
    const { stdout } = run(
      'sealed',
      'tampered',
      `const state = native.readProcessState(Number(process.argv[2]));
       try { native.execve('/bin/true', [], [], { state: { ...state, record: state.record.subarray(1) } }) }
       catch (error) { console.log(error.code) }`,
    );
    expect(stdout).toBe('ERR_PROCESS_STATE\n');
  });
});

describe('a damaged record', () => {
  const parse = (bytes: Uint8Array) => loadAddon().parseProcessState(bytes);

  test('while a whole one is taken', () => {
    const state = parse(validRecord());
    expect('argv' in state && state.argv.map(text)).toEqual(['runc', 'state', '\xc3\xa9']);
  });

  test('is refused at every length but its own', () => {
    const record = validRecord();
    for (let length = 0; length < record.length; length++) {
      expect(parse(record.subarray(0, length))).toHaveProperty('reason');
    }
    const longer = Buffer.concat([record, Buffer.alloc(1)]);
    expect(parse(longer)).toHaveProperty('reason');
    longer.writeBigUInt64LE(BigInt(longer.length), 16); // total_size
    expect(parse(longer)).toEqual({ reason: 'bytes are left over at its end' });
  });

  test('is refused when any byte of its magic, version or sizes differs', () => {
    const record = validRecord();
    const sections = 8 + 4 + 4 + 8 + 8 + 8 + 16 + 4 + 4 + 16 * 16;
    const fields = [...Array(24).keys(), ...Array.from({ length: 6 * 16 }, (_, index) => sections + index)];
    for (const at of fields) {
      const damaged = Buffer.from(record);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      expect([at, parse(damaged)]).toEqual([at, { reason: expect.any(String) }]);
    }
  });

  test('never makes a reader leave its bytes', () => {
    const record = validRecord();
    const change = fc.record({ at: fc.nat(record.length - 1), value: fc.nat(255) });
    const word = fc.record({
      at: fc.nat(record.length - 9),
      value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    });
    const property = fc.property(
      fc.array(change, { maxLength: 8 }),
      fc.array(word, { maxLength: 3 }),
      (bytes, words) => {
        const damaged = Buffer.from(record);
        for (const { at, value } of bytes) damaged[at] = value;
        for (const { at, value } of words) damaged.writeBigUInt64LE(value, at);
        const result = parse(damaged);
        const views =
          'reason' in result ? [] : [...result.argv, ...result.env, result.execFn, result.exe.path];
        return views.every((view) => view.byteOffset + view.byteLength <= record.length && !view.includes(0));
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });
});
