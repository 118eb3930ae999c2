import { describe, expect, test } from '@jest/globals';

import type { NodeFiles } from '@opencontainers-ts/engine-config';

import { engineFacts } from '../../src/doctor/facts/engine-facts.js';
import { processStarts } from '../../src/doctor/facts/process-starts.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { type FileStatus, type System, SystemError } from '../../src/system/system.js';
import { bytesOf } from '../../src/system/text.js';

const CONFIG = '/etc/containerd/config.toml';
const PROGRAM = '/opt/ociwrap/bin/oci-runtime-wrapper';
const TEXT = `version = 2
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pvc]
runtime_type = "io.containerd.runc.v2"
pod_annotations = ["sgs.snucse.org/*"]
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pvc.options]
BinaryName = "${PROGRAM}"
`;

/** A node with files, by their paths. */
const filesOf = (texts: Readonly<Record<string, string>>): NodeFiles => ({
  readFile: (path) => (path in texts ? bytesOf(texts[path] ?? '') : undefined),
  list: () => [],
  exists: (path) => path in texts,
});

const BOOT = 1_000_000;

/** The files of /proc and what stat says of others; processes by pid, as name and ticks since the boot. */
function nodeWith(
  processes: Readonly<Record<string, readonly [name: string, ticks: number]>>,
  { changed = BOOT, hasProgram = true }: { readonly changed?: number; readonly hasProgram?: boolean } = {},
): System {
  const texts = new Map<string, string>([
    ['/proc/stat', `cpu 1 2\nbtime ${BOOT}\nprocesses 3\n`],
    ...Object.entries(processes).map(
      ([pid, [name, ticks]]) =>
        [`/proc/${pid}/stat`, `${pid} (${name}) S ${'0 '.repeat(18)}${ticks} 0 0\n`] as const,
    ),
  ]);
  const open = new Map<number, Uint8Array>();
  return {
    ...nodeSystem(),
    readdir: () => [...Object.keys(processes), 'self', 'stat'].map(bytesOf),
    open: (path) => {
      const text = texts.get(String(path));
      if (text === undefined) return { errno: 'ENOENT' };
      open.set(open.size + 100, bytesOf(text));
      return open.size + 99;
    },
    fstat: () => ({ type: 'file', size: 0n }) as FileStatus,
    read: (fd) => {
      const bytes = open.get(fd) ?? new Uint8Array();
      open.set(fd, new Uint8Array());
      return bytes;
    },
    close: () => undefined,
    stat: (path) =>
      path === PROGRAM && !hasProgram
        ? { errno: 'ENOENT' }
        : ({ type: 'file', ctimeNs: BigInt(changed) * 1_000_000_000n } as FileStatus),
    mayExecute: () => true,
  };
}

describe('engines', () => {
  const files = filesOf({ [CONFIG]: TEXT });

  test('one that calls us', () => {
    expect(engineFacts(nodeWith({}), files)).toEqual([
      {
        engine: 'containerd',
        distribution: 'plain',
        configPath: CONFIG,
        criDisabled: false,
        handlers: [
          expect.objectContaining({ name: 'runc', isOurs: false, isDefault: true }),
          {
            name: 'pvc',
            program: PROGRAM,
            programFound: true,
            isOurs: true,
            isDefault: false,
            podAnnotations: ['sgs.snucse.org/*'],
            path: CONFIG,
          },
        ],
        restart: expect.stringContaining('restart containerd'),
      },
    ]);
  });

  test('one that calls what is gone', () => {
    const [engine] = engineFacts(nodeWith({}, { hasProgram: false }), files);
    expect(engine?.handlers.find(({ name }) => name === 'pvc')).toMatchObject({ programFound: false });
  });

  test.each([
    ['started before its file was changed', 1000, 100, true],
    ['started after', 1000, 200_000, false],
    ['in the same second', 1, 100, false],
  ])('one that was %s', (_, seconds, ticks, isPending) => {
    const system = nodeWith({ 7: ['containerd', ticks] }, { changed: BOOT + seconds });
    const [engine] = engineFacts(system, files);
    expect(engine?.changedSinceStart).toBe(isPending ? CONFIG : undefined);
  });

  test('a file that is broken', () => {
    const [engine] = engineFacts(nodeWith({}), filesOf({ [CONFIG]: 'version = \n' }));
    expect(engine).toMatchObject({ fault: { code: 'ERR_ENGINE_FILE_BROKEN' }, handlers: [] });
  });

  test('a file that cannot be read', () => {
    const readFile = () => {
      throw new SystemError({ errno: 'EIO' }, CONFIG);
    };
    const [engine] = engineFacts(nodeWith({}), { ...files, readFile });
    expect(engine?.fault).toMatchObject({ code: 'ERR_INPUT_UNREADABLE', message: `EIO for "${CONFIG}"` });
  });

  test('none', () => {
    expect(engineFacts(nodeWith({}), filesOf({}))).toEqual([]);
  });
});

test('when processes of a name were started', () => {
  const system = nodeWith({
    7: ['containerd', 150],
    8: ['a) b', 1],
    9: ['containerd-shim', 1],
    10: ['containerd', 200],
  });
  expect(processStarts(system, 'containerd')).toEqual([BOOT * 1000 + 1500, BOOT * 1000 + 2000]);
  expect(processStarts(system, 'a) b')).toEqual([BOOT * 1000 + 10]);
  expect(processStarts(system, 'none')).toEqual([]);
  expect(processStarts({ ...system, readdir: () => ({ errno: 'EACCES' }) }, 'containerd')).toEqual([]);
});
