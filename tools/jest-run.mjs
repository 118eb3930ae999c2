// Runs Jest, as root in a mount namespace of its own, and counts what it ran.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root, step, toolEnvironment, tools } from './workspace.mjs';

const unitProjects = ['spec', 'rootfs-rewriter', 'device-injector', 'runtime-resolver', 'exec-native', 'cli'];

/**
 * @param {{ node?: string, unitOnly?: boolean, args?: string[] }} options `node`: the Node.js to run on
 * @returns {{ passed: number, failed: number, skipped: number }} counts of tests; a suite that could not run, or a
 *   run without a result, counts as one failed test
 */
export function runJest({ node = process.execPath, unitOnly = false, args = [] }) {
  const report = join(tools, 'jest-report.json');
  rmSync(report, { force: true });
  const jest = [
    node,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    ...(unitOnly ? ['--selectProjects', ...unitProjects] : []),
    '--json',
    `--outputFile=${report}`,
    ...args,
  ];
  const [program, ...rest] = process.getuid() === 0 ? [...inOwnMountNamespace(), ...jest] : jest;
  step(`Jest on ${node}${unitOnly ? ': unit tests' : ''}`);
  spawnSync(program, rest, { cwd: root, stdio: ['inherit', 'ignore', 'inherit'], env: toolEnvironment() });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } =
      JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: numPassedTests,
      failed: numFailedTests + numRuntimeErrorTestSuites,
      skipped: numPendingTests + numTodoTests,
    };
  } catch (error) {
    console.error(`Jest left no result: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * What the black-box tests mount ends with the namespace, whatever happens to a test. The kubelet's folder is an
 * empty one in there, made where there is none without touching the machine's; so is /run, where the wrapper and the
 * runtimes keep what they know of containers.
 */
export function inOwnMountNamespace() {
  const kubelet = '/var/lib/kubelet';
  // There from the start, for no test may change what is in /etc itself: that voids the fast path's table for a second.
  const configured = 'ociwrap cdi nvidia-container-runtime';
  const script = `
    mount -t tmpfs -o mode=755 ociwrap-run /run &&
    mkdir /run/etc && cp -a /etc/. /run/etc && cd /run/etc && rm -rf ${configured} && mkdir -m 755 ${configured} && cd - &&
    mount --bind /run/etc /etc &&
    mount -t tmpfs ociwrap-tests "$0" && mkdir -p ${kubelet} && exec "$@"`;
  const covered = existsSync(kubelet) ? kubelet : '/var/lib';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, covered];
}

/** The line that ends a run, whatever was run. */
export function closingLine(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`;
}
