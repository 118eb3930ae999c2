import { describe, expect, test } from '@jest/globals';
import { type Dialect, type Invocation, parseInvocation } from '../../src/call/parse-invocation.js';

/** The invocation with text for bytes, without `root`; `certain` is only named where it is false. */
interface Wanted {
  readonly verb?: string;
  readonly bundle?: string;
  readonly configFile?: string;
  readonly id?: string;
  readonly log?: string;
  readonly logFormat?: 'json' | 'text';
  readonly certain?: false;
  /** As `verb bundle id`; a bundle that is the working directory is `.` */
  readonly readings?: readonly string[];
}

function readable(invocation: Invocation): Record<string, unknown> {
  const { root: _, ...rest } = invocation;
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map(inShort) : ArrayBuffer.isView(value) ? text(value) : value,
    ]),
  );
}

const text = (value: ArrayBufferView | undefined) => Buffer.from((value ?? []) as Uint8Array).toString();

function inShort({ verb, bundle, id }: Invocation): string {
  return `${verb} ${text(bundle) || '.'} ${text(id)}`;
}

type Row = readonly [argv: string, wanted: Wanted];

/** `''` stands for an empty argument. */
function words(argv: string): string[] {
  return argv === '' ? [] : argv.split(' ').map((word) => word.replaceAll("''", ''));
}

function check(dialect: Dialect | undefined, rows: readonly Row[]): void {
  test.each(rows)('%s', (argv, wanted) => {
    const options = dialect === undefined ? {} : { dialect };
    expect(readable(parseInvocation(words(argv), options))).toEqual({ certain: true, ...wanted });
  });
}

const B = { bundle: '/b', id: 'c1' } as const;
const create = { verb: 'create', ...B } as const;
const T = '/run/containerd/io.containerd.runtime.v2.task/k8s.io/c1';

describe('the calls of engines', () => {
  check('runc', [
    [
      `--root /run/containerd/runc/k8s.io --log ${T}/log.json --log-format json --systemd-cgroup create --bundle ${T} --pid-file ${T}/init.pid --console-socket /tmp/pty1/pty.sock c1`,
      { verb: 'create', bundle: T, id: 'c1', log: `${T}/log.json`, logFormat: 'json' },
    ],
    [
      `--root /run/runc/k8s.io --debug --log ${T}/log.json --log-format json --rootless=true create --bundle ${T} --pid-file ${T}/init.pid --pidfd-socket /s --no-pivot --no-new-keyring --preserve-fds 2 c1`,
      { verb: 'create', bundle: T, id: 'c1', log: `${T}/log.json`, logFormat: 'json' },
    ],
    [
      `--root /r --log ${T}/log.json --log-format json restore --image-path /i --work-path /w --detach --pid-file /p -no-subreaper --bundle ${T} c1`,
      { verb: 'restore', bundle: T, id: 'c1', log: `${T}/log.json`, logFormat: 'json' },
    ],
    [
      '--root /r --log /l --log-format json exec --process /tmp/runc-process1 --console-socket /s --detach --pid-file /p c1',
      { verb: 'exec', id: 'c1', log: '/l', logFormat: 'json' },
    ],
    [
      '--root /r --log /l --log-format json kill --all c1 15',
      { verb: 'kill', id: 'c1', log: '/l', logFormat: 'json' },
    ],
    ['--root /r delete --force c1', { verb: 'delete', id: 'c1' }],
    ['--root /r events --stats c1', { verb: 'events', id: 'c1' }],
    ['--root /r update --resources=- c1', { verb: 'update', id: 'c1' }],
    ['--root /r ps --format json c1', { verb: 'ps', id: 'c1' }],
    ['--root /r list --format=json', { verb: 'list' }],
    ['--root /r state c1', { verb: 'state', id: 'c1' }],
    ['features', { verb: 'features' }],
    // CRI-O and podman, by conmon.
    [
      '--root=/run/runc --systemd-cgroup create --bundle /b --pid-file /run/c1/pidfile --no-new-keyring c1',
      { ...create },
    ],
    [
      '--root=/run/runc exec --pid-file /p --process /f --detach --console-socket /s c1',
      { verb: 'exec', id: 'c1' },
    ],
    ['--root /run/runc kill -a c1 9', { verb: 'kill', id: 'c1' }],
    ['--root /run/runc update --resources - c1', { verb: 'update', id: 'c1' }],
    [
      '--log-format=json --log /l create --bundle /b --pid-file /p c1',
      { ...create, log: '/l', logFormat: 'json' },
    ],
    // BuildKit.
    [
      '--log /var/lib/buildkit/runc-overlayfs/executor/runc-log.json --log-format json run --bundle /b --keep c1',
      {
        verb: 'run',
        ...B,
        log: '/var/lib/buildkit/runc-overlayfs/executor/runc-log.json',
        logFormat: 'json',
      },
    ],
    // Docker.
    ['--version', {}],
    ['-v', {}],
    [
      '--root /var/run/docker/runtime-runc/moby --log /l --log-format json --systemd-cgroup delete c1',
      { verb: 'delete', id: 'c1', log: '/l', logFormat: 'json' },
    ],
  ]);
  check('runsc', [
    [
      '--root=/run/containerd/runsc/k8s.io --log=/l --log-format=json --platform=systrap --network=host create --bundle /b --pid-file /p --user-log /u c1',
      { ...create, log: '/l', logFormat: 'json' },
    ],
    ['--root=/r wait --rootpid 1 c1', { verb: 'wait', id: 'c1' }],
  ]);
});

describe('runc', () => {
  check('runc', [
    ['create --bundle /b c1', create],
    ['create --bundle=/b c1', create],
    ['create -bundle /b c1', create],
    ['create -bundle=/b c1', create],
    ['create -b /b c1', create],
    ['create -b=/b c1', create],
    ['create --b /b c1', create],
    ['run -b /b c1', { verb: 'run', ...B }],
    ['run -d -b /b c1', { verb: 'run', ...B }],
    ['restore -b /b c1', { verb: 'restore', ...B }],
    // After the id, and around `--`.
    ['create c1 --bundle /b', create],
    ['create c1 -b=/b --no-pivot', create],
    ['create --no-pivot c1 --bundle /b', create],
    ['create --bundle /b -- c1', create],
    ['create -- c1 --bundle /b', { verb: 'create', id: 'c1' }],
    ['-- create --bundle /b c1', create],
    ['create - --bundle /b', { ...create, id: '-' }],
    // The last one wins; empty and absent are the working directory.
    ['create --bundle /a --bundle /b c1', create],
    ['create -b /a c1 --bundle=/b', create],
    ['create --bundle /b --bundle= c1', { verb: 'create', id: 'c1' }],
    ["create --bundle '' c1", { verb: 'create', id: 'c1' }],
    ['create c1', { verb: 'create', id: 'c1' }],
    ['create --bundle rel/b c1', { verb: 'create', bundle: 'rel/b', id: 'c1' }],
    ['create --bundle=/b=c c1', { verb: 'create', bundle: '/b=c', id: 'c1' }],
    // Values that look like something else.
    ['--root create delete c1', { verb: 'delete', id: 'c1' }],
    ['--root=create delete c1', { verb: 'delete', id: 'c1' }],
    ['--log create --log-format run state c1', { verb: 'state', id: 'c1', log: 'create' }],
    ['--root --bundle create --bundle /b c1', create],
    ['create --pid-file --bundle --bundle /b c1', create],
    ['create --bundle -- c1', { verb: 'create', bundle: '--', id: 'c1' }],
    ['create --bundle --pid-file c1', { verb: 'create', bundle: '--pid-file', id: 'c1' }],
    ['exec c1 create --bundle /b', { verb: 'exec', id: 'c1' }],
    ['exec -e create c1 run', { verb: 'exec', id: 'c1' }],
    ['kill create', { verb: 'kill', id: 'create' }],
    ['delete create', { verb: 'delete', id: 'create' }],
    ['create --bundle /b create', { ...create, id: 'create' }],
    ['create --bundle /b run', { ...create, id: 'run' }],
    ['spec --bundle /b', { verb: 'spec' }],
    ['state --bundle', { verb: 'state' }],
    // Booleans.
    ['--debug create --bundle /b c1', create],
    ['--debug=true --systemd-cgroup=false create --bundle /b c1', create],
    ['-debug -systemd-cgroup create --bundle /b c1', create],
    ['--systemd-cgroup true create --bundle /b c1', { verb: 'true' }],
    ['--rootless true create --bundle /b c1', create],
    // Help and version leave nothing to carry out.
    ['', {}],
    ['--debug', {}],
    ['--', {}],
    ['--version create --bundle /b c1', {}],
    ['--version=false create --bundle /b c1', create],
    ['-h create --bundle /b c1', {}],
    ['create --help', {}],
    ['create --bundle /b -h c1', {}],
    ['create --help=false --bundle /b c1', create],
    ['create --bundle /b -- --help', { ...create, id: '--help' }],
    // Another file than config.json, in versions that have it.
    ['create --bundle /b --config /c.json c1', { ...create, configFile: '/c.json' }],
    ['create --bundle /b --config= c1', create],
    // Global flags behind the verb, in versions that take them.
    ['--log /a create --log /l --bundle /b c1', { ...create, log: '/l' }],
    // The log.
    ['--log /l --log-format text state c1', { verb: 'state', id: 'c1', log: '/l', logFormat: 'text' }],
    ['--log /l --log-format weird state c1', { verb: 'state', id: 'c1', log: '/l' }],
    ['--log /a --log=/l state c1', { verb: 'state', id: 'c1', log: '/l' }],
    ['--log= --log-format json state c1', { verb: 'state', id: 'c1' }],
    ['--log file:/l state c1', { verb: 'state', id: 'c1', log: 'file:/l' }],
    ['--log-format json --version', {}],
  ]);

  describe('what no runc of ours knows', () => {
    check('runc', [
      ['--future create --bundle /b c1', { ...create, certain: false }],
      ['--future=x create --bundle /b c1', { ...create, certain: false }],
      ['--future value create --bundle /b c1', { ...create, certain: false }],
      ['--future value --log /l create --bundle /b c1', { ...create, log: '/l', certain: false }],
      ['--future value value create --bundle /b c1', { verb: 'value', certain: false }],
      ['--future=x value create --bundle /b c1', { verb: 'value', certain: false }],
      ['--cgroup-manager systemd --network host create --bundle /b c1', { ...create, certain: false }],
      ['--future run --bundle /b c1', { verb: 'run', ...B, certain: false }],
      ['--future list c1', { verb: 'list', certain: false }],
      ['conjure --bundle /b c1', { verb: 'conjure' }],
      ['create --future --bundle /b c1', { ...create, certain: false }],
      ['create --future value --bundle /b c1', { ...create, certain: false }],
      ['create --bundle /b --future c1', { ...create, certain: false }],
      ['create --bundle /b c1 --future value', { ...create, certain: false }],
      ['create --bundle /b --version c1', { ...create, certain: false }],
      ['create -b/b c1', { verb: 'create', id: 'c1', certain: false }],
      ['create --bun /b c1', { verb: 'create', id: 'c1', certain: false }],
      ['create ---bundle /b c1', { verb: 'create', id: '/b', certain: false }],
      ['create --=/b c1', { verb: 'create', id: 'c1', certain: false }],
      ['create c1 --bundle', { verb: 'create', id: 'c1', certain: false }],
      ['--root', { certain: false }],
      ['kill --future c1 9', { verb: 'kill', id: 'c1' }],
      ['hasOwnProperty c1', { verb: 'hasOwnProperty' }],
    ]);
  });
});

describe('crun', () => {
  check('crun', [
    ['create --bundle /b c1', create],
    ['create --bundle=/b c1', create],
    ['create -b /b c1', create],
    ['create -b/b c1', create],
    ['create -b=/b c1', { ...create, bundle: '=/b' }],
    ['create --bun /b c1', create],
    ['create --b=/b c1', create],
    ['run -db /b c1', { verb: 'run', ...B }],
    ['run -db/b c1', { verb: 'run', ...B }],
    ['run -d -fc.json -b/b c1', { verb: 'run', ...B, configFile: 'c.json' }],
    ['run -dfb /b c1', { verb: 'run', configFile: 'b', id: '/b' }],
    ['restore -d -b /b --tcp-est c1', { verb: 'restore', ...B }],
    ['create -f c.json -b /b c1', { ...create, configFile: 'c.json' }],
    ['create --config c.json -b /b c1', { ...create, configFile: 'c.json' }],
    ['create --conf=/c.json -b /b c1', { ...create, configFile: '/c.json' }],
    // Flags after the id are operands, of which crun says that there are too many.
    ['create c1 --bundle /b', { verb: 'create', id: 'c1' }],
    ['create -- c1 --bundle /b', { verb: 'create', id: 'c1' }],
    ['create --bundle /b -- c1', create],
    ['create --bundle -- c1', { verb: 'create', bundle: '--', id: 'c1' }],
    ['create - --bundle /b', { verb: 'create', id: '-' }],
    ['create --bundle /a -b/b c1', create],
    ['create --bundle= c1', { verb: 'create', id: 'c1' }],
    ['create c1', { verb: 'create', id: 'c1' }],
    ['--root create delete c1', { verb: 'delete', id: 'c1' }],
    ['exec -tu create c1 create', { verb: 'exec', id: 'c1' }],
    ['kill --all create', { verb: 'kill', id: 'create' }],
    ['--rootless true create --bundle /b c1', create],
    ['--systemd create --bundle /b c1', create],
    ['--systemd-cgroup true create --bundle /b c1', { verb: 'true' }],
    ['--cgroup-man systemd --debug create --bundle /b c1', create],
    ['-- create --bundle /b c1', create],
    ['--version create', {}],
    ['-v', {}],
    ['-V create --bundle /b c1', {}],
    ['-? create --bundle /b c1', {}],
    ['--us create --bundle /b c1', {}],
    ['create --help', {}],
    ['run -d? --bundle /b c1', {}],
    ['run -?b /b c1', {}],
    // The log: a file, or nothing that a record could be appended to.
    ['--log /l --log-f json create --bundle /b c1', { ...create, log: '/l', logFormat: 'json' }],
    ['--log=file:/l create --bundle /b c1', { ...create, log: '/l' }],
    ['--log=file: create --bundle /b c1', create],
    ['--log journald:x create --bundle /b c1', create],
    ['--log=syslog:x create --bundle /b c1', create],
    ['--log=/l:x create --bundle /b c1', create],
    // What crun refuses, or does not have.
    ['create -bundle /b c1', { verb: 'create', bundle: 'undle', id: '/b' }],
    ['create --f c.json --bundle /b c1', { ...create, certain: false }],
    ['create --con x --bundle /b c1', { ...create, certain: false }],
    ['create --no -b /b c1', { ...create, certain: false }],
    ['create --p=x -b /b c1', { ...create, certain: false }],
    ['create --no-pivot=x --bundle /b c1', { ...create, certain: false }],
    ['--systemd-cgroup=true create --bundle /b c1', { ...create, certain: false }],
    ['--log- x create --bundle /b c1', { ...create, certain: false }],
    ['--future value create --bundle /b c1', { ...create, certain: false }],
    ['-x value create --bundle /b c1', { ...create, certain: false }],
    ['-debug create --bundle /b c1', { ...create, certain: false }],
    ['create -xb /b c1', { verb: 'create', id: '/b', certain: false }],
    ['create --future value --bundle /b c1', { ...create, certain: false }],
    ['create --future --bundle /b c1', { ...create, certain: false }],
    ['create --future c1', { verb: 'create', id: 'c1', certain: false }],
    ['create -b', { verb: 'create', certain: false }],
  ]);
});

describe('runsc', () => {
  check('runsc', [
    ['create --bundle /b c1', create],
    ['create -bundle=/b c1', create],
    ['create --bundle /a -bundle /b c1', create],
    ['create -bundle= c1', { verb: 'create', id: 'c1' }],
    ['create -bundle /b -- c1', create],
    ['-- create -bundle /b c1', create],
    ['create c1 --bundle /b', { verb: 'create', id: 'c1' }],
    ['--rootless create -bundle /b c1', create],
    ['--rootless=true create -bundle /b c1', create],
    ['--rootless true create -bundle /b c1', { verb: 'true' }],
    ['--network create run -bundle /b c1', { verb: 'run', ...B }],
    ['restore --detach --image-path /i -bundle /b c1', { verb: 'restore', ...B }],
    ['-version create -bundle /b c1', {}],
    ['-version=0 create -bundle /b c1', create],
    ['create -help c1', {}],
    ['do --root / create', { verb: 'do' }],
    // Its log is JSON whatever the format says.
    ['--log /l create -bundle /b c1', { ...create, log: '/l', logFormat: 'json' }],
    ['--log /l --log-format text create -bundle /b c1', { ...create, log: '/l', logFormat: 'json' }],
    ['--gvisor-gro 5s create -bundle /b c1', { ...create, certain: false }],
    ['--gvisor-gro create -bundle /b c1', { ...create, certain: false }],
    ['create -b /b c1', { verb: 'create', id: 'c1', certain: false }],
  ]);
});

describe('youki', () => {
  check('youki', [
    ['create --bundle /b c1', create],
    ['create --bundle=/b c1', create],
    ['create -b /b c1', create],
    ['create -b/b c1', create],
    ['create -b=/b c1', create],
    ['create c1 --bundle /b', create],
    ['create --bundle /b -- c1', create],
    ['run -db/b c1', { verb: 'run', ...B }],
    ['run -d -c /s -p /p -b /b c1', { verb: 'run', ...B }],
    ['restore --image-path /i --manage-cgroups-mode soft -b /b c1', { verb: 'restore', ...B }],
    ['--log-level debug create --bundle /b c1', create],
    ['--log-level list create --bundle /b c1', create],
    ['--log-level=trace create --bundle /b c1', create],
    ['--systemd-log --debug create --bundle /b c1', create],
    ['-l /l --log-format json -r /r -s create --bundle /b c1', { ...create, log: '/l', logFormat: 'json' }],
    ['-sl/l create --bundle /b c1', { ...create, log: '/l' }],
    ['--root create delete c1', { verb: 'delete', id: 'c1' }],
    ['exec -e A=create c1 create --bundle /b', { verb: 'exec', id: 'c1' }],
    ['info', { verb: 'info' }],
    ['-v', {}],
    ['create -h', {}],
    // No abbreviations, no long option behind one dash, no value that begins with one: youki refuses each of them.
    ['create --bun /b c1', { verb: 'create', id: 'c1', certain: false }],
    ['create --b /b c1', { verb: 'create', id: 'c1', certain: false }],
    ['create -bundle /b c1', { verb: 'create', bundle: 'undle', id: '/b' }],
    ['create --bundle -b c1', { verb: 'create', bundle: 'c1', certain: false }],
    ['--debug=true create --bundle /b c1', { ...create, certain: false }],
    ['--log-level --debug create --bundle /b c1', { ...create, certain: false }],
  ]);
});

/** The verb is a word that no grammar of ours makes certain; what a rewrite can belong to is in `readings`. */
describe('a flag that is not known leaves open which word is the verb', () => {
  const asCreate = { certain: false, readings: ['create /b c1'] } as const;
  describe('of runc, which has no --log-level', () => {
    check('runc', [
      // Verbs of other runtimes are none here.
      ...['debug', 'trace', 'info', 'wait', 'mounts'].map(
        (word): Row => [`--log-level ${word} create --bundle /b c1`, { ...create, certain: false }],
      ),
      ...['list', 'help', 'spec', 'features'].map(
        (word): Row => [`--log-level ${word} create --bundle /b c1`, { verb: word, ...asCreate }],
      ),
      ...['state', 'start', 'kill', 'delete', 'exec', 'pause'].map(
        (word): Row => [
          `--log-level ${word} create --bundle /b c1`,
          { verb: word, id: 'create', ...asCreate },
        ],
      ),
      ['--log-level=list create --bundle /b c1', { ...create, certain: false }],
      ['--log-level list -- create --bundle /b c1', { verb: 'list', ...asCreate }],
      ['--log-level -- create --bundle /b c1', { ...create, certain: false }],
      ['--x start --y state create --bundle /b c1', { verb: 'start', id: 'state', ...asCreate }],
      ['--x --y list create --bundle /b c1', { verb: 'list', ...asCreate }],
      ['--x list --debug --log /l create --bundle /b c1', { verb: 'list', ...asCreate }],
      ['--x --log create list', { certain: false, verb: 'list', log: 'create', readings: ['create . list'] }],
      // A flag can be a value, too, of one that we do not know.
      ['--x --help create --bundle /b c1', asCreate],
      ['--x --version create --bundle /b c1', asCreate],
      ['create --x --help --bundle /b c1', { certain: false, readings: ['create /b c1'] }],
      // One verb behind the other.
      ['--x run create --bundle /b c1', { verb: 'run', bundle: '/b', id: 'create', ...asCreate }],
      ['--x run create c1', { verb: 'run', id: 'create', certain: false, readings: ['create . c1'] }],
      [
        '--x run --y create c1',
        { verb: 'run', id: 'c1', certain: false, readings: ['run . c1', 'create . c1'] },
      ],
    ]);
  });

  describe('other calls stay what they are', () => {
    check('runc', [
      ['exec c1 create --bundle /b x', { verb: 'exec', id: 'c1' }],
      ['exec create create --bundle /b x', { verb: 'exec', id: 'create' }],
      ['--x exec c1 create --bundle /b x', { verb: 'exec', id: 'c1', certain: false }],
      ['--x=y exec c1 create --bundle /b x', { verb: 'exec', id: 'c1', certain: false }],
      ['--x value exec c1 create --bundle /b x', { verb: 'exec', id: 'c1', certain: false }],
      ['--x delete --force create', { verb: 'delete', id: 'create', certain: false }],
      ['--x state create', { verb: 'state', id: 'create', certain: false }],
      ['--x delete create', { verb: 'delete', id: 'create', certain: false }],
      ['--x kill run KILL 9', { verb: 'kill', id: 'run', certain: false }],
      ['--x -- kill create 9', { verb: 'kill', id: 'create', certain: false }],
      ['delete create', { verb: 'delete', id: 'create' }],
      ['kill run 9', { verb: 'kill', id: 'run' }],
    ]);
  });

  describe('and behind the verb, which bundle is meant', () => {
    check('runc', [
      ['create --x -b c1', { verb: 'create', bundle: 'c1', certain: false, readings: ['create . c1'] }],
      [
        'create --bundle=/a --x --bundle=/b c1',
        { ...create, certain: false, readings: ['create /a c1', 'create /b c1'] },
      ],
      ['create --bundle /b --x c1 --bundle=/a', { verb: 'create', bundle: '/a', certain: false }],
      ['create --bundle /b --x -- c1', { ...create, certain: false }],
    ]);
    // crun takes a second word with restore, and no flags behind the id.
    check('crun', [
      ['restore --x y -b /b c1', { verb: 'restore', ...B, certain: false }],
      ['restore --x y c1', { verb: 'restore', id: 'c1', certain: false }],
      ['restore --network-lock nftables -b /b c1', { verb: 'restore', ...B }],
    ]);
    check('runsc', [
      ['create --fs-restore-image-path /i -bundle /b c1', create],
      ['run -fs-restore-direct -bundle /b c1', { verb: 'run', ...B }],
      ['fscheckpoint -path / create', { verb: 'fscheckpoint', id: 'create' }],
      ['tar rootfs-upper create', { verb: 'tar' }],
      ['--x tar create -bundle /b c1', { verb: 'tar', ...asCreate }],
    ]);
  });

  describe('and of a runtime whose grammar is not known every flag does', () => {
    check(undefined, [
      [
        '--root /r --log /l --log-format json create --bundle /b c1',
        { ...create, log: '/l', logFormat: 'json' },
      ],
      ['--root /r state create', { verb: 'state', id: 'create' }],
      ['--debug create --bundle /b create', { ...create, id: 'create' }],
      ['--debug list create --bundle /b c1', { verb: 'list', ...asCreate }],
      ['--rootless create --bundle /b c1', { verb: 'c1', ...asCreate }],
      ['-v create --bundle /b c1', asCreate],
      ['--root create --bundle /b c1', { verb: 'c1', ...asCreate }],
      ['exec c1 create --bundle /b x', { verb: 'exec', id: 'c1' }],
      ['--debug exec c1 create --bundle /b x', { verb: 'exec', id: 'c1' }],
      ['create --help', {}],
    ]);
  });

  test('many such flags are read in a time that does not grow with the number of readings', () => {
    const argv = [...Array(400).fill('--x'), 'create', ...Array(400).fill('--y'), '--bundle=/b', 'c1'];
    const { readings } = parseInvocation(argv, { dialect: 'runc' });
    expect(readings?.map(inShort)).toEqual(['create . c1', 'create /b c1']);
  });
});

test('without a dialect the grammar is that of runc', () => {
  expect(readable(parseInvocation(['create', 'c1', '-b=/b']))).toEqual({ ...create, certain: true });
});

test('bytes that are no UTF-8 come through, text counts as UTF-8', () => {
  const bundle = Uint8Array.from([0x2f, 0xff, 0x80, 0x3d, 0xc3]);
  const flag = Uint8Array.from([...Buffer.from('--bundle='), ...bundle]);
  expect(parseInvocation(['create', flag, 'c1']).bundle).toEqual(bundle);
  expect(parseInvocation(['create', '-b', bundle, 'c1']).bundle).toEqual(bundle);
  expect(parseInvocation(['create', '-b', '/ü', 'c1']).bundle).toEqual(new Uint8Array(Buffer.from('/ü')));
  expect(parseInvocation([Buffer.from('create'), bundle]).id).toEqual(bundle);
});

test.each<[Dialect, string, string | undefined]>([
  ['runc', '--root /r state c1', '/r'],
  ['runc', '--root=/q --root /r kill c1 9', '/r'],
  ['runc', '--root  delete c1', undefined],
  ['runc', 'delete c1 --root /r', undefined],
  ['crun', '--root=/r start c1', '/r'],
])('%s: the folder of the runtime: %s', (dialect, argv, root) => {
  const { root: found } = parseInvocation(argv.split(' '), { dialect });
  expect(found === undefined ? undefined : text(found)).toBe(root);
});
