import type { RuntimeKind } from './runtime-kind.js';

/** A fault of a runtime that matters where a container can write its root, and the root outlives it. */
export interface KnownFault {
  readonly cve: string;
  /** The first release without it, on the line of the version that was asked about or on the next one that has such a release. */
  readonly fixedIn: string;
  /** What somebody can do with it, in a sentence without a full stop. */
  readonly what: string;
}

interface Fault extends Pick<KnownFault, 'cve' | 'what'> {
  /** The first release without it on each line that has one, the oldest line first. */
  readonly fixedIn: readonly string[];
}

const FAULTS: Readonly<Partial<Record<RuntimeKind, readonly Fault[]>>> = {
  runc: [
    {
      cve: 'CVE-2026-41579',
      // https://github.com/opencontainers/runc/security/advisories/GHSA-xjvp-4fhw-gc47
      what: 'a /dev that is a symbolic link in the root file system leads runc out of it: it removes a file "ptmx" and makes links in a folder of the host',
      fixedIn: ['1.3.6', '1.4.3', '1.5.1'],
    },
  ],
  crun: [
    {
      cve: 'CVE-2026-47766',
      what: 'a /dev that is a symbolic link in the root file system leads crun out of it, into a folder of the host',
      fixedIn: ['1.28'],
    },
  ],
};

/**
 * The faults that a release of a runtime has, of those that matter for a root that a container has written.
 *
 * A distribution may have repaired one without another version: what is said here is what the makers' releases have.
 *
 * @param version - as the runtime prints it; see `readRuntimeVersion`
 * @returns none for a version that begins with no number
 *
 * @example
 * ```ts
 * import { knownFaults } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(knownFaults('runc', '1.4.2').map(({ cve, fixedIn }) => [cve, fixedIn])); // [ [ 'CVE-2026-41579', '1.4.3' ] ]
 * console.log(knownFaults('runc', '1.4.3')); // []
 * ```
 */
export function knownFaults(kind: RuntimeKind, version: string): readonly KnownFault[] {
  const release = readRelease(version);
  if (release === undefined) return [];
  return (FAULTS[kind] ?? []).flatMap(({ fixedIn, ...fault }) => {
    const fixed = firstWithout(release, fixedIn);
    return fixed === undefined ? [] : [{ ...fault, fixedIn: fixed }];
  });
}

/** The numbers of a release; of one that comes before it (`-rc.1`, `~rc1`) too, which is older. */
interface Release {
  readonly numbers: readonly number[];
  readonly isBefore: boolean;
}

function readRelease(version: string): Release | undefined {
  const [, numbers, rest = ''] = /^v?(\d+(?:\.\d+)*)(.*)$/s.exec(version) ?? [];
  if (numbers === undefined) return undefined;
  return {
    numbers: numbers.split('.').map(Number),
    isBefore: /^[-~.]?(?:alpha|beta|dev|pre|rc)/i.test(rest),
  };
}

/** Undefined for a release that has the fault no more. */
function firstWithout(release: Release, fixedIn: readonly string[]): string | undefined {
  const above = fixedIn.filter((fixed) => isOlder(release, fixed));
  const hasOwnLine = fixedIn.some((fixed) => isOnLine(release, fixed) && !above.includes(fixed));
  return hasOwnLine ? undefined : above[0];
}

function isOlder({ numbers, isBefore }: Release, fixed: string): boolean {
  const wanted = fixed.split('.').map(Number);
  for (let at = 0; at < Math.max(numbers.length, wanted.length); at += 1) {
    const difference = (numbers[at] ?? 0) - (wanted[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return isBefore;
}

/** Of the same first two numbers: releases of one line repair, and add nothing. */
function isOnLine({ numbers }: Release, fixed: string): boolean {
  const [major, minor] = fixed.split('.').map(Number);
  return numbers[0] === major && (numbers[1] ?? 0) === minor;
}
