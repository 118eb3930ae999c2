// Leaves wrapper-code.cache beside the wrapper-code.cjs of the folder given as the argument: what V8 compiles of it
// during one rewriting call. Run it with the Node.js, and the flags, that will run the wrapper: V8 compares both.
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';

const filename = join(resolve(process.argv[2]), 'wrapper-code.cjs');
const cache = join(dirname(filename), 'wrapper-code.cache');
const source = fs.readFileSync(filename, 'utf8');
const script = new Script(source, { filename });

const machine = fs.mkdtempSync(join(tmpdir(), 'ociwrap-compile-'));
process.on('exit', () => fs.rmSync(machine, { recursive: true }));
fs.rmSync(cache, { force: true });
furnish();
callWrapper();
throw new Error('the call did not come as far as the runtime; it has said why');

/** The machine of the call, in a folder: a mounted volume, and a bundle that asks for it. */
function furnish() {
  const pod = '/var/lib/kubelet/pods/2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d/volumes/kubernetes.io~csi/pvc-boot';
  const volume = `${pod}/mount`;
  for (const folder of [volume, '/proc/self', '/run', '/var/log', '/bundle']) {
    fs.mkdirSync(machine + folder, { recursive: true });
  }
  fs.writeFileSync(
    `${machine}${pod}/vol_data.json`,
    JSON.stringify({ specVolID: 'pvc-boot', volumeLifecycleMode: 'Persistent' }),
  );
  fs.writeFileSync(
    `${machine}/proc/self/mountinfo`,
    `25 1 8:1 / / rw - ext4 /dev/sda1 rw\n26 25 8:16 / ${volume} rw,relatime shared:1 - ext4 /dev/sdb rw\n`,
  );
  const options = ['rbind', 'rprivate', 'rw'];
  fs.writeFileSync(
    `${machine}/bundle/config.json`,
    JSON.stringify({
      ociVersion: '1.2.0',
      process: {
        args: ['sh'],
        cwd: '/',
        env: ['PATH=/bin'],
        user: { uid: 0, gid: 0 },
        noNewPrivileges: true,
      },
      root: { path: 'rootfs' },
      hostname: 'a "quoted" name, and one of more letters than a short string has',
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/mnt/boot', type: 'bind', source: volume, options },
      ],
      annotations: {
        'io.kubernetes.cri.container-type': 'container',
        'io.kubernetes.cri.sandbox-uid': '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
        'sgs.snucse.org/os-volume': 'pvc-boot',
      },
      linux: { namespaces: [{ type: 'mount' }], devices: [], resources: { cpu: { shares: 2 } } },
    }),
  );
}

function callWrapper() {
  const bytes = (texts) => texts.map((text) => Buffer.from(text));
  const state = {
    argv: bytes([
      'runc',
      '--root',
      '/run/runc',
      '--log',
      `${machine}/log.json`,
      '--log-format',
      'json',
      'create',
    ]),
    env: bytes(['PATH=/usr/bin:/bin', `SGS_RUNC_PATH=${process.execPath}`]),
    execFn: Buffer.from('/usr/bin/runc'),
    exe: { path: Buffer.from('/opt/ociwrap/bin/oci-runtime-wrapper'), dev: 1n, ino: 1n },
    cwd: Buffer.from('/'),
    record: new Uint8Array(),
  };
  state.argv.push(...bytes(['--bundle', `${machine}/bundle`, '--pid-file', '/run/init.pid', 'c1']));
  const addon = {
    isMainThread: () => true,
    readProcessState: () => state,
    mayExecute: () => true,
    resolveBeneath: (root, path) => {
      const { dev, ino } = fs.lstatSync(`${machine}${root}/${path}`, { bigint: true });
      return { dev, ino };
    },
    // The last step of a call that succeeds: everything that it needed has been compiled.
    execve: finish,
  };
  process.dlopen = (module) => {
    module.exports = addon;
  };
  process.argv[2] = '3'; // where the launcher would have left the state
  const require = (name) => process.getBuiltinModule(name);
  script.runInThisContext()(
    (name) => (name === 'node:fs' ? fsOfMachine() : require(name)),
    dirname(filename),
  );
}

/** node:fs with the folders of the machine in the places where the wrapper looks for them. */
function fsOfMachine() {
  const there = (path) => (/^\/(?:proc|run|var)\//.test(path) ? machine + path : path);
  const inMachine =
    (call) =>
    (path, ...rest) =>
      call(typeof path === 'string' ? there(path) : path, ...rest);
  const calls = [
    'lstatSync',
    'mkdirSync',
    'openSync',
    'readdirSync',
    'readFileSync',
    'statSync',
    'unlinkSync',
  ];
  const realpath = (path) => fs.realpathSync.native(there(path)).replace(machine, '');
  return {
    ...fs,
    ...Object.fromEntries(calls.map((name) => [name, inMachine(fs[name])])),
    renameSync: (from, to) => fs.renameSync(there(from), there(to)),
    realpathSync: Object.assign(realpath, { native: realpath }),
  };
}

function finish() {
  fs.writeFileSync(cache, script.createCachedData(), { mode: 0o644 });
  if (new Script(source, { filename, cachedData: fs.readFileSync(cache) }).cachedDataRejected) {
    throw new Error(`${cache} is not taken by the V8 that made it`);
  }
  process.exit(0);
}
