import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { Check, Finding } from '../../packages/cli/src/doctor/finding.js';
import { describeWith, ociwrap } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const [SOUND, FAULT, WARNINGS] = [0, 1, 3];

/** A new runtime, as far as its version goes. */
const runtime = (name: string, version: string) => `#!/bin/sh\necho ${name} version ${version}\n`;

const NEW_RUNTIMES = { 'bin/runc': runtime('runc', '1.4.3'), 'bin/crun': runtime('crun', '1.30') };

/**
 * Puts folders in the place of the machine's for one program: its configuration, engines, logs and state are its own, and so is the
 * mount on which /run/ociwrap lies. The machine's own runtimes are covered.
 */
const IN_PLACE = `
mount --bind "$1/etc" /etc
mount -t tmpfs -o mode=755 ociwrap-run /run
cp -a "$1/run/." /run
mount -t tmpfs -o mode=755 log /var/log
cp -a "$1/log/." /var/log
mkdir -m 755 /run/bin
cp -a "$1/bin/." /run/bin
for name in runc crun runsc; do
  for folder in /usr/sbin /usr/bin; do
    [ ! -e $folder/$name ] || mount --bind /dev/null $folder/$name
  done
done
eval "$2"
shift 2
exec "$@"`;

interface Node {
  /** Files by their paths below etc, run, log and bin; what begins with "-> " is a link. */
  readonly files?: Readonly<Record<string, string>>;
  /** Modes of them, where they are not 0644, or of bin 0755. */
  readonly modes?: Readonly<Record<string, number>>;
  /** What is done before, as a shell does it. */
  readonly before?: string;
}

function examine({ files = {}, modes = {}, before = '' }: Node, args: readonly string[] = []): Ended {
  const node = scratchFolder('node');
  for (const folder of ['etc', 'run', 'log', 'bin']) mkdirSync(join(node, folder), { mode: 0o755 });
  for (const [path, text] of Object.entries({ ...NEW_RUNTIMES, ...files })) {
    const file = join(node, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), file);
    else writeFileSync(file, text, { mode: path.startsWith('bin/') ? 0o755 : 0o644 });
  }
  for (const [path, mode] of Object.entries(modes)) chmodSync(join(node, path), mode);
  return runProgram(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      // Of an engine of another suite, which is just ending, it would say that it has to be started anew.
      '--pid',
      '--fork',
      '--mount-proc',
      'sh',
      '-euc',
      IN_PLACE,
      'sh',
      node,
      before,
      ociwrap,
      'doctor',
      ...args,
    ],
    { env: { PATH: '/run/bin:/usr/sbin:/usr/bin' } },
  );
}

/** What was found, by check. */
function findingsOf(node: Node): {
  readonly status: number | null;
  readonly of: (check: Check) => readonly Finding[];
} {
  const { status, stdout, stderr } = examine(node, ['--json']);
  expect(stderr).toBe('');
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return { status, of: (check) => findings.filter((finding) => finding.check === check) };
}

const CONTAINERD = (pvc: string) => `version = 2
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
${pvc}`;
const handler = (
  program: string,
  annotations: string,
) => `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pvc]
runtime_type = "io.containerd.runc.v2"
pod_annotations = [${annotations}]
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pvc.options]
BinaryName = "${program}"
`;
const WRAPPER = join(dirname(ociwrap), 'oci-runtime-wrapper');
const OURS = { 'etc/containerd/config.toml': CONTAINERD(handler(WRAPPER, '"sgs.snucse.org/*"')) };
const RULE =
  '[[rule]]\nname = "kvm"\nwhen.annotation = { key = "example.org/kvm" }\nthen.env.set = { KVM = "1" }\n';
const refusal = (code: string) =>
  `${JSON.stringify({ time: '2026-11-29T10:00:00.000Z', level: 'error', decision: 'refuse', code, msg: 'no', namespace: 'n', pod: 'p', container: 'c' })}\n`;

describeWith(['unshare', 'runc', 'crun'], 'ociwrap doctor', () => {
  test('a sound node', () => {
    const { status, stdout, stderr } = examine({ files: OURS });
    expect({ status, stderr }).toEqual({ status: SOUND, stderr: '' });
    expect(stdout).not.toMatch(/^(?:fault|warning)/m);
    expect(stdout).toMatch(/^ok {7}kernel: Linux "[^"]+" has all that a root on a volume takes$/m);
    expect(stdout).toMatch(/^ok {7}overlay: an overlay with an upper can be mounted/m);
    expect(stdout).toMatch(/^ok {7}runtime: "\/run\/bin\/runc" is runc 1\.4\.3$/m);
    expect(stdout).toContain(`engine: containerd: the handler "pvc" calls "${WRAPPER}"`);
    expect(stdout).toMatch(/\n\n(?:\d+ notes?, )?\d+ ok\n$/);
  });

  test('nothing is changed by it', () => {
    const shown = 'find /etc/containerd /run /var/log -printf "%p %m %s %T@\\n" | sort';
    const before = `one=$(${shown}); "$3" doctor >/dev/null; [ "$one" = "$(${shown})" ] && echo same`;
    expect(examine({ files: OURS, before }).stdout).toMatch(/^same$/m);
  });

  describe('a node on which something is wrong', () => {
    test.each<[string, Node, number, Check, Finding['level'], string | RegExp]>([
      [
        'a runtime with a hole',
        { files: { 'bin/runc': runtime('runc', '1.1.5') } },
        FAULT,
        'runtime',
        'fault',
        'CVE-2026-41579',
      ],
      ['no runtime', { before: 'rm /run/bin/*' }, FAULT, 'runtime', 'fault', 'no runtime'],
      ['nothing to become', { before: 'rm /run/bin/*' }, FAULT, 'resolution', 'fault', 'ERR_RUNTIME_MISSING'],
      [
        'ourselves in the place of the runtime',
        { before: `ln -sf '${WRAPPER}' /run/bin/runc` },
        FAULT,
        'resolution',
        'fault',
        'ERR_RUNTIME_MISSING',
      ],
      [
        'a configuration that is none',
        { files: { 'etc/ociwrap/config.toml': 'profile = \n' } },
        FAULT,
        'configuration',
        'fault',
        'ERR_SETTINGS_SYNTAX',
      ],
      [
        'a configuration with an odd path',
        { files: { 'etc/ociwrap/config.toml': 'volumes.kubelet-root = "/var//kubelet"\n' } },
        WARNINGS,
        'configuration',
        'warning',
        'kubelet-root',
      ],
      [
        'a configuration that others may write',
        { files: { 'etc/ociwrap/config.toml': '' }, modes: { 'etc/ociwrap/config.toml': 0o666 } },
        FAULT,
        'ownership',
        'fault',
        'config.toml',
      ],
      [
        'a folder that others may write',
        { files: { 'etc/ociwrap/config.toml': '' }, modes: { 'etc/ociwrap': 0o777 } },
        FAULT,
        'ownership',
        'fault',
        '"/etc/ociwrap" can be written',
      ],
      [
        'an annotation that does not reach us',
        { files: { ...OURS, 'etc/ociwrap/config.toml': RULE } },
        FAULT,
        'engine',
        'fault',
        'example.org/kvm',
      ],
      [
        'a handler whose program is gone',
        { files: { 'etc/containerd/config.toml': CONTAINERD(handler('/opt/none/oci-runtime-wrapper', '')) } },
        FAULT,
        'engine',
        'fault',
        'not there or not executable',
      ],
      [
        'an engine without its default',
        {
          files: {
            'etc/containerd/config.toml': CONTAINERD(handler(WRAPPER, '"sgs.snucse.org/*"')).replace(
              'runtimes.runc]',
              'runtimes.other]',
            ),
          },
        },
        FAULT,
        'engine',
        'fault',
        'CRI plugin does not start',
      ],
      [
        'an engine whose file is broken',
        { files: { 'etc/containerd/config.toml': 'version = \n' } },
        FAULT,
        'engine',
        'fault',
        'ERR_ENGINE_FILE_BROKEN',
      ],
      [
        'no folder for the log',
        { files: { 'etc/ociwrap/config.toml': 'log.file = "/var/log/none/w.log"\n' } },
        WARNINGS,
        'log',
        'warning',
        'the folder is not there',
      ],
      [
        'a log that is a link',
        { files: { 'log/sgs-runtime-wrapper.log': '-> /etc/passwd' } },
        WARNINGS,
        'log',
        'warning',
        'symlink',
      ],
      [
        'a log on a full disk',
        { before: 'mount -t tmpfs -o size=64k small /var/log; head -c 64k /dev/zero >/var/log/other' },
        FAULT,
        'log',
        'fault',
        'is full',
      ],
      [
        'a log on a disk that is nearly full',
        { before: 'mount -t tmpfs -o size=1m small /var/log' },
        WARNINGS,
        'log',
        'warning',
        'nearly full',
      ],
      [
        'a root that is mounted on the host',
        { before: 'mkdir -p /run/ociwrap/root; mount -t tmpfs left /run/ociwrap/root' },
        WARNINGS,
        'residue',
        'warning',
        '"/run/ociwrap/root"',
      ],
      [
        'a file of a call that was killed',
        { files: { 'run/ociwrap/.4194305-1': '' }, modes: { 'run/ociwrap': 0o700 } },
        SOUND,
        'residue',
        'note',
        '.4194305-1',
      ],
      [
        'a container that was refused',
        { files: { 'log/sgs-runtime-wrapper.log': refusal('ERR_VOLUME_NOT_FOUND') } },
        SOUND,
        'decisions',
        'note',
        '"c" of "n/p" was refused [ERR_VOLUME_NOT_FOUND]',
      ],
      [
        'a defect of ours',
        { files: { 'log/sgs-runtime-wrapper.log': refusal('ERR_UNEXPECTED') } },
        WARNINGS,
        'decisions',
        'warning',
        'ERR_UNEXPECTED',
      ],
      [
        'calls that the engine must look at',
        { files: { 'etc/ociwrap/config.toml': 'fast-path = false\n' } },
        SOUND,
        'fast-path',
        'note',
        'fast-path = false',
      ],
      [
        'calls of a handler that the engine must look at',
        { files: { 'etc/ociwrap/config.toml': '[handler.gpu]\nfast-path = false\n' } },
        SOUND,
        'fast-path',
        'note',
        /^handler "gpu": .*fast-path = false/,
      ],
      [
        'a handler whose configuration is broken',
        { files: { 'etc/ociwrap/config.toml': '', 'etc/ociwrap/handler.d/gpu.toml': 'required = "yes"' } },
        FAULT,
        'configuration',
        'fault',
        /^handler "gpu": the configuration cannot be used \[ERR_SETTINGS_INVALID\]/,
      ],
    ])('%s', (_, node, status, check, level, message) => {
      const found = findingsOf(node);
      expect(found.of(check)).toContainEqual(
        expect.objectContaining({
          level,
          message:
            typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
        }),
      );
      expect(found.status).toBe(status);
    });
  });

  test('without the right to mount, it says what is lost', () => {
    const { stdout, status } = examine({
      before: 'exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin -- "$3" doctor',
    });
    expect(stdout).toMatch(/^warning {2}kernel: Linux "[^"]+" refuses open_tree \(EPERM\)/m);
    expect(stdout).toMatch(/^warning {2}overlay: an overlay cannot be mounted \(fsopen: EPERM\)/m);
    expect(status).toBe(WARNINGS);
  });

  test('from a container that has the root of the node', () => {
    const { stdout, status } = examine({
      files: OURS,
      before:
        'mkdir /run/host; mount --rbind / /run/host; set -- "$@"; exec "$3" doctor --host-root /run/host',
    });
    expect(stdout).toContain(`engine: containerd: the handler "pvc" calls "${WRAPPER}"`);
    expect(status).toBe(SOUND);
  });
});
