import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { specOf, withPvcRoot } from './bundle.js';
import type { KubeletVolume } from './kubelet-volume.js';
import { unlessLost } from './lost-by-crun.js';
import { program } from './programs.js';
import type { Scenario, ScenarioCall } from './scenarios.js';

export interface ScenarioRuntime {
  readonly name: string;
  /** Arguments before the verb. */
  readonly globals: readonly string[];
  /** A command that starts the runtime's caller in surroundings where it works on any machine. */
  readonly within?: readonly string[];
  /** What it says in `create` cannot be read: it must not be given a file, and a pipe would never end. */
  readonly isSilent?: boolean;
}

/** What a scenario is run in. It is the same for both runs, so that every path is the same text. */
export interface ScenarioPlace {
  readonly folder: string;
  readonly id: string;
  readonly volume: KubeletVolume;
}

/** Everything that was said and left behind. */
export interface ScenarioResult {
  readonly calls: readonly { status: number | null; signal: string | null; stdout: string; stderr: string }[];
  readonly log: string;
  readonly hooks: string;
  readonly left: readonly string[];
}

/** Times, and the numbers of processes. */
function normalised(text: string, call: ScenarioCall | undefined): string {
  if (call?.differs === 'everything said') {
    return '';
  }
  if (call?.differs === 'every counter' && text.startsWith('{')) {
    const { data, ...rest } = JSON.parse(text);
    return JSON.stringify({ ...rest, data: Object.keys(data).sort() });
  }
  const plain = text
    .replace(/"pid": ?\d+/g, '"pid":0')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, 'TIME')
    .replace(/\/(proc|task)\/\d+\//g, '/$1/0/');
  return call?.differs === 'every number' ? plain.replace(/\d+/g, '0').replace(/ +/g, ' ') : plain;
}

/** Takes a container through the calls of a scenario. */
export class ScenarioRun {
  readonly #runtime: ScenarioRuntime;
  readonly #place: ScenarioPlace;
  readonly #root: string;
  readonly #bundle: string;

  constructor(runtime: ScenarioRuntime, place: ScenarioPlace) {
    this.#runtime = runtime;
    this.#place = place;
    this.#root = join(place.folder, 'state');
    this.#bundle = join(place.folder, 'bundle');
  }

  /**
   * @param file the runtime, or the wrapper in its place
   * @param config the text of config.json, `null` for none
   */
  run(file: string, scenario: Scenario, config: string | null): ScenarioResult {
    return unlessLost(
      () => this.#runOnce(file, scenario, config),
      ({ calls, log }) => [log, ...calls.map(({ stderr }) => stderr)].join('\n'),
    );
  }

  #runOnce(file: string, scenario: Scenario, config: string | null): ScenarioResult {
    rmSync(this.#place.folder, { recursive: true, force: true });
    for (const folder of [this.#place.folder, this.#root, this.#bundle]) mkdirSync(folder);
    if (config !== null) writeFileSync(join(this.#bundle, 'config.json'), config, { mode: 0o644 });
    try {
      const calls = scenario.calls.map((call) => this.#call(file, call));
      return { calls, log: this.#read('log'), hooks: this.#read('hooks'), left: this.#left() };
    } finally {
      this.#call(this.#runtime.name, { args: ['delete', '--force', '%id'] });
    }
  }

  /** What a run left as config.json. */
  config(): string | null {
    const path = join(this.#bundle, 'config.json');
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  #read(name: string): string {
    const path = join(this.#place.folder, name);
    return existsSync(path) ? normalised(readFileSync(path, 'utf8'), undefined) : '(none)';
  }

  #left(): readonly string[] {
    return readdirSync(this.#place.folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name !== 'out' && name !== 'err')
      .map((name) => `${name} ${lstatSync(join(this.#place.folder, name)).mode.toString(8)}`)
      .sort();
  }

  #call(file: string, call: ScenarioCall): ScenarioResult['calls'][number] {
    if (call.after === 'stopped') this.#waitFor(call.after, () => this.#state().includes('"stopped"'));
    if (call.after === 'in its program') this.#waitFor(call.after, () => this.#isInItsProgram());
    const { name, globals, within = [], isSilent } = this.#runtime;
    const filled = call.args.map((arg) =>
      arg
        .replace('%id', this.#place.id)
        .replace('%bundle', this.#bundle)
        .replace('%place', this.#place.folder),
    );
    const [first, ...rest] = [...within, file, '--root', this.#root, ...globals, ...filled] as [
      string,
      ...string[],
    ];
    const [out, err] = ['out', 'err'].map((stream) => join(this.#place.folder, stream)) as [string, string];
    const toFiles = call.leavesProcess === true && isSilent !== true;
    const files = toFiles ? [openSync(out, 'w'), openSync(err, 'w')] : [];
    const ended = spawnSync(first, rest, {
      encoding: 'utf8',
      env: {
        PATH: `${dirname(program(name))}:${process.env['PATH']}`,
        SGS_RUNC_PATH: program(name),
        OCIWRAP_LOG_FILE: '/dev/null',
      },
      ...(call.leavesProcess ? { stdio: ['ignore', files[0] ?? 'ignore', files[1] ?? 'ignore'] } : {}),
      ...(call.leavesProcess ? {} : { input: call.input ?? '' }),
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    for (const fd of files) closeSync(fd);
    const said = toFiles
      ? [out, err].map((path) => readFileSync(path, 'utf8'))
      : [ended.stdout, ended.stderr];
    const [stdout, stderr] = said.map((text) => normalised(text ?? '', call)) as [string, string];
    return { status: ended.status, signal: ended.signal, stdout, stderr };
  }

  /** The limit is one that no test reaches. */
  #waitFor(what: string, isSo: () => boolean): void {
    for (let attempt = 0; attempt < 500; attempt += 1) {
      if (isSo()) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
    throw new Error(`waited in vain for the container to be ${what}`);
  }

  /** Asks the bare runtime. */
  #state(): string {
    return this.#call(this.#runtime.name, { args: ['state', '%id'] }).stdout;
  }

  /** `run --detach` returns when the runtime's own process has been told to go on, a moment before it becomes the program. */
  #isInItsProgram(): boolean {
    const pid = readFileSync(join(this.#place.folder, 'pid'), 'utf8');
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep');
  }
}

/** The config.json that an engine would write. */
export function configOf(scenario: Scenario, place: ScenarioPlace): string | null {
  if (scenario.config !== undefined) return scenario.config;
  const spec = scenario.patch?.(specOf('true'), place.folder) ?? specOf('true');
  return JSON.stringify(scenario.triggered ? withPvcRoot(spec, place.volume) : spec);
}
