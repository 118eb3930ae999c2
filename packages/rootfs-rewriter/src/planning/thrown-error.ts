import { errorCode, printable, quoted } from '@opencontainers-ts/runtime-spec';
import { whyDead } from './dead-file-system.js';
import { CODE_FORM } from './read-outcome.js';
import { refuse } from './refuse.js';
import type { Refuse } from './rule.js';

// By shape, as errorCode: `instanceof` fails for errors of another realm or another bundle.
function field(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

/** The `message` of an error in one printable line. */
export function messageOf(error: unknown): string {
  const message = field(error, 'message');
  return quoted(typeof message === 'string' ? message : String(error));
}

/** The name of an errno, such as EMFILE; the codes of packages have an underscore. */
const ERRNO_NAME = /^E[A-Z0-9]{1,30}$/;

/** Whether it was thrown for a system call that failed: by Node and its addons with a number, by the port as a `SystemError`. */
function isErrno(error: unknown): boolean {
  return (
    ERRNO_NAME.test(errorCode(error) ?? '') &&
    (typeof field(error, 'errno') === 'number' ||
      typeof field(error, 'syscall') === 'string' ||
      field(error, 'name') === 'SystemError')
  );
}

/**
 * The refusal that stands for what a rule threw: the error's own code where it has one with a hint (the host may
 * lack its addon, say), a host that cannot be read, or a bug of the rule.
 */
export function refusalOfThrown(rule: string, error: unknown): Refuse {
  try {
    return readThrown(rule, error);
  } catch {
    // A getter or a Proxy: whatever may be thrown can be so made that a look at it throws.
    return refuse('ERR_RULE_CRASHED', `rule ${quoted(rule)} failed, and what it threw cannot be read`, {
      rule,
    });
  }
}

function readThrown(rule: string, error: unknown): Refuse {
  const ownCode = errorCode(error);
  const hint = field(error, 'hint');
  if (ownCode !== undefined && CODE_FORM.test(ownCode) && typeof hint === 'string') {
    const message = `rule ${quoted(rule)} failed: ${messageOf(error)}`;
    return { kind: 'refuse', code: ownCode, message, hint: printable(hint), details: { rule } };
  }
  if (!isErrno(error)) {
    return refuse('ERR_RULE_CRASHED', `rule ${quoted(rule)} failed: ${messageOf(error)}`, { rule });
  }
  const path = field(error, 'path');
  const syscall = field(error, 'syscall');
  const code = errorCode(error) ?? '';
  const call = typeof syscall === 'string' ? `${printable(syscall)} failed` : 'a read failed';
  // The system's own text is left out: podman maps phrases such as the one of EACCES to exit statuses.
  const place = typeof path === 'string' ? ` for ${quoted(path)}` : '';
  const dead = whyDead(code);
  const why = dead === undefined ? '' : ` (${dead})`;
  const refusal = refuse('ERR_HOST_UNREADABLE', `rule ${quoted(rule)}: ${call} with ${code}${place}${why}`, {
    rule,
    errno: code,
    ...(typeof path === 'string' ? { path } : {}),
  });
  const hintOfErrno = dead === undefined ? HINTS.get(code) : MOUNT_ANEW;
  return hintOfErrno === undefined ? refusal : { ...refusal, hint: hintOfErrno };
}

/** What to do where it is not about rights, which the hint of the code speaks of. */
const MOUNT_ANEW =
  'the file system there does not answer: see whether its server, its disk or its daemon runs, and mount it anew';
const HINTS: ReadonlyMap<string, string> = new Map([
  ['ELOOP', 'symlinks lead back to themselves there: look at who changed the folder'],
  ['ENAMETOOLONG', 'no file can have so long a name: look at who wrote it into the config.json'],
  ['ENOSYS', 'the kernel is too old, or a seccomp filter keeps the call from the wrapper'],
  ...['EMFILE', 'ENFILE', 'ENOMEM'].map(
    (code) => [code, 'the node, or the service of the engine, has run into a limit: raise it'] as const,
  ),
]);
