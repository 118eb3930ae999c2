import { describe, expect, test } from '@jest/globals';

import { type ConfigurationFacts, checkConfiguration } from '../../src/doctor/checks/check-configuration.js';
import { checkDecisions } from '../../src/doctor/checks/check-decisions.js';
import { checkEngines, type EngineFacts, type HandlerFacts } from '../../src/doctor/checks/check-engines.js';
import { checkInstallation } from '../../src/doctor/checks/check-installation.js';
import { checkKernel, checkOverlay } from '../../src/doctor/checks/check-kernel.js';
import { checkLog } from '../../src/doctor/checks/check-log.js';
import { checkNode, type NodeFacts } from '../../src/doctor/checks/check-node.js';
import { checkOwnership } from '../../src/doctor/checks/check-ownership.js';
import { checkResidue } from '../../src/doctor/checks/check-residue.js';
import { checkResolution } from '../../src/doctor/checks/check-resolution.js';
import { checkRuntimes } from '../../src/doctor/checks/check-runtimes.js';
import { checkTable } from '../../src/doctor/checks/check-table.js';
import { checkRights } from '../../src/doctor/examine-node.js';
import type { InstallationFacts } from '../../src/doctor/facts/installation-facts.js';
import type { KernelFacts, KernelFeature } from '../../src/doctor/facts/kernel-facts.js';
import type { LogFacts } from '../../src/doctor/facts/log-facts.js';
import type { LoggedDecision } from '../../src/doctor/facts/logged-decisions.js';
import type { FoundRuntime } from '../../src/doctor/facts/runtime-facts.js';
import type { Check, Finding } from '../../src/doctor/finding.js';

/** What a check is to give: the message and the remedy may be a part of it; without a remedy there must be none. */
type Expected = readonly [level: Finding['level'], message: string | RegExp, remedy?: string];

type Row = readonly [title: string, findings: readonly Finding[], expected: readonly Expected[]];

function itTells(check: Check, rows: readonly Row[]): void {
  describe(check, () => {
    test.each(rows)('%s', (_, findings, expected) => {
      expect(findings.map((finding) => finding.check)).toEqual(expected.map(() => check));
      expect(findings.map(({ level }) => level)).toEqual(expected.map(([level]) => level));
      for (const [index, [, message, remedy]] of expected.entries()) {
        const finding = findings[index];
        if (typeof message === 'string') expect(finding?.message).toContain(message);
        else expect(finding?.message).toMatch(message);
        if (remedy === undefined) expect(finding).not.toHaveProperty('remedy');
        else expect(finding?.remedy).toContain(remedy);
      }
    });
  });
}

const refused = (...features: readonly (readonly [KernelFeature, string])[]): KernelFacts => ({
  release: '6.1.0',
  canTry: true,
  runIsMount: true,
  refused: new Map(features),
});

itTells('kernel', [
  ['all there', checkKernel(refused()), [['ok', 'Linux "6.1.0" has all']]],
  [
    'nobody says which',
    checkKernel({ ...refused(), release: '' }),
    [['ok', 'Linux of an unknown release has']],
  ],
  [
    'under Node.js',
    checkKernel({ ...refused(), canTry: false }),
    [['warning', 'runs on Node.js', 'call the packaged program']],
  ],
  [
    'too old',
    checkKernel(refused(['openat2', 'ENOSYS'])),
    [['warning', /refuses openat2 \(ENOSYS\): .*"overlay" is refused/, 'boot Linux 5.6 or newer']],
  ],
  [
    'a filter, and a limit',
    checkKernel(refused(['open_tree', 'EPERM'], ['user namespaces', 'ENOSPC'])),
    [
      ['warning', /refuses open_tree \(EPERM\): .*swap/, 'without a seccomp filter'],
      ['note', /user namespaces \(ENOSPC\): .*hostUsers: false/, 'user.max_user_namespaces'],
    ],
  ],
  ['no mappings', checkKernel(refused(['mount_setattr', 'ENOSYS'])), [['note', 'ERR_VOLUME_IDMAP', '5.12']]],
  [
    'no peer groups, /run a mount',
    checkKernel(refused(['MOVE_MOUNT_SET_GROUP', 'EINVAL'])),
    [['note', 'stays there', '5.15']],
  ],
  [
    'no peer groups, /run on the mount of /',
    checkKernel({ ...refused(['MOVE_MOUNT_SET_GROUP', 'EINVAL']), runIsMount: false }),
    [['warning', 'swap', '5.15']],
  ],
]);

const noModule = { works: false, failed: 'fsopen', errno: 'ENODEV' } as const;

itTells('overlay', [
  ['works', checkOverlay({ works: true }, 'overlay'), [['ok', 'can be mounted']]],
  [
    'no module, asked by pods alone',
    checkOverlay(noModule, 'replace'),
    [['warning', 'fsopen: ENODEV', 'modprobe overlay']],
  ],
  ['no module, asked for', checkOverlay(noModule, 'overlay'), [['fault', 'no container starts', 'modprobe']]],
  [
    'refused with words',
    checkOverlay({ works: false, failed: 'fsconfig', errno: 'EINVAL', said: 'overlay: upper\u001b' }, 'seed'),
    [['warning', 'EINVAL, "overlay: upper\\u001b"', 'dmesg']],
  ],
]);

const node = (facts: Partial<NodeFacts>) =>
  checkNode({ cgroups: 'v2', selinux: 'off', appArmor: false, ...facts });
const of = (check: Check, findings: readonly Finding[]) =>
  findings.filter((finding) => finding.check === check);

itTells('cgroups', [
  ['2', of('cgroups', node({})), [['ok', 'version 2']]],
  ['1', of('cgroups', node({ cgroups: 'v1' })), [['note', 'version 1', 'unified_cgroup_hierarchy']]],
  ['none', of('cgroups', node({ cgroups: 'unknown' })), [['note', '"/sys/fs/cgroup"', 'boot']]],
]);

itTells('security', [
  ['nothing', of('security', node({})), [['ok', 'neither']]],
  ['AppArmor', of('security', node({ appArmor: true })), [['ok', 'seen: AppArmor']]],
  ['SELinux, permissive', of('security', node({ selinux: 'permissive' })), [['ok', 'SELinux (permissive)']]],
  [
    'SELinux, enforcing',
    of('security', node({ selinux: 'enforcing' })),
    [['note', 'label of containers', 'ls -Z']],
  ],
]);

const runtime = (name: string, version: string, faults: FoundRuntime['faults'] = []): FoundRuntime => ({
  path: `/usr/bin/${name}`,
  name,
  version,
  faults,
});
const runtimes = (...found: readonly FoundRuntime[]) => checkRuntimes(found, { usesDevices: false });
const OLD_RUNC = runtime('runc', '1.1.5', [{ cve: 'CVE-2026-41579', fixedIn: '1.3.6', what: 'a hole' }]);

itTells('runtime', [
  ['none', runtimes(), [['fault', 'no runtime', 'install runc']]],
  ['a sound one', runtimes(runtime('runc', '1.3.6')), [['ok', '"/usr/bin/runc" is runc 1.3.6']]],
  [
    'one with a hole',
    runtimes(OLD_RUNC),
    [['fault', /runc 1\.1\.5: CVE-2026-41579, a hole/, 'install 1.3.6 or newer']],
  ],
  [
    'one that says nothing',
    runtimes({
      path: '/usr/bin/runsc',
      name: null,
      version: null,
      unknown: 'it cannot be run: EACCES',
      faults: [],
    }),
    [['note', '"/usr/bin/runsc" does not say its version: it cannot be run: EACCES', '--version']],
  ],
  [
    'runsc without hooks',
    runtimes(runtime('runsc', 'release-20240729.0')),
    [['note', 'no createContainer hooks', 'release-20260520']],
  ],
  [
    'runsc without hooks, and devices',
    checkRuntimes([runtime('runsc', '0.0~20240729.0')], { usesDevices: true }),
    [['warning', 'ERR_CDI_HOOKS_SKIPPED', 'release-20260520']],
  ],
  ['runsc with hooks', runtimes(runtime('runsc', 'release-20260520.0')), [['ok', 'runsc']]],
  [
    'runsc of nobody knows when',
    runtimes(runtime('runsc', 'VERSION_MISSING')),
    [['note', 'hooks', 'release-20260520']],
  ],
  ['crun before 1.26', runtimes(runtime('crun', '1.25.1')), [['note', 'read-only', 'install 1.26']]],
  ['crun', runtimes(runtime('crun', '1.28')), [['ok', 'crun 1.28']]],
  [
    'crun of the branch',
    runtimes(runtime('crun', '1.28.0.0.45-3a1b')),
    [['note', 'before the mounts', 'install 1.29']],
  ],
  ['crun 1.29', runtimes(runtime('crun', '1.29')), [['ok', 'crun 1.29']]],
  ['crun without a version', runtimes(runtime('crun', 'UNKNOWN')), [['ok', 'crun UNKNOWN']]],
  ['youki', runtimes(runtime('youki', '0.3')), [['ok', 'youki 0.3']]],
]);

const resolved = (resolution: Partial<Parameters<typeof checkResolution>[0][number]['resolution']>) =>
  checkResolution([
    { name: '/opt/runc', resolution: { mode: 'runc', warnings: [], trail: [], depth: 1, ...resolution } },
  ]);
const RUNC = { path: '/usr/bin/runc', argv0: 'runc', id: { dev: 1n, ino: 2n }, mode: 'runc' } as const;

itTells('resolution', [
  [
    'found',
    resolved({ runtime: RUNC, trail: [{ candidate: '/usr/bin/runc', from: 'PATH', verdict: 'taken' }] }),
    [['ok', /^a call as "\/opt\/runc" becomes "\/usr\/bin\/runc" \(on the search path\)$/]],
  ],
  [
    'found behind a link, past ourselves',
    resolved({
      runtime: { ...RUNC, realPath: '/usr/sbin/runc' },
      trail: [
        { candidate: '/usr/local/bin/runc', from: 'PATH', verdict: 'is-self', detail: 'same file' },
        { candidate: '/nowhere/runc', from: 'PATH', verdict: 'missing' },
        { candidate: '/usr/bin/runc', from: 'built-in', verdict: 'taken' },
      ],
    }),
    [
      [
        'ok',
        'becomes "/usr/bin/runc", which is "/usr/sbin/runc" (where packages put it); passed over "/usr/local/bin/runc" (this program: same file)',
      ],
    ],
  ],
  [
    'with a warning',
    resolved({ runtime: RUNC, warnings: ['no GPU'] }),
    [
      ['warning', 'no GPU'],
      ['ok', 'becomes'],
    ],
  ],
  ['none', resolved({}), [['fault', 'finds no runtime (ERR_RUNTIME_MISSING)', 'install a runtime']]],
]);

const installed = (facts: Partial<InstallationFacts>) =>
  checkInstallation(
    {
      prefix: '/opt/ociwrap',
      isInstalled: true,
      current: '2.0-b',
      versions: ['1.0-a', '2.0-b'],
      programs: [{ path: '/opt/ociwrap/bin/oci-runtime-wrapper', isThere: true }],
      faults: [],
      ...facts,
    },
    '/root/ociwrap',
  );

itTells('installation', [
  ['whole', installed({}), [['ok', '2.0-b below "/opt/ociwrap"; kept: 1.0-a']]],
  ['the first', installed({ versions: ['2.0-b'] }), [['ok', /^2\.0-b below "\/opt\/ociwrap"$/]]],
  [
    'nothing',
    installed({ isInstalled: false }),
    [
      [
        'note',
        'nothing is installed below "/opt/ociwrap"; this program is "/root/ociwrap"',
        'ociwrap install',
      ],
    ],
  ],
  ['what status tells', installed({ faults: ['it has no manifest'] }), [['warning', 'it has no manifest']]],
  [
    'a link to nothing',
    installed({ programs: [{ path: '/usr/bin/runc', isThere: false }] }),
    [['fault', '"/usr/bin/runc" leads to no program', 'ociwrap install']],
  ],
]);

const owned = (found: Parameters<typeof checkOwnership>[0][number]['found']) =>
  checkOwnership([{ path: '/opt/p', what: 'the program', found }]);

itTells('ownership', [
  ['of root', owned('sound'), [['ok', 'the program and all folders above']]],
  ['not there', owned('missing'), []],
  [
    'of others',
    owned({ untrusted: '/opt', why: 'belongs to user 7' }),
    [['fault', /"\/opt\/p"\) is not root's alone: "\/opt" belongs to user 7/, 'chown root the named path']],
  ],
  ['unseen', owned({ unreadable: 'EACCES' }), [['warning', 'cannot be looked at: EACCES', 'as root']]],
]);

const configured = (facts: Partial<ConfigurationFacts>) =>
  checkConfiguration({
    files: ['/etc/ociwrap/config.toml'],
    lints: [],
    rules: ['pvc-rootfs'],
    lastGood: 'on-disk',
    ...facts,
  });
const FAULT = { code: 'ERR_SETTINGS_SYNTAX', message: 'line 3', hint: 'correct it' };

itTells('configuration', [
  [
    'none',
    configured({ files: [], lastGood: 'none' }),
    [['ok', 'no configuration: the defaults hold; rules: pvc-rootfs']],
  ],
  ['good', configured({}), [['ok', '"/etc/ociwrap/config.toml"; rules: pvc-rootfs']]],
  ['good, without rules', configured({ rules: [] }), [['ok', 'rules: none']]],
  [
    'never used',
    configured({ lastGood: 'none' }),
    [
      ['ok', 'config.toml'],
      ['note', 'nothing is kept yet', 'start any container'],
    ],
  ],
  [
    'kept in memory',
    configured({ lastGood: 'in-memory' }),
    [
      ['ok', 'config.toml'],
      ['warning', 'in memory only', '/var/lib/ociwrap'],
    ],
  ],
  [
    'broken',
    configured({ fault: FAULT }),
    [['fault', /\[ERR_SETTINGS_SYNTAX\]: line 3; every container that the last good/, 'correct it']],
  ],
  [
    'broken from the start',
    configured({ fault: FAULT, lastGood: 'none' }),
    [['fault', 'so every container is refused', 'correct it']],
  ],
  [
    'linted',
    configured({
      lints: [
        { level: 'error', file: 'f', line: 1, text: 'f:1: bad' },
        { level: 'warning', file: 'f', line: 2, text: 'f:2: odd' },
      ],
    }),
    [
      ['fault', 'f:1: bad', 'config check'],
      ['warning', 'f:2: odd', 'config check'],
      ['ok', 'rules'],
    ],
  ],
]);

const KEY = 'sgs.snucse.org/os-volume';
const handler = (facts: Partial<HandlerFacts> = {}): HandlerFacts => ({
  name: 'pvc',
  program: '/opt/ociwrap/bin/oci-runtime-wrapper',
  isOurs: true,
  isDefault: false,
  podAnnotations: ['sgs.snucse.org/*'],
  path: '/etc/containerd/config.toml',
  programFound: true,
  ...facts,
});
const RUNC_HANDLER = handler({ name: 'runc', isOurs: false, isDefault: true, podAnnotations: [] });
const engine = (facts: Partial<EngineFacts> = {}) =>
  checkEngines(
    [
      {
        engine: 'containerd',
        distribution: 'plain',
        configPath: '/etc/containerd/config.toml',
        criDisabled: false,
        handlers: [RUNC_HANDLER, handler()],
        ...facts,
      },
    ],
    [KEY],
  );

itTells('engine', [
  ['none', checkEngines([], [KEY]), [['note', 'no container engine', '--host-root']]],
  [
    'calls us',
    engine(),
    [['ok', /^containerd: the handler "pvc" calls "\/opt\/ociwrap\/bin\/oci-runtime-wrapper"$/]],
  ],
  ['of a distribution', engine({ distribution: 'k3s' }), [['ok', 'containerd of k3s: ']]],
  [
    'calls us by default',
    engine({ handlers: [handler({ isDefault: true })] }),
    [['ok', 'for every container that names no other']],
  ],
  [
    'does not call us',
    engine({ handlers: [RUNC_HANDLER] }),
    [['note', '(handlers: runc)', 'ociwrap engine configure containerd']],
  ],
  [
    'keeps the annotation',
    engine({ handlers: [RUNC_HANDLER, handler({ podAnnotations: ['other/*'] })] }),
    [['fault', 'keeps "sgs.snucse.org/os-volume" from it', '--handler pvc']],
  ],
  [
    'another engine keeps none',
    engine({ engine: 'docker', handlers: [handler({ podAnnotations: [] })] }),
    [['ok', 'docker: ']],
  ],
  [
    'a program that is gone',
    engine({ handlers: [RUNC_HANDLER, handler({ programFound: false })] }),
    [['fault', 'not there or not executable', 'ociwrap install']],
  ],
  [
    'runc no more',
    engine({ handlers: [handler()] }),
    [
      ['ok', 'pvc'],
      ['fault', 'CRI plugin does not start', 'define it'],
    ],
  ],
  [
    'CRI off',
    engine({ criDisabled: true }),
    [
      ['warning', 'turns the CRI plugin off', 'disabled_plugins'],
      ['ok', 'pvc'],
    ],
  ],
  [
    'not restarted',
    engine({ changedSinceStart: '/etc/containerd/config.toml', restart: 'restart containerd.service' }),
    [
      ['ok', 'pvc'],
      ['warning', 'has changed since', 'systemctl restart containerd.service'],
    ],
  ],
  [
    'unreadable',
    engine({ fault: { code: 'ERR_ENGINE_FILE_BROKEN', message: 'line 2', hint: 'correct it' } }),
    [['fault', '[ERR_ENGINE_FILE_BROKEN]: line 2', 'correct it']],
  ],
]);

const GIB = 1024n ** 3n;
const log = (facts: Partial<LogFacts>) =>
  checkLog({
    file: '/var/log/w.log',
    level: 'info',
    maxSize: 0,
    exists: true,
    size: 1536n,
    space: { freeBytes: 20n * GIB, bytes: 50n * GIB, freeInodes: 1000n, inodes: 2000n },
    ...facts,
  });
const space = (freeBytes: bigint, freeInodes = 1000n) => ({
  space: { freeBytes, bytes: GIB, freeInodes, inodes: 2000n },
});

itTells('log', [
  ['sound', log({}), [['ok', '"/var/log/w.log": 1.5 KiB, level info; 20 GiB left']]],
  ['rotated', log({ maxSize: 10 * 1024 * 1024 }), [['ok', '1.5 KiB of 10 MiB']]],
  ['not begun', log({ exists: false }), [['ok', 'not begun yet']]],
  ['unwritable', log({ unwritable: 'EROFS' }), [['warning', 'cannot be written (EROFS)', 'log.file']]],
  [
    'large',
    log({ size: 200n * 1024n * 1024n }),
    [['warning', '200 MiB large, and nothing rotates it', 'log.max-size']],
  ],
  ['large, and rotated', log({ size: 200n * 1024n * 1024n, maxSize: 1 }), [['ok', '200 MiB of 1 B']]],
  ['nearly full', log(space(1024n)), [['warning', 'nearly full: 1 KiB are left', 'make room']]],
  ['full', log(space(0n)), [['fault', 'is full: 0 B are left', 'make room']]],
  ['few inodes', log(space(GIB, 3n)), [['warning', 'nearly full: 3 files can be made', 'make room']]],
  ['no inodes', log(space(GIB, 0n)), [['fault', 'is full: 0 files', 'make room']]],
]);

itTells('fast-path', [
  ['believed', checkTable({ kind: 'believed' }), [['ok', 'pass without the engine']]],
  [
    'unwanted',
    checkTable({ kind: 'unwanted', why: 'fast-path = false says so' }),
    [['note', 'fast-path = false says so']],
  ],
  ['none', checkTable({ kind: 'none' }), [['note', 'the first start of a container']]],
  [
    'another',
    checkTable({ kind: 'other', why: 'it changed' }),
    [['note', 'not believed: it changed', 'start a container']],
  ],
]);

const left = (facts: Partial<Parameters<typeof checkResidue>[0]>) =>
  checkResidue({ mounts: [], temporary: [], locks: [], ...facts });

itTells('residue', [
  ['none', left({}), [['ok', 'nothing is left']]],
  [
    'mounts',
    left({ mounts: ['/run/ociwrap/root', '/run/ociwrap/root/a'] }),
    [['warning', '"/run/ociwrap/root"', 'umount them']],
  ],
  [
    'files',
    left({ temporary: ['/r/.1-1', '/r/.1-2', '/r/.1-3', '/r/.1-4'] }),
    [['note', '"/r/.1-3", and 1 more', 'nothing']],
  ],
  ['a lock', left({ locks: ['/l.rotating'] }), [['note', '"/l.rotating"', 'rmdir']]],
]);

const decision = (facts: Partial<LoggedDecision> = {}): LoggedDecision => ({
  time: '2026-11-29T10:00:00.000Z',
  msg: 'no volume',
  decision: 'refuse',
  code: 'ERR_VOLUME_NOT_FOUND',
  ...facts,
});

itTells('decisions', [
  ['none', checkDecisions([]), [['ok', 'no decision yet']]],
  ['none refused', checkDecisions([decision({ decision: 'rewrite' })]), [['ok', 'none of the last 1']]],
  [
    'by its id',
    checkDecisions([decision({ id: 'abc' })]),
    [
      [
        'note',
        /^2026.*: container "abc" was refused \[ERR_VOLUME_NOT_FOUND\]: no volume$/,
        'ociwrap help ERR_VOLUME_NOT_FOUND',
      ],
    ],
  ],
  [
    'by its pod',
    checkDecisions([decision({ id: 'abc', namespace: 'n', pod: 'p', container: 'c' })]),
    [['note', '"c" of "n/p"', 'help']],
  ],
  ['by its pod alone', checkDecisions([decision({ pod: 'p' })]), [['note', 'a container of "p"', 'help']]],
  ['nobody knows whose', checkDecisions([decision()]), [['note', 'a container was refused', 'help']]],
  [
    'a defect',
    checkDecisions([decision({ code: 'ERR_UNEXPECTED' })]),
    [['warning', 'ERR_UNEXPECTED', 'help']],
  ],
  [
    'the last five, the youngest first',
    checkDecisions([1, 2, 3, 4, 5, 6].map((n) => decision({ id: `c${n}` }))),
    [6, 5, 4, 3, 2].map((n): Expected => ['note', `"c${n}"`, 'help']),
  ],
  [
    'a code that would act in a shell',
    checkDecisions([decision({ code: 'ERR_X; reboot' })]),
    [['note', '[ERR_X; reboot]', 'ask whoever wrote the rule']],
  ],
  [
    'what would act on a terminal',
    checkDecisions([decision({ msg: '\u001b[2J' })]),
    [['note', '\\u001b[2J', 'help']],
  ],
]);

itTells('rights', [
  ['root', checkRights(0), []],
  ['another', checkRights(7), [['warning', 'user 7', 'as root']]],
]);
