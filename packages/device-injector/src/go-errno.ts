import { errnoOf } from './errno.js';

/** strerror as Go's syscall package words it, for what opening and starting a file may fail with. */
const TEXTS: Readonly<Record<string, string>> = {
  E2BIG: 'argument list too long',
  EACCES: 'permission denied',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'file name too long',
  ENFILE: 'too many open files in system',
  ENOENT: 'no such file or directory',
  ENOEXEC: 'exec format error',
  ENOMEM: 'cannot allocate memory',
  ENOTDIR: 'not a directory',
  EPERM: 'operation not permitted',
  ETXTBSY: 'text file busy',
};

/** What Go prints for an errno error: its text, or the name where that has none here. */
export function errnoText(error: unknown): string {
  const code = errnoOf(error);
  return TEXTS[code] ?? code;
}
