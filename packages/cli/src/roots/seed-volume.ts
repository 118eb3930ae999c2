import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { answerOf, type Failure, isFailure, type System, SystemError } from '../system/system.js';
import { textOf } from '../system/text.js';
import type { TreeProgress, TreeTask } from '../system/tree-calls.js';
import { type SeedDecision, seedDecision } from './seed-decision.js';
import { type SeedLock, takeSeedLock } from './seed-lock.js';
import { NO_BOOT, readSeedRecord, writeSeedRecord } from './seed-record.js';
import { freeOf, spaceFault } from './seed-space.js';
import { amount, size } from './seed-text.js';
import { isResetPending, takeUpReset } from './upper-reset.js';
import { contentOf, inFolder } from './volume-folder.js';
import type { ImageIdentity } from './volume-record.js';

/** A volume to be filled, and from what. */
export interface Seed {
  /** The root of the image, open. */
  readonly image: number;
  /** The volume's top, open. */
  readonly volume: number;
  readonly imageIdentity: ImageIdentity;
  /** `/proc/sys/kernel/random/boot_id`. */
  readonly bootId: string;
  /** Takes lines for the log: at the beginning, every ten seconds, at the end, and what the copy lacks. */
  readonly tell: (message: string) => void;
  /** Takes how far it is, several times a second. */
  readonly show?: (done: TreeProgress, all: TreeProgress) => void;
}

/** Milliseconds between two lines of the log, of one slice of work, and between two looks at a lock. */
const BETWEEN_LINES = 10_000;
const SLICE = 200;
const BETWEEN_TRIES = 100;

/**
 * Sees to it that an empty volume is filled once with what the image has, whoever begins it, and however often it is killed on the way. A
 * volume that somebody else has filled is left as it is; whether it is a root is for the caller to see.
 *
 * One program fills a volume at a time; the others wait for it.
 *
 * @returns what was done: `use` for nothing
 * @throws CliError `ERR_VOLUME_FULL`, `ERR_VOLUME_FILL`, `ERR_VOLUME_RECORD`
 */
export function seedVolume(system: System, seed: Seed): SeedDecision {
  try {
    return seedOnce(system, seed);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const { code, syscall = 'a system call', path } = error;
    const at = path === undefined ? '' : ` at ${quoted(path)}`;
    throw new CliError(
      'ERR_VOLUME_FILL',
      `the volume cannot be filled: ${syscall} failed with ${code}${at}`,
      {
        cause: error,
      },
    );
  }
}

function seedOnce(system: System, seed: Seed): SeedDecision {
  if (!isResetPending(system, seed.volume) && decide(system, seed) === 'use') return 'use';
  const lock = waitForLock(system, seed);
  let isFilled = false;
  try {
    const finished = takeUpReset(system, seed.volume);
    if (finished !== undefined) seed.tell(finished);
    // Whoever had the lock has changed what was found.
    const decision = decide(system, seed);
    if (decision !== 'use') fill(system, seed, decision);
    isFilled = true;
    return decision;
  } finally {
    lock.release(isFilled);
  }
}

/** Of a start that is killed the lock goes with the process. */
function waitForLock(system: System, { volume, tell }: Seed): SeedLock {
  const began = system.uptime();
  for (let lines = 0; ; ) {
    const lock = takeSeedLock(system, volume);
    if (lock !== undefined) return lock;
    const waited = system.uptime() - began;
    if (waited >= lines * BETWEEN_LINES) {
      lines += 1;
      tell(`another start fills the volume: waiting for it since ${Math.round(waited / 1000)} s`);
    }
    system.sleep(BETWEEN_TRIES);
  }
}

function decide(system: System, { volume, bootId, imageIdentity: image }: Seed): SeedDecision {
  const record = readSeedRecord(system, volume);
  return seedDecision({ record, isEmpty: contentOf(system, volume).length === 0 }, { bootId, image });
}

function fill(system: System, seed: Seed, decision: SeedDecision): void {
  const { volume, bootId, imageIdentity: image, tell } = seed;
  const started = system.uptime();
  if (decision === 'begin-anew') {
    tell('the volume was filled in part, and not to the end: what is there is removed');
    work(system, seed, 'clear');
  }
  const all = work(system, seed, 'measure');
  if (decision !== 'go-on') checkSpace(system, seed, all);
  writeSeedRecord(system, volume, { state: 'filling', bootId, image });
  const begun = decision === 'go-on' ? 'goes on being filled' : 'is filled';
  tell(`the volume ${begun} from the image: ${files(all)}`);
  copy(system, seed, all);
  flush(system, seed);
  writeSeedRecord(system, volume, { state: 'filled', bootId, image });
  const seconds = Math.max((system.uptime() - started) / 1000, 0.001);
  const rate = size(BigInt(Math.round(Number(all.bytes) / seconds)));
  tell(`the volume is filled: ${files(all)} in ${seconds.toFixed(1)} s, ${rate} a second`);
}

const files = ({ entries, bytes }: TreeProgress) => `${amount(entries)} files, ${size(bytes)}`;

function copy(system: System, seed: Seed, all: TreeProgress): void {
  let nextLine = system.uptime() + BETWEEN_LINES;
  work(system, seed, 'copy', (done) => {
    seed.show?.(done, all);
    if (system.uptime() < nextLine) return;
    nextLine = system.uptime() + BETWEEN_LINES;
    seed.tell(`the volume is being filled: ${files(done)} of ${files(all)}`);
  });
}

/** Does one task to its end. */
function work(
  system: System,
  { image, volume, tell }: Seed,
  task: TreeTask,
  show: (done: TreeProgress) => void = () => undefined,
): TreeProgress {
  try {
    const failure = system.beginTree(task, { image, volume });
    if (failure !== undefined) throw workFault(system, volume, task, failure);
    for (;;) {
      const done = system.continueTree(SLICE);
      if (isFailure(done)) throw workFault(system, volume, task, done);
      show(done);
      if (!done.isDone) continue;
      for (const { name, path } of system.treeNotes().untaken) {
        const first = quoted(`/${textOf(path)}`);
        tell(
          `the volume's file system does not take the attribute ${quoted(name)}, which is left out: ${first} has it`,
        );
      }
      return done;
    }
  } finally {
    system.endTree();
  }
}

const DOING: Readonly<Record<TreeTask, string>> = {
  measure: 'the image cannot be read',
  copy: 'the volume cannot be filled',
  clear: 'what was left in the volume cannot be removed',
};

function workFault(system: System, volume: number, task: TreeTask, failure: Failure): CliError {
  const { errno, syscall = 'a system call' } = failure;
  const notes = system.treeNotes();
  const path = `/${textOf(notes.path)}`;
  const cause = new SystemError(failure, path);
  const details = { path, errno, syscall };
  const isFull = errno === 'ENOSPC' || errno === 'EDQUOT';
  // ext4 says so of an attribute that is larger than it has room for in the inode and one block, however much is free.
  const attribute = syscall === 'fsetxattr' ? notes.untaken.at(-1)?.name : undefined;
  if (isFull && attribute === undefined) {
    const found = system.statfs(inFolder(volume, '.'));
    const free = isFailure(found) ? '' : `, with ${freeOf(found)} free`;
    return new CliError('ERR_VOLUME_FULL', `the volume is full at ${quoted(path)}${free}`, {
      cause,
      hint: FULL_HINT,
      details,
    });
  }
  const what = attribute === undefined ? '' : `, attribute ${quoted(attribute)}`;
  const message = `${DOING[task]}: ${syscall} failed with ${errno} at ${quoted(path)}${what}`;
  return new CliError('ERR_VOLUME_FILL', message, { cause, details });
}

const FULL_HINT =
  'make the claim larger; the next start goes on with what is there, or begins anew where the machine was started meanwhile';

function checkSpace(system: System, { image, volume }: Seed, all: TreeProgress): void {
  const [there, of] = [volume, image].map((folder) => answerOf(system.statfs(inFolder(folder, '.'))));
  if (there === undefined || of === undefined) return;
  const fault = spaceFault(all, there, of.type);
  if (fault === undefined) return;
  throw new CliError('ERR_VOLUME_FULL', `the image does not fit on the volume: ${fault}`, {
    hint: FULL_HINT,
    details: { bytes: String(all.bytes), inodes: String(all.inodes) },
  });
}

/** Where the disk has lost something, nothing of what was copied can be relied on. */
function flush(system: System, { volume, imageIdentity: image }: Seed): void {
  const failure = system.syncfs(volume);
  if (failure === undefined) return;
  writeSeedRecord(system, volume, { state: 'filling', bootId: NO_BOOT, image });
  throw new CliError(
    'ERR_VOLUME_FILL',
    `what was copied cannot be brought to the disk of the volume: ${failure.errno}`,
    { cause: new SystemError(failure), details: { errno: failure.errno, syscall: 'syncfs' } },
  );
}
