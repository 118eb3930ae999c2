// What a test run must leave as it found it. Taken before and after; whatever differs is told.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of which every entry counts, with owner, mode and time of change. */
const WATCHED_WHOLE = ['/etc'];

/** Folders in which the tests' programs keep things: names count. */
const WATCHED_NAMES = [
  '/run',
  '/run/containerd',
  '/run/containers',
  '/run/crun',
  '/run/docker',
  '/run/libpod',
  '/run/netns',
  '/run/runc',
  '/run/runsc',
  '/run/cdi',
  '/var/cache/ociwrap',
  '/var/lib',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/docker',
  '/var/lib/kubelet',
  '/var/lib/ociwrap',
];

/** Names that count in folders where others work, too. */
const WATCHED_PREFIXES = [
  ['/tmp', 'ociwrap'],
  ['/var/log', 'sgs-'],
  ['/var/log', 'ociwrap'],
];

/** Devices that a runtime could have given away. */
const WATCHED_DEVICES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty'];

/** What the machine itself renews: addresses, the clock's drift, libraries that somebody installs meanwhile. */
const RENEWED = /^\/etc\/(resolv\.conf|adjtime|mtab|ld\.so\.cache)$/;

/** Control groups of a service manager, of sessions and of an engine that is in use. */
const FOREIGN_CGROUP = /\.(slice|scope|service|mount|socket)(\/|$)|\/(kubepods|docker|system|user)(\/|$)/;

/** @returns {Map<string, string>} what is watched, by a name for it */
export function machineState() {
  const state = new Map();
  for (const folder of WATCHED_WHOLE) {
    watchTree(state, folder);
  }
  for (const folder of WATCHED_NAMES) {
    for (const name of namesIn(folder)) {
      state.set(`file ${join(folder, name)}`, 'there');
    }
  }
  for (const [folder, prefix] of WATCHED_PREFIXES) {
    for (const name of namesIn(folder).filter((name) => name.startsWith(prefix))) {
      state.set(`file ${join(folder, name)}`, 'there');
    }
  }
  for (const device of WATCHED_DEVICES) {
    const { mode, uid, gid, rdev } = lstatSync(device);
    state.set(`device ${device}`, `mode ${mode.toString(8)}, owner ${uid}:${gid}, number ${rdev}`);
  }
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')) {
    const [id, , , rootOfMount, mountPoint] = line.split(' ');
    state.set(`mount ${id}`, `${rootOfMount} on ${mountPoint}`);
  }
  watchCgroups(state, '/sys/fs/cgroup');
  return state;
}

/** Goes away at its owner's will: what is left of the tests is what is new. */
const COMES_AND_GOES = /^(cgroup|file \/tmp\/)/;

/** @returns {string[]} one line for each difference */
export function machineChanges(before, after) {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .filter((name) => after.has(name) || !COMES_AND_GOES.test(name))
    .map(
      (name) => `${name}: ${before.get(name) ?? 'not there'} before, ${after.get(name) ?? 'not there'} now`,
    );
}

function watchTree(state, folder) {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (RENEWED.test(path)) continue;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const { mode, uid, gid, size, mtimeMs } = stat;
    state.set(`file ${path}`, `mode ${mode.toString(8)}, owner ${uid}:${gid}, ${size} bytes of ${mtimeMs}`);
    if (stat.isDirectory()) watchTree(state, path);
  }
}

function watchCgroups(state, folder) {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() && !FOREIGN_CGROUP.test(path)) {
      state.set(`cgroup ${path}`, 'there');
      watchCgroups(state, path);
    }
  }
}

/** Nothing where there is no such folder, or where it went away meanwhile. */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  }
}
