import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { tryLock } from '@opencontainers-ts/exec-native';
import type { HostAction, VolumeResidue } from '@opencontainers-ts/rootfs-rewriter';

import { doActions } from '../../src/host-actions/do-actions.js';
import { processId } from '../../src/host-actions/process-id.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();
const top = temporaryFolder();
let [root, records] = ['', ''];
beforeEach(() => {
  const folder = mkdtempSync(join(top, 'case-'));
  [root, records] = [join(folder, 'volume'), join(folder, 'records')];
  mkdirSync(root);
});

const NOTHING: VolumeResidue = { mountPoints: [], links: [] };
const LIBRARY = 'usr/lib/libcuda.so.570';
const LINK = { path: 'usr/lib/libcuda.so', target: 'libcuda.so.570' };
const INJECTION: VolumeResidue = { mountPoints: [LIBRARY], links: [LINK] };

function pin() {
  const { dev, ino } = statSync(root, { bigint: true });
  return { path: root, dev, ino };
}
const action = (creates: VolumeResidue, volume = 'pvc-1'): HostAction => ({
  kind: 'clean-residue',
  root,
  volume,
  creates,
});
const setting = () => ({ container: 'c1', folder: records });
const again = (creates: VolumeResidue, self = processId(system, process.pid)) =>
  doActions(system, { actions: [action(creates)], pins: [pin()] }, { ...setting(), self }).notes;
let starts = 0;
/** A start of its own: of a process that was there before. */
const start = (creates: VolumeResidue) => {
  starts += 1;
  return again(creates, { pid: process.pid, startTime: `turn ${starts}` });
};
const recordFile = () => join(records, `pvc-1-${pin().ino}.json`);
const record = () => JSON.parse(readFileSync(recordFile(), 'utf8'));
const put = (path: string, text = '') => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
/** What a runtime and a hook do to the volume at a start. */
const inject = () => {
  put(LIBRARY);
  symlinkSync(LINK.target, join(root, LINK.path));
};
const warnings = (notes: ReturnType<typeof start>) =>
  notes.filter(({ level }) => level === 'warn').map(({ msg }) => msg);

describe('two starts on one volume', () => {
  test('the first remembers, the second removes, and then remembers anew', () => {
    expect(start(INJECTION)).toEqual([]);
    expect(record()).toMatchObject({ format: 1, ...INJECTION, starts: [{ pid: process.pid }] });
    inject();
    expect(start(NOTHING)).toEqual([
      { level: 'info', msg: `2 entries of earlier injections removed from "${root}"` },
    ]);
    expect(readdirSync(join(root, 'usr/lib'))).toEqual([]);
    expect(existsSync(recordFile())).toBe(false);
    expect(start(INJECTION)).toEqual([]);
    expect(record()).toMatchObject(INJECTION);
  });

  test('the runtime behind starts us once more: what the first asked for is remembered still', () => {
    again(INJECTION);
    expect(again({ mountPoints: ['usr/lib/late'], links: [] })).toEqual([]);
    expect(record()).toMatchObject({
      mountPoints: [LIBRARY, 'usr/lib/late'],
      links: [LINK],
      starts: [processId(system, process.pid)],
    });
    inject();
    start(NOTHING);
    expect(readdirSync(join(root, 'usr/lib'))).toEqual([]);
  });

  test('a driver upgrade: the old names go, the new ones are remembered', () => {
    start(INJECTION);
    inject();
    const next = {
      mountPoints: ['usr/lib/libcuda.so.580'],
      links: [{ path: LINK.path, target: 'libcuda.so.580' }],
    };
    start(next);
    expect(readdirSync(join(root, 'usr/lib'))).toEqual([]);
    expect(record()).toMatchObject(next);
  });

  test('what was there before belongs to the volume', () => {
    inject();
    start(INJECTION);
    expect(existsSync(recordFile())).toBe(false);
    start(NOTHING);
    expect(existsSync(join(root, LIBRARY))).toBe(true);
    expect(readlinkSync(join(root, LINK.path))).toBe(LINK.target);
  });

  test('what is something else by now stays, and is forgotten', () => {
    start(INJECTION);
    put(LIBRARY, 'a library of its own');
    symlinkSync('libcuda.so.1', join(root, LINK.path));
    expect(start(NOTHING)).toEqual([]);
    expect(readdirSync(join(root, 'usr/lib')).sort()).toEqual(['libcuda.so', 'libcuda.so.570']);
    expect(existsSync(recordFile())).toBe(false);
  });

  test.each<[string, string, string]>([
    ['an image whose /lib is /usr/lib', 'lib/firmware/gsp.bin', 'usr/lib/firmware/gsp.bin'],
    ['an absolute link', 'abs/x/gsp.bin', 'usr/lib/x/gsp.bin'],
    ['a link out of the volume', 'out/gsp.bin', 'outside/gsp.bin'],
    ['links that lead to links', 'two/gsp.bin', 'usr/lib/gsp.bin'],
  ])('%s: what is made through a link is remembered where it will be', (_, path, place) => {
    mkdirSync(join(root, 'usr/lib'), { recursive: true });
    symlinkSync('usr/lib', join(root, 'lib'));
    symlinkSync('/usr/lib', join(root, 'abs'));
    symlinkSync('../../outside', join(root, 'out'));
    symlinkSync('./lib/.', join(root, 'two'));
    expect(start({ mountPoints: [path], links: [{ path: `${path}.link`, target: 'x' }] })).toEqual([]);
    expect(record()).toMatchObject({ mountPoints: [place], links: [{ path: `${place}.link`, target: 'x' }] });
    put(place);
    expect(start(NOTHING)).toMatchObject([{ level: 'info' }]);
    expect(existsSync(join(root, place))).toBe(false);
  });

  test('links that lead to themselves are told of', () => {
    symlinkSync('loop', join(root, 'loop'));
    expect(warnings(start({ mountPoints: ['loop/x'], links: [] }))).toEqual([
      expect.stringContaining('ELOOP'),
    ]);
  });

  test('links that lead nowhere for very long are not followed to their end', () => {
    // Forty links of 800 names each: 32 000 looks for one mount point.
    mkdirSync(join(root, 'a'));
    for (let index = 0; index < 40; index += 1) {
      symlinkSync(`${'a/../'.repeat(800)}${index === 39 ? 'a' : `l${index + 1}`}`, join(root, `l${index}`));
    }
    expect(warnings(start({ mountPoints: ['l0/x'], links: [] }))).toEqual([expect.stringContaining('ELOOP')]);
    expect(existsSync(recordFile())).toBe(false);
  });

  test('a volume that fails in each entry fills neither the log nor the record', () => {
    const many = Array.from({ length: 400 }, (_, index) => `usr/lib/${index}.so`);
    // By its links the volume says another place at each start, and keeps what was recorded from being removed.
    for (let turn = 0; turn < 4; turn += 1) {
      rmSync(join(root, 'usr'), { recursive: true, force: true });
      for (let before = 0; before < turn; before += 1) {
        rmSync(join(root, `real-${before}`), { recursive: true, force: true });
        symlinkSync('/nowhere', join(root, `real-${before}`));
      }
      mkdirSync(join(root, `real-${turn}/lib`), { recursive: true });
      symlinkSync(`real-${turn}`, join(root, 'usr'));
      expect(start({ mountPoints: many, links: [] }).length).toBeLessThan(15);
    }
    expect(record().mountPoints).toHaveLength(1000);
    expect(record().mountPoints.at(-1)).toBe('real-3/lib/399.so');
  });

  test('a link of the container is not followed, and the file that it leads to survives', () => {
    const outside = join(dirname(root), 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'libcuda.so.570'), '');
    start(INJECTION);
    mkdirSync(join(root, 'usr'));
    symlinkSync(outside, join(root, 'usr/lib'));
    symlinkSync(outside, join(root, 'etc'));
    expect(warnings(start(NOTHING))).toEqual([
      expect.stringContaining('ELOOP'),
      expect.stringContaining('ELOOP'),
      expect.stringContaining('ELOOP'),
    ]);
    expect(readdirSync(outside)).toEqual(['libcuda.so.570']);
    // It is tried again at the next start.
    expect(record()).toMatchObject(INJECTION);
  });

  test("what NVIDIA's hooks make anew at each start goes, and nothing beside it", () => {
    for (const name of [
      '00-nvcr-1.conf',
      'zz-nvcr-2.conf',
      'zz-nvcr-3.conf',
      'mine.conf',
      'zz-nvcr-3.conf.bak',
    ]) {
      put(`etc/ld.so.conf.d/${name}`, '/usr/lib\n');
    }
    mkdirSync(join(root, 'etc/ld.so.conf.d/zz-nvcr-4.conf'));
    mkdirSync(join(root, 'run/nvidia-ctk-hook/uuid-1'), { recursive: true });
    put('run/nvidia-ctk-hook/uuid-2/kept');
    start(INJECTION);
    expect(readdirSync(join(root, 'etc/ld.so.conf.d')).sort()).toEqual([
      'mine.conf',
      'zz-nvcr-3.conf.bak',
      'zz-nvcr-4.conf',
    ]);
    expect(readdirSync(join(root, 'run/nvidia-ctk-hook'))).toEqual(['uuid-2']);
  });

  test('a volume that no injection has touched is not looked into, and no record is made', () => {
    put('etc/ld.so.conf.d/zz-nvcr-2.conf');
    expect(start(NOTHING)).toEqual([]);
    expect(existsSync(join(root, 'etc/ld.so.conf.d/zz-nvcr-2.conf'))).toBe(true);
    expect(existsSync(records)).toBe(false);
  });
});

describe('a volume that another container may be using is left as it is', () => {
  test('a start that may still be under way', () => {
    start(INJECTION);
    inject();
    const parent = processId(system, process.ppid);
    writeFileSync(
      recordFile(),
      JSON.stringify({ ...record(), starts: [parent, { pid: 1, startTime: 'long ago' }] }),
    );
    const next = { mountPoints: ['usr/lib/new'], links: [] };
    expect(start(next)).toEqual([
      { level: 'info', msg: `"${root}" is in use on this node: nothing is cleaned` },
    ]);
    expect(readdirSync(join(root, 'usr/lib')).sort()).toEqual(['libcuda.so', 'libcuda.so.570']);
    expect(record()).toMatchObject({
      mountPoints: [LIBRARY, 'usr/lib/new'],
      links: [LINK],
      starts: [parent, { pid: process.pid }],
    });
  });

  test('a start that holds the record', () => {
    start(INJECTION);
    inject();
    expect(tryLock(openSync(`${recordFile()}.lock`, 'a'))).toBe(true);
    expect(warnings(start(NOTHING))).toEqual([expect.stringContaining('another start holds the record')]);
    expect(readdirSync(join(root, 'usr/lib'))).toHaveLength(2);
  });
});

describe('what goes wrong is a warning', () => {
  test('a folder that no rule has pinned', () => {
    put('etc/ld.so.conf.d/zz-nvcr-2.conf');
    const pins = [{ ...pin(), path: '/elsewhere' }];
    const { notes } = doActions(system, { actions: [action(INJECTION)], pins }, setting());
    expect(warnings(notes)).toEqual([expect.stringContaining('no rule has pinned the folder')]);
    expect(existsSync(join(root, 'etc/ld.so.conf.d/zz-nvcr-2.conf'))).toBe(true);
    expect(existsSync(records)).toBe(false);
  });

  test('an action of a rule module that nobody knows, before one that is done', () => {
    const odd = { kind: 'format-disk\n', root } as unknown as HostAction;
    const { notes } = doActions(system, { actions: [odd, action(INJECTION)], pins: [pin()] }, setting());
    expect(warnings(notes)).toEqual([expect.stringContaining('not an action that this program knows')]);
    expect(warnings(notes)[0]).not.toContain('\n');
    expect(record()).toMatchObject(INJECTION);
  });

  test('another folder in the place of the pinned one', () => {
    const pins = [{ ...pin(), dev: 1n }];
    const { notes } = doActions(system, { actions: [action(INJECTION)], pins }, setting());
    expect(warnings(notes)).toContainEqual(expect.stringContaining('ESTALE'));
  });

  test.each<[string, (path: string) => void]>([
    ['torn', (path) => writeFileSync(path, '{"format":1,"mountPoints":["a"')],
    [
      'of another format',
      (path) => writeFileSync(path, '{"format":2,"mountPoints":[],"links":[],"starts":[]}'),
    ],
    [
      'of another shape',
      (path) => writeFileSync(path, '{"format":1,"mountPoints":[7],"links":[],"starts":[]}'),
    ],
    ['of no shape', (path) => writeFileSync(path, 'null')],
    ['open to others', (path) => chmodSync(path, 0o644)],
  ])('a record that is %s is made anew, and nothing of it believed', (_, spoil) => {
    start(INJECTION);
    inject();
    spoil(recordFile());
    const next = { mountPoints: ['usr/lib/new'], links: [] };
    expect(warnings(start(next))).toHaveLength(1);
    expect(readdirSync(join(root, 'usr/lib'))).toHaveLength(2);
    expect(record()).toMatchObject(next);
    expect(statSync(recordFile()).mode & 0o777).toBe(0o600);
  });

  test('a folder of records that others may write to', () => {
    mkdirSync(records, { mode: 0o700 });
    chmodSync(records, 0o777);
    expect(warnings(start(INJECTION))).toEqual([expect.stringContaining('does not belong to root alone')]);
    expect(readdirSync(records)).toEqual([]);
  });

  test('a name that is longer than that of a file may be', () => {
    const volume = `/opt/local-path-provisioner/pvc-1_${'n'.repeat(63)}_${'c'.repeat(253)}`;
    const plan = { actions: [action(INJECTION, volume)], pins: [pin()] };
    expect(doActions(system, plan, setting())).toEqual({ patch: [], notes: [] });
    expect(readdirSync(records)).toContain(`${'c'.repeat(200)}-${pin().ino}.json`);
  });

  test('a name that is none of a file: the record stays in its folder', () => {
    doActions(system, { actions: [action(INJECTION, '../../etc/x')], pins: [pin()] }, setting());
    expect(readdirSync(records)).toContain(`..%2F..%2Fetc%2Fx-${pin().ino}.json`);
  });
});
