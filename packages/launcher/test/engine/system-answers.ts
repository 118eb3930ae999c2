import { isFailure, OPEN, type System } from '../../../cli/src/system/system.js';

/** What the kernel says of files that come and go in a folder of their own: the same over every implementation of {@link System}. */
export function systemAnswers(system: System, folder: string): Record<string, unknown> {
  const at = (name: string) => `${folder}/${name}`;
  const answers: Record<string, unknown> = {};
  const note = (name: string, answer: unknown) => {
    answers[name] = plain(answer);
  };
  const text = (value: string) => new TextEncoder().encode(value);

  note('umask', system.umask(0o022));
  note('umask again', system.umask(0o022));
  note('mkdir', system.mkdir(at('folder'), 0o750));
  note('mkdir again', system.mkdir(at('folder'), 0o750));
  const fd = system.open(at('folder/file'), OPEN.readWrite + OPEN.create + OPEN.exclusive, 0o640);
  if (isFailure(fd)) throw new Error(fd.errno);
  note('write', system.write(fd, text('a few bytes ✓')));
  note('fchmod', system.fchmod(fd, 0o604));
  note('fchown', system.fchown(fd, 12, 34));
  note('fstat', withoutTimes(system.fstat(fd)));
  note('fsync', system.fsync(fd));
  note('lock', system.tryLock(fd));
  const second = system.open(text(at('folder/file')), OPEN.read);
  if (isFailure(second)) throw new Error(second.errno);
  note('locked', system.tryLock(second));
  note('read', system.read(second, 5));
  note('read the rest', system.read(second, 500));
  note('read at the end', system.read(second, 500));
  note('write to what is only read', system.write(second, text('x')));
  note('isatty', system.isatty(second));
  note('close', system.close(second));
  note('close again', system.close(second));
  note('fstat of none', system.fstat(second));
  note('read of none', system.read(999, 5));
  note('open of none', system.open(at('none'), OPEN.read));
  note('open of a folder', system.open(at('folder'), OPEN.write));
  note('open a file as a folder', system.open(at('folder/file'), OPEN.read + OPEN.directory));
  note('open through a file', system.open(at('folder/file/x'), OPEN.read));
  note('open again exclusively', system.open(at('folder/file'), OPEN.create + OPEN.exclusive + OPEN.write));
  note('open with a NUL', system.open('/tmp\0x', OPEN.read));
  note('open of a long path', system.open(`/${'x'.repeat(5000)}`, OPEN.read));
  note('open of a long name', system.open(at('x'.repeat(300)), OPEN.read));
  note('open a link', system.open(at('links/file'), OPEN.read + OPEN.noFollow));
  note('open a loop', system.open(at('links/loop'), OPEN.read));
  note('stat', withoutTimes(system.stat(at('links/file'))));
  note('times', timesOf(system.stat(at('target'))));
  note('lstat', withoutTimes(system.lstat(at('links/file'))));
  note('stat of none', system.stat(at('links/broken')));
  note('stat of a device', withoutTimes(system.stat('/dev/null')));
  note('stat of a fifo', withoutTimes(system.stat(at('fifo'))));
  note('stat of nothing', system.stat(''));
  note('readlink', system.readlink(at('links/file')));
  note('readlink of bytes', system.readlink(at('links/bytes')));
  note('readlink of a file', system.readlink(at('target')));
  note('realpath', system.realpath(at('links/../links/file')));
  note('realpath of none', system.realpath(at('links/broken')));
  note('realpath of a loop', system.realpath(at('links/loop')));
  const gone = system.open(at('gone'), OPEN.create + OPEN.write);
  system.unlink(at('gone'));
  // It can be looked at, and has no path: what is in the way is told, and nothing else.
  note('realpath of what has none', system.realpath(`/proc/self/fd/${String(gone)}`));
  system.close(Number(gone));
  note('readdir', sorted(system.readdir(at('links'))));
  note('readdir of many', sorted(system.readdir(at('many'))));
  note('readdir of none', system.readdir(at('none')));
  note('readdir of a file', system.readdir(at('target')));
  note('rename', system.rename(at('folder/file'), at('folder/other')));
  note('rename of none', system.rename(at('folder/file'), at('folder/other')));
  note('symlink', system.symlink('../target', at('folder/link')));
  note('symlink of bytes', system.symlink(text('a \ud800'), text(at('folder/bytes'))));
  note('its target', [system.readlink(at('folder/link')), system.readlink(at('folder/bytes'))]);
  note('symlink again', system.symlink('other', at('folder/link')));
  note('symlink to nothing', system.symlink('', at('folder/nothing')));
  note('symlink in none', system.symlink('x', at('none/link')));
  note('symlink with a NUL', [system.symlink('a\0b', at('folder/x')), system.symlink('a', `${folder}/x\0`)]);
  note('link', system.link(at('folder/other'), at('folder/second')));
  note('its names', withoutTimes(system.stat(at('folder/second'))));
  note('link again', system.link(at('folder/other'), at('folder/second')));
  note('link of a symlink', system.link(at('folder/link'), at('folder/third')));
  note('what it is', system.readlink(at('folder/third')));
  note('link of a folder', system.link(at('folder'), at('fourth')));
  note('link of none', system.link(at('none'), at('fourth')));
  for (const name of ['link', 'bytes', 'second', 'third']) system.unlink(at(`folder/${name}`));
  note('rmdir of a full one', system.rmdir(at('folder')));
  note('unlink of a folder', system.unlink(at('folder')));
  note('unlink', system.unlink(at('folder/other')));
  note('unlink of none', system.unlink(at('folder/other')));
  note('rmdir', system.rmdir(at('folder')));
  note('may execute', [at('target'), at('program'), at('none'), at('links')].map(system.mayExecute));
  note('lone surrogate', system.stat(at('\ud800')));
  note('running', [system.isRunning(system.getpid()), system.isRunning(2 ** 22 + 1)]);
  note('execve of none', system.execve(at('none'), [text('a')], [text('b=c')]));
  note('execve of a folder', system.execve(at('links'), [text('a')], []));

  beneathAnswers(system, folder, note);
  programAnswers(system, folder, note);
  return answers;
}

type Note = (name: string, answer: unknown) => void;

function beneathAnswers(system: System, folder: string, note: Note): void {
  const bytes = (value: string) => new TextEncoder().encode(value);
  const paths = [
    '.',
    'inner',
    'inner/deep',
    'link',
    'file',
    'none',
    '',
    '/tmp',
    '..',
    'inner/../inner',
    'inner//deep/',
  ];
  const root = `${folder}/root`;
  for (const path of paths) note(`resolve ${path}`, system.resolveBeneath(root, path));
  note('resolve /proc', system.resolveBeneath('/', 'proc'));
  note('resolve in none', system.resolveBeneath(`${folder}/none`, 'x'));
  const found = system.stat(root);
  if (isFailure(found)) throw new Error(found.errno);
  const pinned = { path: root, dev: found.dev, ino: found.ino };
  const other = { ...pinned, ino: found.ino + 1n };
  for (const path of [...paths, 'inner/file', 'file/x', 'link/file']) {
    note(`look ${path}`, system.lookBeneath(pinned, path));
    note(`list ${path}`, sorted(system.listBeneath(pinned, path, 100)));
  }
  note('look in another', system.lookBeneath(other, 'file'));
  note('list in another', system.listBeneath(other, '.', 5));
  note('list some', lengthOf(system.listBeneath(pinned, 'inner', 2)));
  note('list none', lengthOf(system.listBeneath(pinned, 'inner', 0)));
  for (const kind of ['empty-file', 'file', 'empty-directory'] as const) {
    for (const path of ['none', 'file/x', 'inner', 'link', 'file', 'empty', 'hollow', '..']) {
      note(`remove ${kind} ${path}`, system.removeBeneath(pinned, path, { kind }));
    }
  }
  note('remove a link', [
    system.removeBeneath(pinned, 'link', { kind: 'symlink', target: 'elsewhere' }),
    system.removeBeneath(pinned, 'link', { kind: 'symlink', target: bytes('inner') }),
    system.removeBeneath(pinned, 'link', { kind: 'symlink', target: 'inner' }),
    system.removeBeneath(other, 'link', { kind: 'symlink', target: 'inner' }),
  ]);
}

function programAnswers(system: System, folder: string, note: Note): void {
  const bytes = (value: string) => new TextEncoder().encode(value);
  const environment = ['ONLY=this', 'LINES=a=b\nc'].map(bytes);
  const run = (path: string, argv: readonly string[], milliseconds = 60_000, mostOutput?: number) =>
    system.runProgram(path, argv.map(bytes), environment, milliseconds, mostOutput);
  const shell = (script: string, milliseconds?: number, mostOutput?: number) =>
    run('/bin/sh', ['a shell', '-c', script], milliseconds, mostOutput);
  note('run', shell('echo "$0 $ONLY $LINES"; pwd'));
  note('run with its argv', run('/bin/cat', ['a cat', '/proc/self/cmdline']));
  note('run with its files', shell('readlink /proc/self/fd/0 /proc/self/fd/2'));
  note('run to a status', shell('exit 3'));
  note('run to a signal', shell('kill -9 $$'));
  note('run without a word', shell(''));
  note('run into much', shell('head -c 4096 /dev/zero'));
  note('run into too much', shell('head -c 4097 /dev/zero'));
  note('run into more', shell('head -c 30000 /dev/zero', 60_000, 30_000));
  note('run into more than that', shell('head -c 30001 /dev/zero', 60_000, 30_000));
  note('run without an end', run('/usr/bin/yes', ['yes']));
  note('run too long', run('/bin/sleep', ['sleep', '100000'], 50));
  note('run silently too long', shell('exec >&-; exec sleep 100000', 50));
  note('run none', run(`${folder}/none`, ['none']));
  note('run a folder', run(folder, ['folder']));
  note('run what may not be run', run(`${folder}/target`, ['target']));
}

/** What JSON can hold, and that tells apart what differs. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (typeof value === 'bigint') return `${value}n`;
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  // Which call it was differs between Node.js and the kernel's own names.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'syscall')
      .map(([name, member]) => [name, plain(member)]),
  );
}

function withoutTimes(answer: object): object {
  return Object.fromEntries(
    Object.entries(answer).filter(([name]) => !name.endsWith('Ns') && name !== 'ino'),
  );
}

function timesOf(answer: object): unknown {
  return 'mtimeNs' in answer ? answer.mtimeNs : answer;
}

function sorted(answer: unknown): unknown {
  return Array.isArray(answer) ? answer.map((name) => [...name].join()).sort() : answer;
}

function lengthOf(answer: unknown): unknown {
  return Array.isArray(answer) ? answer.length : answer;
}
