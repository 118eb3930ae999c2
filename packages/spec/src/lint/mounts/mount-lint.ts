import { quoted } from '../../printable.js';
import { elementsOf, isAbsent, member, textOf, textsOf, type UncheckedObject } from '../json-view.js';
import type { LintTopic, Report } from '../lint-topic.js';
import { isAbsolutePath } from '../platform.js';
import { MOUNT_OPTIONS, REFUSED_BY_CRUN, UNKNOWN_TO_OLD_RUNSC, UNKNOWN_TO_RUNC } from './mount-options.js';
import { MountedFolders } from './mounted-folders.js';

interface SeenMount {
  readonly path: readonly (string | number)[];
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly (readonly [number, string])[];
  readonly isBind: boolean;
}

/** Mounts (config.md, "Mounts"). */
export const lintMounts: LintTopic = (spec, report) => {
  const list = member(spec, 'mounts');
  if (isAbsent(list)) {
    report('LINT_MOUNTS_MISSING', ['mounts'], '"/mounts" is missing');
  }
  const mounts = elementsOf(list);
  const earlier = new MountedFolders();
  for (const [index, mount] of mounts.entries()) {
    const seen = viewOf(mount, ['mounts', index]);
    lintDestination(seen, earlier, spec, report);
    lintKind(seen, report);
    lintMappings(mount, seen, report);
    lintOptions(seen, report);
    earlier.add(seen.destination, namesIn(seen.destination));
  }
  if (!mounts.some((mount) => folderOf(namesIn(textOf(member(mount, 'destination')) ?? '')) === '/proc')) {
    const setsCapabilities = !isAbsent(member(member(spec, 'process'), 'capabilities'));
    const code = setsCapabilities ? 'LINT_MOUNT_PROC_NEEDED' : 'LINT_MOUNT_PROC_MISSING';
    report(code, ['mounts'], 'nothing is mounted at "/proc"');
  }
};

function viewOf(mount: unknown, path: readonly (string | number)[]): SeenMount {
  const text = (name: string) => textOf(member(mount, name)) ?? '';
  const options = textsOf(member(mount, 'options'));
  const isBind = options.some(([, option]) => option === 'bind' || option === 'rbind');
  return {
    path,
    destination: text('destination'),
    type: text('type'),
    source: text('source'),
    options,
    isBind,
  };
}

function lintDestination(
  { path, destination, type }: SeenMount,
  earlier: MountedFolders,
  spec: UncheckedObject,
  report: Report,
): void {
  const place = [...path, 'destination'];
  if (destination === '') {
    report('LINT_MOUNT_DESTINATION_EMPTY', place, 'the mount has no destination');
    return;
  }
  if (!isAbsolutePath(destination, spec)) {
    report('LINT_MOUNT_DESTINATION_RELATIVE', place, `${quoted(destination)} is not an absolute path`);
  }
  const names = namesIn(destination);
  const folder = folderOf(names);
  if (folder === '/') {
    report('LINT_MOUNT_ON_ROOT', place, 'a mount on "/" hides the root');
    return;
  }
  if (folder === '/proc' && type !== 'proc') {
    report('LINT_MOUNT_ON_PROC', place, '"/proc" is something else than a proc file system');
  }
  const covered = earlier.firstIn(names);
  if (covered !== undefined) {
    report('LINT_MOUNT_COVERS', place, `this mount hides the earlier one at ${quoted(covered)}`);
  }
}

/** Without `.` and doubled slashes; a relative destination means the root's. */
function namesIn(destination: string): readonly string[] {
  return destination.split('/').filter((part) => part !== '' && part !== '.');
}

function folderOf(names: readonly string[]): string {
  return `/${names.join('/')}`;
}

function lintKind({ path, type, source, isBind }: SeenMount, report: Report): void {
  if (isBind) {
    if (source === '') {
      report('LINT_MOUNT_SOURCE', [...path, 'source'], 'a bind mount has no source');
    }
  } else if (type === 'bind') {
    const message = 'a mount of the type "bind" without the option "bind" or "rbind"';
    report('LINT_MOUNT_BIND_OPTION', [...path, 'options'], message);
  } else if (type === '') {
    report('LINT_MOUNT_TYPE', [...path, 'type'], 'the mount has neither a type nor the option "bind"');
  }
}

function lintMappings(mount: unknown, { path, options }: SeenMount, report: Report): void {
  const [uid, gid] = ['uidMappings', 'gidMappings'].map((name) => !isAbsent(member(mount, name)));
  if (uid !== gid) {
    const missing = uid === true ? 'gidMappings' : 'uidMappings';
    report('LINT_MOUNT_MAPPINGS', [...path, missing], `${missing} is missing beside the other mappings`);
  }
  const mapped = uid === true || gid === true;
  const option = options.find(([, name]) => name === 'idmap' || name === 'ridmap');
  if (mapped && option === undefined) {
    const message = 'a mount with id mappings needs the option "idmap" or "ridmap"';
    report('LINT_MOUNT_IDMAP', [...path, 'options'], message);
  }
}

function lintOptions({ path, options, isBind }: SeenMount, report: Report): void {
  if (!isBind) return;
  for (const [index, option] of options) {
    const place = [...path, 'options', index];
    if (UNKNOWN_TO_OLD_RUNSC.has(option)) {
      report('LINT_MOUNT_OPTION_RUNSC', place, `${quoted(option)} is unknown to older releases of runsc`);
    }
    if (option === 'shared' || option === 'rshared') {
      report('LINT_MOUNT_SHARED', place, `${quoted(option)} would carry mounts out of the container`);
    } else if (option !== '' && !MOUNT_OPTIONS.has(option)) {
      report('LINT_MOUNT_OPTION', place, `${quoted(option)} is not an option of a bind mount`);
    } else if (UNKNOWN_TO_RUNC.has(option)) {
      report('LINT_MOUNT_OPTION_RUNC', place, `${quoted(option)} on a bind mount is unknown to runc`);
    } else if (REFUSED_BY_CRUN.has(option)) {
      report('LINT_MOUNT_OPTION_CRUN', place, `${quoted(option)} on a bind mount is refused by crun`);
    } else if (option === 'remount') {
      report('LINT_MOUNT_REMOUNT', place, 'nothing is mounted there yet that could be mounted anew');
    }
  }
}
