// Runs Jest, as root in a mount namespace of its own, and counts what it ran.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { packages as unitProjects } from '../jest.config.mjs';
import { root, step, toolEnvironment, tools } from './workspace.mjs';

/** What runs on the machine itself, and what runs in each Debian root. */
export const MACHINE_PROJECTS = [...unitProjects, 'engine', 'repository'];
export const ROOT_PROJECTS = ['blackbox'];
/**
 * What rests on Node.js itself: its system calls, its modules, its processes, its addon. These run on the oldest and on the newest; the rest is
 * functions of values, and is run on the newest by the programs on Node.js in the black-box tests.
 */
export const NODE_PROJECTS = ['exec-native', 'runtime-client', 'runtime-resolver', 'spec'];

/**
 * The black-box suites that run over the programs on Node.js too. The others are about what only the static program has (its fast
 * path, its own process state, its failures, nodes that have nothing), about command lines, or about engines and runtimes, for which both are one.
 */
const SUITES_FOR_BOTH = [
  'called-as',
  'cdi-container',
  'cdi-injection',
  'cdi-registry',
  'cdi-residue',
  'client-cli',
  'configuration',
  'container-creator',
  'declarative-devices',
  'declarative-rules',
  'documents',
  'escaped-text',
  'exact-bytes',
  'guardian',
  'interrupted-write',
  'killed-calls',
  'large-input',
  'linked-config',
  'log',
  'never-ourselves',
  'ociwrap',
  'pvc-root',
  'refusals',
  'rule-modules',
  'save-interrupted',
  'untouched',
];

const selectOption = '--selectProjects';

/**
 * Runs the tests of some projects.
 *
 * @param {{ title: string, projects?: string[], node?: string, debianRoot?: string, args?: string[], without?: string[], underTest?: 'engine' | 'node' }} options
 *   `node`: the Node.js to run on; `debianRoot`: a folder that becomes the root directory; `args`: for Jest; `without`: black-box suites that are left out; `underTest`: which programs the black-box tests call
 * @returns {Promise<{ title: string, passed: number, failed: number, skipped: number, suites: object[] }>} counts of tests; a
 *   suite that could not run, a process that outlived the tests, or a run without a result counts as one failed test
 */
export async function runJest({
  title,
  projects = unitProjects,
  node = process.execPath,
  debianRoot = '/',
  args = [],
  without = [],
  underTest = 'engine',
}) {
  const selected = selectedProjects(projects, args);
  const nothing = { title, passed: 0, failed: 0, skipped: 0, suites: [] };
  if (selected.length === 0) {
    return nothing;
  }
  const [report, leftRunning] = ['jest-report.json', 'left-running'].map((name) => join(tools, name));
  for (const file of [report, leftRunning]) {
    rmSync(file, { force: true });
  }
  const jest = [
    node,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    ...(underTest === 'node' ? suitesForBothAlone() : []),
    selectOption,
    ...selected,
    ...without.map((suite) => `--testPathIgnorePatterns=/${suite}\\.test\\.ts$`),
    // One for each core: by itself Jest leaves one out, which is half of two. What is in a Debian root shares that: one after another.
    ...(debianRoot === '/' ? ['--maxWorkers=100%'] : ['--runInBand']),
    '--passWithNoTests',
    '--json',
    `--outputFile=${report}`,
    ...args.filter((_, index) => !isSelection(args, index)),
  ];
  const asRoot = process.getuid() === 0;
  const [program, ...rest] = asRoot ? inNamespacesOfItsOwn(jest, { debianRoot, leftRunning }) : jest;
  step(`Jest: ${title}`);
  const running = spawn(program, rest, {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
    env: {
      ...(debianRoot === '/' ? toolEnvironment() : rootEnvironment()),
      OCIWRAP_UNDER_TEST: underTest,
    },
  });
  await once(running, 'exit');
  const left = existsSync(leftRunning) ? readFileSync(leftRunning, 'utf8').trim() : '';
  if (left !== '') {
    console.error(`processes that outlived the tests:\n${left}`);
  }
  try {
    const {
      numPassedTests,
      numFailedTests,
      numPendingTests,
      numTodoTests,
      numRuntimeErrorTestSuites,
      testResults,
    } = JSON.parse(readFileSync(report, 'utf8'));
    return {
      title,
      passed: numPassedTests,
      failed: numFailedTests + numRuntimeErrorTestSuites + (left === '' ? 0 : 1),
      skipped: numPendingTests + numTodoTests,
      suites: testResults,
    };
  } catch (error) {
    console.error(`Jest left no result: ${error.message}`);
    return { ...nothing, failed: 1 };
  }
}

/** Options that leave the other black-box suites out, whatever else is asked for. */
function suitesForBothAlone() {
  const others = readdirSync(join(root, 'test/blackbox'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.test.ts'.length))
    .filter((name) => !SUITES_FOR_BOTH.includes(name));
  return [`--testPathIgnorePatterns=/test/blackbox/(?:${others.join('|')})\\.test\\.ts$`];
}

/** The last of them say how often something is tried. */
const KEPT_VARIABLES = [
  ...['CI', 'TERM', 'LANG'],
  ...['OCIWRAP_CLIENT_CONTAINERS', 'OCIWRAP_CLIENT_KILLS', 'OCIWRAP_LOAD_VOLUMES', 'OCIWRAP_RACE_STARTS'],
];

/** Of what this machine's variables name, nothing need be in another root. */
function rootEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => KEPT_VARIABLES.includes(name));
  return {
    ...Object.fromEntries(kept),
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
  };
}

/** The words of `--selectProjects spec cli`: the option and what follows it, up to the next option. */
function isSelection(args, index) {
  const option = args.findLastIndex((word, at) => at <= index && word.startsWith('-'));
  return option !== -1 && args[option] === selectOption;
}

function selectedProjects(projects, args) {
  const asked = args.filter((word, index) => word !== selectOption && isSelection(args, index));
  return asked.length === 0 ? projects : projects.filter((name) => asked.includes(name));
}

/**
 * The command that runs another one in mount and process namespaces of its own: what the tests mount or leave running
 * ends with them, whatever happens to a test.
 */
export function inNamespacesOfItsOwn(command, { debianRoot = '/', leftRunning = '/dev/null' } = {}) {
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  return [
    'unshare',
    ...namespaces,
    'sh',
    join(root, 'tools/test-namespace.sh'),
    debianRoot,
    root,
    leftRunning,
    ...command,
  ];
}

/** The line that ends a run, whatever was run. */
export function closingLine(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`;
}
