import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { ociwrap, program } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';

/** The root folder of a node, in memory, with a runtime and two versions of the program that nobody has installed. */
export interface NodeTree {
  readonly path: string;
  /** Calls a version on the node, as somebody who is logged in there. */
  call(version: 'a' | 'b', ...args: readonly string[]): Ended;
  /** The command line of that, to be put behind another program. */
  command(version: 'a' | 'b', ...args: readonly string[]): readonly string[];
  /** Makes it as it was at first. */
  anew(): void;
  /** All that is in it: of a file its content, of a link where it points. */
  listing(): Readonly<Record<string, string>>;
  /** The same, with what tells whether somebody has written it. */
  stamps(): Readonly<Record<string, string>>;
}

/** What is no part of what an installation changes. */
const APART = ['proc', 'src', 'dev'];

/** `/opt` is a symlink that only leads somewhere on the node. */
export function nodeTree(): NodeTree {
  const path = scratchFolder('node');
  mount('-t', 'tmpfs', '-o', 'mode=755', 'node', path);
  for (const folder of ['proc', 'src/a', 'src/b', 'bin']) mkdirSync(join(path, folder), { recursive: true });
  mount('--rbind', '/proc', join(path, 'proc'));
  for (const version of ['a', 'b']) copyFileSync(ociwrap, join(path, 'src', version, 'ociwrap'));
  appendFileSync(join(path, 'src/b/ociwrap'), 'another');
  const anew = () => {
    for (const name of readdirSync(path)) {
      if (!APART.includes(name)) rmSync(join(path, name), { recursive: true });
    }
    for (const folder of ['data/opt', 'etc', 'run', 'usr/bin', 'var/lib', 'var/log']) {
      mkdirSync(join(path, folder), { recursive: true });
    }
    symlinkSync('/data/opt', join(path, 'opt'));
    writeFileSync(join(path, 'usr/bin/runc'), '#!/nothing\n');
    chmodSync(join(path, 'usr/bin/runc'), 0o711);
  };
  anew();
  const command = (version: string, ...args: readonly string[]) => [
    ...[program('chroot'), path, `/src/${version}/ociwrap`],
    ...args,
  ];
  return {
    path,
    command,
    call: (version, ...args) => {
      const [file = '', ...words] = command(version, ...args);
      return runProgram(file, words);
    },
    anew,
    listing: () => entriesIn(path, ''),
    stamps: () => entriesIn(path, '', true),
  };
}

function entriesIn(root: string, folder: string, isStamped = false): Readonly<Record<string, string>> {
  const entries: Record<string, string> = {};
  for (const name of readdirSync(join(root, folder))) {
    if (folder === '' && APART.includes(name)) continue;
    const path = `${folder}/${name}`;
    const status = lstatSync(join(root, path), { bigint: true });
    const { mode, uid, gid, ino, mtimeNs, ctimeNs } = status;
    const content = status.isFile()
      ? contentOf(readFileSync(join(root, path), 'latin1'))
      : status.isSymbolicLink()
        ? readlinkSync(join(root, path))
        : '';
    const stamp = isStamped ? ` ${ino} ${mtimeNs} ${ctimeNs}` : '';
    entries[path] = `${mode.toString(8)} ${uid}:${gid} ${content}${stamp}`;
    if (status.isDirectory()) Object.assign(entries, entriesIn(root, path, isStamped));
  }
  return entries;
}

/** A program is told from another by its end and its size. */
function contentOf(text: string): string {
  return text.length < 10_000 ? text : `${text.length} ${text.slice(-20)}`;
}
