import { describe, expect, test } from '@jest/globals';
import {
  declarativeRule,
  defineRule,
  planRewrite,
  pvcRootfs,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  type MemoryHostOptions,
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  type SpecOption,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';

import { ociwrap } from '../../src/main/ociwrap.js';
import { testWorld } from '../commands/world.js';
import { FILE, settingsOf } from '../config/config-text.js';
import { bundleIn, plainSpec, TRIGGER, VOLUME, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';

/** What somebody sees, in whose words whoever is woken by it has to find out what to do. */
interface Said {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

const folder = temporaryFolder();
const BROKEN = bundleIn(folder, 'broken', `{"annotations": {"${TRIGGER}": }}`);
const POD = `/var/lib/kubelet/pods/${VOLUME.podUid}`;
const OTHER_POD = pvcPath({ podUid: 'u2', volume: 'pvc-1' });
const from = (source: string, options = ['rbind']): SpecOption =>
  withMount({ destination: '/data', type: 'bind', source, options });
const asking = (value: string, ...more: readonly SpecOption[]) => [withAnnotation(TRIGGER, value), ...more];
const HOST: MemoryHostOptions = { mounts: [VOLUME_PATH] };

/** What the rules say of a container. */
function refused(options: readonly SpecOption[], host = HOST, rules: readonly Rule[] = [pvcRootfs()]): Said {
  return refusedText(JSON.stringify(makeSpec(...options)), host, rules);
}

function refusedText(text: string, host = HOST, rules: readonly Rule[] = [pvcRootfs()]): Said {
  const document = SpecDocument.parse(Buffer.from(text));
  const plan = planRewrite(document, rules, { verb: 'create', bundle: '/b' }, memoryHost(host));
  return plan.refusal ?? { code: plan.decision, message: '' };
}

const rule = (then: RuleDefinition['then'], name = 'kvm', more: Partial<RuleDefinition> = {}) =>
  declarativeRule({ name, then, ...more });

/** What is said of the text of a configuration. */
async function configured(text: string): Promise<Said> {
  return settingsOf(text).then(
    () => ({ code: 'taken', message: '' }),
    (error: Said) => error,
  );
}

/** What a command of `ociwrap` says. */
async function command(...args: readonly string[]): Promise<Said> {
  const { stderr = '' } = await ociwrap(args, testWorld().world);
  const [, message = stderr, code = '', hint] = /^ociwrap: (.*) \[(\w+)\]: (.*)\n$/.exec(stderr) ?? [];
  return { code, message, hint };
}

const broken = defineRule(() => ({
  name: 'mine',
  triggers: 'every-create',
  reads: [],
  claims: () => true,
  evaluate: () => {
    throw new TypeError('x is undefined');
  },
}));

const ROWS: readonly [code: string, said: () => Said | Promise<Said>, message: string][] = [
  [
    'ERR_VOLUME_NOT_FOUND',
    () => refused(asking('boot-pvc', from(VOLUME_PATH))),
    'the volume "boot-pvc" matches no mounted volume; mounted are "pvc-1" at "/data"; the claim name appears nowhere in the spec, because the kubelet names its folder after the PersistentVolume',
  ],
  [
    'ERR_VOLUME_NOT_FOUND',
    () => refused(asking('pvc-1 ', from(VOLUME_PATH))),
    'the volume "pvc-1 " matches no mounted volume: the value has blanks around the name "pvc-1"; mounted are "pvc-1" at "/data"; the claim name appears nowhere in the spec, because the kubelet names its folder after the PersistentVolume',
  ],
  [
    'ERR_VOLUME_NOT_FOUND',
    () => refused(asking('/dta', from(VOLUME_PATH))),
    'the destination "/dta" matches no mounted volume, did you mean "/data"?; mounted are "pvc-1" at "/data"',
  ],
  [
    'ERR_VOLUME_SELECTOR',
    () => refused(asking('\t ')),
    `the value of the annotation "${TRIGGER}" is "\\u0009 ", nothing but blanks`,
  ],
  [
    'ERR_VOLUME_UNREACHABLE',
    () => refused(asking('/data', from(VOLUME_PATH)), { ...HOST, failures: { [VOLUME_PATH]: 'ESTALE' } }),
    `the file system of the volume at "${VOLUME_PATH}" does not answer: ESTALE, its server no longer knows the folder`,
  ],
  [
    'ERR_HOST_UNREADABLE',
    () => refused(asking('/data', from(VOLUME_PATH)), { ...HOST, failures: { [POD]: 'EACCES' } }),
    `rule "pvc-rootfs": open failed with EACCES for "${POD}"`,
  ],
  [
    'ERR_VOLUME_LAYOUT',
    () => refused(asking('/data', from(`${POD}/volumes/ceph.rook.io~rook/pv-1`))),
    `the source "${POD}/volumes/ceph.rook.io~rook/pv-1" is the volume "pv-1" of the FlexVolume driver "ceph.rook.io/rook": such volumes are not taken as a root`,
  ],
  [
    'ERR_VOLUME_LAYOUT',
    () => refused(asking('/data', from(`${VOLUME_PATH}/a b`))),
    `the source "${VOLUME_PATH}/a b" lies within the volume "pvc-1": only the whole of a volume, or a subPath of it, can be the root`,
  ],
  [
    'ERR_VOLUME_OUTSIDE_KUBELET',
    () => refused(asking('/data', from('/srv/my data'))),
    'the mount at "/data" has its source "/srv/my data" outside the folder of the kubelet',
  ],
  [
    'ERR_VOLUME_OPTIONS',
    () => refused(asking('/data', from(VOLUME_PATH, ['rbind', 'noexec']))),
    'the volume "pvc-1" is mounted with noexec',
  ],
  [
    'ERR_VOLUME_MISSING',
    () => refused(asking('/data', from(VOLUME_PATH)), {}),
    `the source "${VOLUME_PATH}" is missing`,
  ],
  [
    'ERR_VOLUME_NOT_MOUNTED',
    () => refused(asking('/data', from(VOLUME_PATH)), { directories: [VOLUME_PATH] }),
    `nothing is mounted at "${VOLUME_PATH}"`,
  ],
  [
    'ERR_VOLUME_OTHER_POD',
    () =>
      refused(asking('/data', from(OTHER_POD), withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1')), {
        mounts: [OTHER_POD],
      }),
    `the source "${OTHER_POD}" is of the pod "u2", the container of "u1"`,
  ],
  [
    'ERR_SPEC_FIELD',
    () => refusedText(`{"annotations":{"${TRIGGER}":"/data"},"mounts":[{"source":5}]}`),
    'config.json: "/mounts/0/source" must be a string, not 5',
  ],
  [
    'ERR_SPEC_FIELD',
    () => refusedText('{"process":[]}', HOST, [rule({ cwd: '/' })]),
    'rule "kvm": config.json: "/process" must be an object, not an array',
  ],
  [
    'ERR_RULE_DEVICE_MISSING',
    () => refused([], HOST, [rule({ devices: { add: [{ path: '/dev/k v m', require: true }] } })]),
    'rule "kvm": the host lacks a device that it adds: "/dev/k v m" is not there',
  ],
  [
    'ERR_RULE_HOOK_MISSING',
    () =>
      refused([], HOST, [
        rule({ hooks: { poststop: { append: [{ path: '/opt/my hook', require: true }] } } }),
      ]),
    'rule "kvm": the host lacks a program that it adds as a hook: "/opt/my hook"',
  ],
  [
    'ERR_RULE_SECCOMP_PROFILE',
    () => refused([], HOST, [rule({ seccomp: { profile: '/etc/my profile.json' } })]),
    'rule "kvm": the seccomp profile "/etc/my profile.json" is not there',
  ],
  [
    'ERR_RULE_CONFLICT',
    () => refused([], HOST, [rule({ cwd: '/a' }, 'one'), rule({ cwd: '/b' }, 'an other')]),
    'rules "one" and "an other" both set "/process/cwd", to different values',
  ],
  ['ERR_RULE_CRASHED', () => refused([], HOST, [broken()]), 'rule "mine" failed: "x is undefined"'],
  [
    'ERR_NODE_ONLY',
    () => command('hooks', 'run', '--stage', 'prestart', '--bundle', BROKEN),
    '"ociwrap hooks run" waits for programs, which this program cannot',
  ],
  ['ERR_SETTINGS_SYNTAX', () => configured('a = '), `${FILE}:1: not TOML: invalid value`],
  [
    'ERR_SETTINGS_INVALID',
    () => configured('[volumes]\nkubelet-root = "a b"'),
    `${FILE}:2: volumes.kubelet-root: must be an absolute path, not "a b"`,
  ],
  [
    'ERR_SETTINGS_INVALID',
    () => configured('[volumes]\nhost-path-folders = ["/opt/.."]'),
    `${FILE}:2: volumes.host-path-folders: must be an absolute folder below "/" that has no ".." in it, not "/opt/.."`,
  ],
  [
    'ERR_SETTINGS_INVALID',
    () => configured('[[rule]]\nname = "r"\nwhen.namespace = "x"\nthen.cwd = "/"'),
    `${FILE}:3: rule[1].when.namespace: is not known here, did you mean "podNamespace"? known are all, any, not, annotation, env, args, containerType, imageName, containerName, podNamespace, mount, verb`,
  ],
  [
    'ERR_SETTINGS_INVALID',
    () => configured('[[rule]]\nname = "r"\nthen.capabilities.add = ["SYS_ADMN"]'),
    `${FILE}:3: rule[1].then.capabilities.add[1]: is "SYS_ADMN", which is not a known capability, did you mean "CAP_SYS_ADMIN"? (a newer one goes into "patch")`,
  ],
  ['taken', () => configured('[[rule]]\nname = "r"\nthen.capabilities.add = ["SYS_ADMIN"]'), ''],
  ['taken', () => configured('[[rule]]\nname = "r"\nthen.rlimits.set.nofile = { soft = 1, hard = 2 }'), ''],
  [
    'ERR_RULE_MODULE',
    () => configured('[[rule]]\nmodule = "/etc/ociwrap/my rule.mjs"'),
    `${FILE}:2: rule[1].module: "/etc/ociwrap/my rule.mjs" is not there (a relative path begins at the folder of the file that names it)`,
  ],
  [
    'ERR_USAGE',
    () => command('validat'),
    '"validat" is not a command (did you mean "validate"?); there are explain, rewrite, validate, test, config, nvidia, nvidia-hook, hooks, cdi, volume, engine, run, ps, exec, kill, delete, events, doctor, report, logs, install, upgrade, uninstall, status, users, version, help, completion',
  ],
  [
    'ERR_USAGE',
    () => command('config', 'dmup'),
    '"dmup" is not a command of "config" (did you mean "dump"?); there are default, check, dump',
  ],
  [
    'ERR_CONFIG_MISSING',
    () => command('rewrite', '--bundle', '/no where'),
    '"/no where/config.json" does not exist',
  ],
  [
    'ERR_SPEC_SYNTAX',
    () => command('rewrite', '--bundle', BROKEN),
    `"${BROKEN}/config.json" is not valid JSON at line 1, column 46: a value was expected`,
  ],
];

describe.each(ROWS)('%s %#', (code, said, message) => {
  test(message === '' ? 'is taken' : message, async () => {
    const refusal = await said();
    expect({ code: refusal.code, message: refusal.message }).toEqual({ code, message });
  });

  test('is one printable line, with something to do, in which engines find no phrase of theirs', async () => {
    const { message: told, hint = '' } = await said();
    expect(`${told} ${hint}`).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]*$/u);
    expect(hint.length > 10).toBe(code !== 'taken');
    expect(`${told} ${hint}`).not.toMatch(
      /permission denied|operation not permitted|no such file or directory|not found/i,
    );
    // The names of a library's options: files have others.
    expect(told).not.toMatch(/kubeletRoot|hostPathFolders|requireMountPoint|defaultKind|specDirs/);
  });
});

test('the rows are of containers that start where nothing is wrong', () => {
  expect(refused(asking('/data', from(VOLUME_PATH)))).toEqual({ code: 'rewrite', message: '' });
  expect(refusedText(JSON.stringify(volumeSpec()))).toEqual({ code: 'rewrite', message: '' });
  expect(refusedText(JSON.stringify(plainSpec()))).toEqual({ code: 'pass', message: '' });
  expect(refused([], HOST, [rule({ cwd: '/a' })]).code).toBe('rewrite');
  expect(pvcMount({ ...VOLUME, destination: '/data' }).source).toBe(VOLUME_PATH);
});
