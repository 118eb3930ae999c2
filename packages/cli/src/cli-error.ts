/**
 * The reasons for which the command-line package itself stops a call or a command, beyond those of the
 * packages it is made of. A code is a contract: it is never renamed and never means something else.
 *
 * @example
 * ```ts
 * import { CLI_ERROR_CODES } from '@opencontainers-ts/cli';
 *
 * console.log(CLI_ERROR_CODES.ERR_OUTPUT_UNWRITABLE.hint); // check the path, and that you may write there
 * ```
 */
export const CLI_ERROR_CODES = {
  ERR_HOST_CHANGED: {
    summary: 'A path that the decision rests on is no longer the same file just before the runtime starts.',
    hint: 'start the container again; if it happens again, something on the node replaces the volume while containers start',
  },
  ERR_EXEC_FAILED: {
    summary: 'The real runtime was there, but the kernel refused to execute it.',
    hint: 'run the named file by hand; check its interpreter, its architecture and the mount options of its file system',
  },
  ERR_ARGUMENTS_AMBIGUOUS: {
    summary:
      'A flag of the call is not known, so that its arguments can mean one bundle or another, and a rule acts on more than one of them.',
    hint: 'give the flag its value with "=" (--flag=value) where the engine is told to pass it',
  },
  ERR_ENGINE_FAILED: {
    summary:
      'The JavaScript engine of the launcher could not have its memory, or went wrong, and a rule may have had to act on the container.',
    hint: 'look for who wrote so large a config.json, if it has more than some megabytes; else give the service of the container engine more memory (its cgroup, LimitAS), and report it together with this line where it has enough',
  },
  ERR_ROOT_NAMESPACE: {
    summary:
      'A root has to be mounted, and the call cannot have a mount namespace of its own: it lacks CAP_SYS_ADMIN, or a seccomp filter or an old kernel denies it.',
    hint: 'run the container engine as root on Linux 5.6 or newer without a seccomp filter on mounts, or choose the strategy "replace"',
  },
  ERR_ROOT_MOUNT: {
    summary: 'The root could not be put together or mounted: the kernel refused a call that this takes.',
    hint: 'see what the kernel says (`dmesg`), and what file system the volume is (`stat -f`); the strategy "replace" needs no overlay',
  },
  ERR_ROOT_UNSAFE: {
    summary:
      'The new root has a symbolic link or a file where the runtime mounts `/dev`, `/proc` or `/sys`: a runtime that follows it mounts elsewhere (CVE-2026-41579, CVE-2026-47766).',
    hint: 'look at the volume from another container: something has put the link there; remove it, or make it a folder',
  },
  ERR_ROOT_NO_PROGRAM: {
    summary: 'The program that the container starts with is not on the new root.',
    hint: 'see whether this is the volume that is meant; fill it with a root file system (the strategy "seed" does it from the image), or let the image lie below it (the strategy "overlay")',
  },
  ERR_ROOT_UNFIT: {
    summary: 'The new root lacks what a root file system has.',
    hint: 'see whether this is the volume that is meant; the strategy "seed" fills an empty volume from the image, "overlay" lets the image lie below it',
  },
  ERR_VOLUME_EMPTY: {
    summary: 'The volume that is to be the root is empty.',
    hint: 'fill it with a root file system, or choose the strategy "seed", which does it from the image, or "overlay", which lets the image lie below it',
  },
  ERR_VOLUME_FULL: {
    summary: 'The volume has no space, or no inodes, left for what the start of a container needs.',
    hint: 'make the claim larger, or remove files from the volume in another container',
  },
  ERR_VOLUME_FILL: {
    summary: 'The volume could not be filled from the image: something cannot be read there or written here.',
    hint: 'see what the kernel says of the disk (`dmesg`) and of the named file; the next start goes on with what is there',
  },
  ERR_VOLUME_FOREIGN: {
    summary: 'The volume holds something else than what the strategy works on, and is not written over.',
    hint: 'see whether this is the volume that is meant; choose the strategy that it was used with, or an empty volume',
  },
  ERR_VOLUME_NO_UPPER: {
    summary: 'The file system of the volume cannot be the upper of an overlay.',
    hint: 'use a volume with a local file system (ext4, XFS with ftype=1, Btrfs), or the strategy "replace" or "seed"',
  },
  ERR_VOLUME_IN_USE: {
    summary: 'Another container runs on the upper of this volume; with two, what they write is undefined.',
    hint: 'wait until the named container has ended, or stop it; each container needs a volume of its own for an overlay',
  },
  ERR_VOLUME_LEASED: {
    summary: 'A container of another node uses the upper of this volume, as the lease on it says.',
    hint: 'end that container; if its node is gone for good, `ociwrap volume unlock` takes the lease away',
  },
  ERR_VOLUME_BUSY: {
    summary: 'Another program holds the lock of the volume.',
    hint: 'see who has its folder open (`lsof`, /proc/locks): a start of a container holds it for milliseconds, a filling until it is done',
  },
  ERR_VOLUME_RECORD: {
    summary: 'A record of ociwrap on the volume is not one that it has written.',
    hint: 'look at the folder `.ociwrap` at the top of the volume; `ociwrap volume reset` starts over',
  },
  ERR_VOLUME_IDMAP: {
    summary: 'The container has a user namespace, and the root cannot be mounted with its mappings.',
    hint: 'use Linux 5.12 or newer (5.19 for an overlay) and a file system with id-mapped mounts (ext4, XFS, Btrfs, tmpfs), or a pod without hostUsers: false',
  },
  ERR_IMAGE_CHANGED: {
    summary:
      'The image below the upper, or that the volume was filled from, is not the one that it was, and volumes.image-change is "refuse".',
    hint: '`ociwrap volume reset` starts over on the new image, keeping what is named; or start the container with the old image',
  },
  ERR_VOLUME_CHANGING: {
    summary: 'Something on a volume was replaced while a command read it.',
    hint: 'end the container that uses the volume first, or look at a snapshot of the volume',
  },
  ERR_VOLUME_RESET: {
    summary: 'A reset of a volume was begun, and something cannot be moved or removed.',
    hint: 'see what keeps the named entry (`lsattr`: an immutable one is freed by `chattr -i`), then call `ociwrap volume reset` again, which goes on',
  },
  ERR_LAYER_ENTRY: {
    summary: 'Something on an upper cannot be said in a layer of an image.',
    hint: 'rename or remove the named entry in the container; a folder or file of redirect_dir or metacopy is made whole by copying it there',
  },
  ERR_PATH_TOO_LONG: {
    summary: 'A path on a volume is longer than any that a program can use.',
    hint: 'remove the named folder in the container: no program can have meant it',
  },
  ERR_SYSTEM_CALL: {
    summary: 'A command needs a system call that it does not have.',
    hint: 'call the packaged program (bin/ociwrap) as root, on Linux 5.6 or newer: on Node.js `ociwrap` has not all system calls',
  },
  ERR_NODE_ONLY: {
    summary: 'A command needs an event loop, which the packaged program does not have.',
    hint: 'call the `ociwrap` of the npm package `@opencontainers-ts/cli`, which runs on Node.js',
  },
  ERR_INSTALLATION_PREFIX: {
    summary:
      'The folder that `ociwrap` is to be installed into has something else in it, or others than root can change it.',
    hint: 'choose an empty folder of root with --prefix; the usual one is /opt/ociwrap',
  },
  ERR_INSTALLATION_PROGRAM: {
    summary:
      '`ociwrap install` was called in a program that is not the packaged one: only that is one file, which needs nothing else.',
    hint: 'call the file of the release (or `dist/ociwrap/bin/ociwrap` after `npm run package`)',
  },
  ERR_INSTALLATION_MISSING: {
    summary: '`ociwrap upgrade` found nothing that could be upgraded.',
    hint: 'install it with `ociwrap install`, or name the folder where it is with --prefix',
  },
  ERR_INSTALLATION_MANIFEST: {
    summary: 'The manifest of an installation is not one that this program has written.',
    hint: 'move the file away and call `ociwrap install`, which writes another; what was changed elsewhere (--as, engines) must then be put back by hand',
  },
  ERR_INSTALLATION_CONFIGURATION: {
    summary: 'A configuration is to be put where somebody has written another.',
    hint: 'compare the two files, and remove the one on the node (`mv /etc/ociwrap/config.toml ...`), or leave out --config',
  },
  ERR_INSTALLATION_BUSY: {
    summary: 'Another command is changing the installation.',
    hint: 'wait until it has ended; a killed one holds nothing',
  },
  ERR_INSTALLATION_FAILED: {
    summary: 'A step of an installation or of its removal failed.',
    hint: 'see what the kernel says of that path (`df`, `mount`, `lsattr`, `dmesg`), and call the command again: it takes the steps that are left',
  },
  ERR_INSTALLATION_IN_USE: {
    summary:
      'Containers still run under the installation that is to be removed: their engine calls it to kill and delete them.',
    hint: 'drain the node, or end the named containers, and call the command again (`--wait SECONDS` does)',
  },
  ERR_CONTAINERS_UNKNOWN: {
    summary: 'Which containers run cannot be told, because the processes of the machine are not to be seen.',
    hint: 'mount /proc; with --host-root, the /proc of the node has to be below that folder',
  },
  ERR_PLACE_REFUSED: {
    summary:
      'The place of a program cannot be taken: there is none at the path, or it is not one that could be called as `.real`.',
    hint: 'name the file of a container runtime with --as, such as /usr/bin/runc',
  },
  ERR_PLACE_TAKEN: {
    summary:
      'The place of a program cannot be taken, because something has taken it before: its `.real` is there.',
    hint: 'see whose it is; another wrapper must be removed first, and a file that nobody needs can be renamed',
  },
  ERR_PLACE_SCRIPT: {
    summary: 'The place of a script that calls its own `.real` cannot be taken: it would call itself.',
    hint: 'leave the folder of the toolkit as it is (the GPU operator writes it anew at every start), and name the script as the runtime behind: `runtime.paths.nvidia = "PATH"` in /etc/ociwrap/config.toml; docs/gpu-nodes.md has all of it',
  },
  ERR_HOST_ROOT: {
    summary: 'The root folder of the node could not be entered.',
    hint: 'mount it into the container, and give the container CAP_SYS_CHROOT; on Node.js the command has no means for it',
  },
  ERR_ENGINE_MISSING: {
    summary: 'The node does not have the container engine that is to be configured.',
    hint: 'call `ociwrap engine list` to see which engines were found; --host-root names the root of a node from within a container',
  },
  ERR_ENGINE_PROGRAM: {
    summary:
      'The program that an engine is to call is not there, so that every container of the handler would fail.',
    hint: 'call `ociwrap install` first, or name the program with --program',
  },
  ERR_ENGINE_REFUSES: {
    summary: "An engine's own program does not take its configuration; what was changed has been put back.",
    hint: 'ask the engine what it does not like (`containerd config dump`, `dockerd --validate`, `crio config`, `podman info`)',
  },
  ERR_ENGINE_RESTART: {
    summary: 'An engine could not be restarted or reloaded; its configuration has been put back.',
    hint: "see what the engine's unit says (`journalctl -u containerd`), then call the command again",
  },
  ERR_ENGINE_RECORD: {
    summary: 'The record of the engines that were given a handler is not one that ociwrap has written.',
    hint: 'look at /var/lib/ociwrap/engines.json; without it handlers are still found by their marks and programs',
  },
  ERR_USAGE: {
    summary: 'A command of `ociwrap` was called with arguments that it does not take.',
    hint: 'see the help of the command, such as `ociwrap validate --help`',
  },
  ERR_INPUT_UNREADABLE: {
    summary: 'A file that a command of `ociwrap` was asked to look at cannot be read.',
    hint: 'check the path, and that you may read it',
  },
  ERR_SETTINGS_MISSING: {
    summary: 'OCIWRAP_CONFIG names a configuration file that is not there.',
    hint: 'correct OCIWRAP_CONFIG, or remove it so that /etc/ociwrap/config.toml is read, if there is one',
  },
  ERR_SETTINGS_UNREADABLE: {
    summary: 'The configuration, or a rule module that it names, is there and cannot be read.',
    hint: 'see to it that the named path is a regular file (or, for conf.d, a folder) that root can read',
  },
  ERR_SETTINGS_UNTRUSTED: {
    summary:
      'The configuration, a rule module, or a folder above one of them, does not belong to root or can be written by others.',
    hint: 'chown root the named path and take away the write permission of group and others (chmod go-w)',
  },
  ERR_SETTINGS_SYNTAX: {
    summary: 'A configuration file is not TOML, or not UTF-8.',
    hint: 'correct the file at the named line; `ociwrap config check` looks at it again',
  },
  ERR_SETTINGS_INVALID: {
    summary: 'A configuration file has an unknown key, or a value that the key does not take.',
    hint: 'correct the file at the named line; `ociwrap config check` looks at it again, `ociwrap config default` has every key, and `ociwrap help rules` those of a rule',
  },
  ERR_RULE_MODULE: {
    summary:
      'A rule module that the configuration names cannot be loaded, or does not export what makes a rule.',
    hint: 'export what `defineRule` makes from a self-contained ECMAScript module (bundled by `esbuild --bundle --format=esm`); `ociwrap config check` loads it again',
  },
  ERR_RULE_TIMEOUT: {
    summary: 'A rule of a module was asked, and did not answer in time.',
    hint: 'look for a loop in the module, or a regular expression that backtracks (RegExp with nested quantifiers); "module-timeout" in the configuration says how long it may take',
  },
  ERR_RULE_MEMORY: {
    summary: 'A rule of a module was asked, and used up the memory that it may.',
    hint: 'look for a list or a text in the module that grows without an end',
  },
  ERR_CALL_UNFINISHED: {
    summary: 'The program was about to end before it had decided what to do: nothing was started.',
    hint: 'a defect: report it; if it was started under Node.js, with what --import and NODE_OPTIONS loaded',
  },
  ERR_OUTPUT_UNWRITABLE: {
    summary: 'A file that a command of `ociwrap` was asked to write cannot be written.',
    hint: 'check the path, and that you may write there',
  },
  ERR_UNEXPECTED: {
    summary: 'Something failed that no code describes: a defect of this program.',
    hint: 'report it together with the log record of this call',
  },
} as const;

/** A stable code of this package. */
export type CliErrorCode = keyof typeof CLI_ERROR_CODES;

/**
 * An error of the command-line package, in the shape that all packages share.
 *
 * @example
 * ```ts
 * import { CliError } from '@opencontainers-ts/cli';
 *
 * const error = new CliError('ERR_USAGE', 'no bundle given');
 * console.log(error.code, error.hint);
 * ```
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(
    code: CliErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly details?: Readonly<Record<string, string>>;
      /** Left out: the one of the code. */
      readonly hint?: string;
    } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = options.hint ?? CLI_ERROR_CODES[code].hint;
    this.details = options.details ?? {};
  }
}
