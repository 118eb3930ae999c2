import { quoted } from '@opencontainers-ts/runtime-spec';

import type { Invocation } from '../call/parse-invocation.js';
import { refusalOf } from '../call/refusal.js';
import { readTrustedFile } from '../config/config-files.js';
import { makeFolders } from '../system/make-folders.js';
import { join } from '../system/paths.js';
import { isFailure, OPEN, type System, SystemError } from '../system/system.js';
import { bytesOf, textOf } from '../system/text.js';
import { warnInRuntimeLog } from './runtime-log.js';

/** What we write beside the containers' own files, and nobody but us would miss. */
export type OwnFile = 'log' | 'metrics';

/** In memory: a machine that starts anew is told anew. The folder is root's alone. */
export const TOLD_FOLDER = '/run/ociwrap-told';

/** What was told of a file that cannot be written. */
export interface ToldFault {
  readonly file: string;
  /** Such as `ENOSPC`. */
  readonly why: string;
  /** When it was told, in RFC 3339. */
  readonly since: string;
}

/** Whose log a fault is told in, and whether it is told anew. */
export interface Telling {
  readonly invocation: Pick<Invocation, 'log' | 'logFormat'>;
  readonly folder?: string;
}

/**
 * Tells that a file of ours cannot be written: in the runtime's `--log`, which is where the engine and whoever reads its journal
 * look. Once, until it can be written again or the machine starts anew: a mark is left, whose maker tells. Who cannot leave one,
 * an engine of an ordinary user, tells nothing; `ociwrap doctor` does.
 *
 * @param failure - what was thrown
 */
export function tellOnce(
  system: System,
  { kind, file }: { readonly kind: OwnFile; readonly file: string },
  failure: unknown,
  { invocation, folder = TOLD_FOLDER }: Telling,
): void {
  if (system.geteuid() !== 0) return;
  const why = whyOf(failure);
  const told: ToldFault = { file, why, since: new Date(system.now()).toISOString() };
  if (!leaveMark(system, folder, markPath(system, folder, kind, file), told)) return;
  warnInRuntimeLog(
    system,
    invocation,
    `ociwrap cannot write its ${kind}, ${quoted(file)}: ${why}. Containers start all the same. This is told once; ` +
      'see "ociwrap doctor"',
  );
}

/** What is written again may fail anew, and is told anew. */
export function forgetTold(system: System, kind: OwnFile, file: string, folder: string = TOLD_FOLDER): void {
  if (system.geteuid() === 0) system.unlink(markPath(system, folder, kind, file)); // nearly always there is none
}

/** What was told of a file, and holds still. */
export function toldFault(
  system: System,
  kind: OwnFile,
  file: string,
  folder: string = TOLD_FOLDER,
): ToldFault | undefined {
  try {
    const bytes = readTrustedFile(system, markPath(system, folder, kind, file));
    if (bytes === undefined) return undefined;
    const { why, since } = JSON.parse(textOf(bytes));
    return typeof why === 'string' && typeof since === 'string' ? { file, why, since } : undefined;
  } catch {
    // Another's, or torn: whoever asks looks at the file itself, too.
    return undefined;
  }
}

function markPath(system: System, folder: string, kind: OwnFile, file: string): string {
  return join(folder, `${kind}-${system.fnv1a(bytesOf(file)).toString(16)}`);
}

/** Why something could not be written, in a word or a sentence: `ENOSPC`. */
export function whyOf(failure: unknown): string {
  return failure instanceof SystemError ? failure.code : refusalOf(failure).message.replace(/^Error: /, '');
}

/** Whether the mark is new. */
function leaveMark(system: System, folder: string, path: string, told: ToldFault): boolean {
  const umask = system.umask(0o077);
  try {
    makeFolders(system, folder, 0o700);
    const fd = system.open(path, OPEN.write + OPEN.create + OPEN.exclusive + OPEN.noFollow, 0o600);
    if (isFailure(fd)) return false;
    system.write(fd, bytesOf(JSON.stringify(told))); // a torn one is a mark, too
    system.close(fd);
    return true;
  } catch {
    // No place for a mark: told again and again it would be noise.
    return false;
  } finally {
    system.umask(umask);
  }
}
