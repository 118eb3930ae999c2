/**
 * The errnos by which a file system says that what is behind it is gone, and what that is (errno(3); fs/fuse/dev.c for
 * ENOTCONN, fs/ceph/super.c for ESHUTDOWN, fs/nfs for ESTALE). Nobody's rights have anything to do with them.
 */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOTCONN', 'the FUSE daemon behind it has ended'],
  ['ECONNABORTED', 'the connection to the FUSE daemon behind it was cut'],
  ['ESTALE', 'its server no longer knows the folder'],
  ['ESHUTDOWN', 'it was shut down, or its server has cut off this node'],
  ...['EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNREFUSED', 'ECONNRESET'].map(
    (code) => [code, 'its server does not answer'] as const,
  ),
  ['EIO', 'its disk or its server fails'],
  ['EREMOTEIO', 'its server fails'],
  ['ENODEV', 'its device is gone'],
  ['ENXIO', 'its device is gone'],
  ['ENOMEDIUM', 'its device is gone'],
  ['EUCLEAN', 'it is damaged'],
  ['EBADMSG', 'it is damaged'],
]);

/** Why a file system does not answer, for a message; `undefined` for an errno that says something else. */
export function whyDead(errno: string | undefined): string | undefined {
  return errno === undefined ? undefined : REASONS.get(errno);
}
