// What every command at the root needs: a bare clone becomes a workspace with its tools, without touching the system.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const tools = join(root, '.tools');

const PNPM = '12.21.0';
const arch = { x64: 'x64', arm64: 'arm64' }[process.arch];
const pnpmFolder = join(tools, `node_modules/@pnpm/exe.linux-${arch}`);

/** Prints one step of what is being done, so that a failure is found under its heading. */
export function step(text) {
  process.stdout.write(`\n== ${text}\n`);
}

/** The environment for everything that is started here: our pnpm first, because turbo looks for it on PATH. */
export function toolEnvironment(extra = {}) {
  const path = [pnpmFolder, join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', ...extra };
}

/** Runs a program in the root folder and ends this process with its status if it fails. */
export function run(program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: toolEnvironment(options.env),
  });
  if (error !== undefined || status !== 0) {
    const why = error?.message ?? (signal === null ? `status ${status}` : `signal ${signal}`);
    console.error(`${[program, ...args].join(' ')}: ${why}`);
    process.exit(status || 1);
  }
}

/** Runs a program and gives its output and status; the caller judges. */
export function capture(program, args, options = {}) {
  return spawnSync(program, args, { cwd: root, encoding: 'utf8', env: toolEnvironment(), ...options });
}

/** Fetches pnpm and the packages of the lockfile, if they are not there or are older than the lockfile. */
export function installWorkspace() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node.js 20.19 or newer is needed, this is ${process.version}`);
    process.exit(1);
  }
  if (arch === undefined) {
    console.error(`no pnpm for ${process.platform} on ${process.arch}: x64 and arm64 are supported`);
    process.exit(1);
  }
  if (!existsSync(join(pnpmFolder, 'package.json'))) {
    step(`pnpm ${PNPM} into .tools`);
    mkdirSync(tools, { recursive: true });
    run('npm', [
      'i',
      '--prefix',
      tools,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `pnpm@${PNPM}`,
    ]);
  }
  const stamp = join(root, 'node_modules/.ociwrap-installed');
  const lock = join(root, 'pnpm-lock.yaml');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== readFileSync(lock, 'utf8')) {
    step('packages of the lockfile');
    run('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only']);
    writeFileSync(stamp, readFileSync(lock));
  }
}

/** Generates, compiles and bundles what is not up to date. Tests are never run through turbo: it replays old logs. */
export function build(...tasks) {
  step(`build: ${tasks.join(' ')}`);
  run('turbo', ['run', ...tasks, '--output-logs=new-only', '--log-order=grouped']);
}
