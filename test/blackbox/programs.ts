import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Whether the programs of these tests are the scripts that run on Node.js, and not the static program (tools/jest-run.mjs). */
export const onNode = process.env['OCIWRAP_UNDER_TEST'] === 'node';

/** The packaged program, as it would be copied to a node; or the same on Node.js. */
export const packaged = join(root, onNode ? 'dist/ociwrap-on-node' : 'dist/ociwrap');
export const wrapper = join(packaged, 'bin/oci-runtime-wrapper');
export const ociwrap = join(packaged, 'bin/ociwrap');

/** Programs for tests, built beside the launcher. */
export const launcherFolder = join(root, 'packages/launcher/dist/programs');
export const recordingRuntime = join(launcherFolder, 'recording-runtime');
/** The program without its fast path. */
export const engineOnlyWrapper = join(launcherFolder, 'engine-only-wrapper');
/** The program without its engine: it exits with 99 where it would start that. */
export const fastPathOnlyWrapper = join(launcherFolder, 'fast-path-only-wrapper');
/** Puts itself into a process state, and becomes another program. */
export const startInState = join(launcherFolder, 'start-in-state');
/** Exchanges two paths, again and again. */
export const exchangePaths = join(launcherFolder, 'exchange-paths');

const folders = [
  ...(process.env['PATH'] ?? '').split(':'),
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
];

/** By its name, or by its path. */
function find(name: string): string | undefined {
  const paths = folders.filter((folder) => folder.startsWith('/')).map((folder) => join(folder, name));
  return (name.startsWith('/') ? [name] : paths).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A program that `describeWith` has promised. */
export function program(name: string): string {
  const path = find(name);
  if (path === undefined) {
    throw new Error(`${name} is not installed`);
  }
  return path;
}

/**
 * Whether mounts made here end with this test run, and /run is an empty one of its own: the runner starts Jest in a mount
 * namespace that it marks by these two (tools/test-namespace.sh).
 */
const inOwnNamespace = [' - tmpfs ociwrap-tests ', ' - tmpfs ociwrap-run '].every((mark) =>
  readFileSync('/proc/self/mountinfo', 'utf8').includes(mark),
);

/**
 * Tests that need root, a mount namespace of our own and these programs. Where something is missing they are
 * skipped by name; under `CI=true` what is missing is a failure.
 */
export function describeWith(programs: readonly string[], title: string, body: () => void): void {
  const missing = programs.filter((name) => find(name) === undefined);
  if (!inOwnNamespace) {
    missing.push('root in a mount namespace of its own (npm test as root)');
  }
  if (missing.length === 0) {
    describe(title, body);
  } else if (process.env['CI'] === 'true') {
    test(`${title}: everything it needs is there`, () => expect(missing).toEqual([]));
  } else {
    describe.skip(`${title} (missing: ${missing.join(', ')})`, body);
  }
}
