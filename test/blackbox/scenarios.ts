import type { Hook, Process, Spec } from '@opencontainers-ts/runtime-spec';

/** One call of a runtime. `%id`, `%bundle` and `%place` (a folder of the scenario) are filled in. */
export interface ScenarioCall {
  readonly args: readonly string[];
  readonly input?: string;
  /** It leaves a process that holds its standard streams. */
  readonly leavesProcess?: boolean;
  /**
   * What differs from call to call beyond times and pids. Of counters the kernel and the runtime leave out those that are zero: whether
   * a container has read from a disk depends on the page cache.
   */
  readonly differs?: 'every number' | 'every counter' | 'everything said';
  /** Before it, the container must have stopped; or its process must have become the container's own program. */
  readonly after?: 'stopped' | 'in its program';
}

/** What an engine, or a person, does with a runtime: a container and the calls it is taken through. */
export interface Scenario {
  readonly title: string;
  /** runc and crun where nothing is said. */
  readonly runtimes?: readonly string[];
  readonly patch?: (spec: Spec, place: string) => Spec;
  /** The very text of config.json; `null` for none. */
  readonly config?: string | null;
  /** The container asks for its PVC as root. */
  readonly triggered?: boolean;
  readonly calls: readonly ScenarioCall[];
}

const call = (...args: readonly string[]): ScenarioCall => ({ args });
const create: ScenarioCall = {
  args: ['create', '--bundle', '%bundle', '--pid-file', '%place/pid', '%id'],
  leavesProcess: true,
};
const detached: ScenarioCall = {
  args: ['run', '--detach', '--bundle', '%bundle', '--pid-file', '%place/pid', '%id'],
  leavesProcess: true,
};
const run = call('run', '--bundle', '%bundle', '%id');
const forced = call('delete', '--force', '%id');
const killed: readonly ScenarioCall[] = [
  call('kill', '%id', 'KILL'),
  { ...call('state', '%id'), after: 'stopped' },
  call('delete', '%id'),
];

const processOf = (spec: Spec): Process => spec.process ?? { cwd: '/' };
const withProcess = (change: Partial<Process>) => (spec: Spec) => ({
  ...spec,
  process: { ...processOf(spec), ...change },
});
const withScript = (script: string) => withProcess({ args: ['/bin/sh', '-c', script] });
const sleeping = withScript('exec sleep 1000');

const hostHook = (kind: string, place: string, more = ''): Hook => ({
  path: '/bin/sh',
  args: [
    'sh',
    '-c',
    `{ echo "${kind} $PWD"; cat; echo; env | grep -v OCIWRAP_DEPTH | sort; } >> ${place}/hooks; ${more}`,
  ],
  env: ['PATH=/usr/bin:/bin', `KIND=${kind}`],
});
const guestHook: Hook = { path: '/bin/sh', args: ['sh', '-c', 'echo startContainer; cat >> /dev/null'] };
const withHooks = (broken?: string) => (spec: Spec, place: string) => {
  const hook = (kind: string) => [hostHook(kind, place, kind === broken ? 'echo broken >&2; exit 3' : '')];
  return {
    ...spec,
    hooks: {
      prestart: hook('prestart'),
      createRuntime: hook('createRuntime'),
      createContainer: hook('createContainer'),
      startContainer: [guestHook],
      poststart: hook('poststart'),
      poststop: hook('poststop'),
    },
  };
};
const logged = (format: string, ...rest: readonly string[]) =>
  call('--log', '%place/log', '--log-format', format, ...rest);

const everyRuntime = ['runc', 'crun', 'runsc'];

export const scenarios: readonly Scenario[] = [
  {
    title: 'create, state, start, exec, kill, delete',
    runtimes: everyRuntime,
    patch: sleeping,
    calls: [
      create,
      call('state', '%id'),
      call('start', '%id'),
      call('exec', '%id', '/bin/echo', 'inside'),
      call('exec', '%id', '/bin/sh', '-c', 'exit 5'),
      { args: ['exec', '%id', '/bin/cat'], input: 'through stdin' },
      ...killed,
    ],
  },
  {
    title: 'the same for a container on its PVC',
    patch: sleeping,
    triggered: true,
    calls: [
      create,
      call('state', '%id'),
      call('start', '%id'),
      call('exec', '%id', '/bin/ls', '/'),
      ...killed,
    ],
  },
  {
    title: 'run, with output on both streams and a status',
    runtimes: everyRuntime,
    patch: withScript('echo out; echo err >&2; cat; exit 3'),
    calls: [{ ...run, input: 'read from stdin\n' }],
  },
  {
    title: 'run on the PVC, with a status',
    runtimes: everyRuntime,
    patch: withScript('ls /; exit 4'),
    triggered: true,
    calls: [run],
  },
  { title: 'run, killed by a signal', patch: withScript('kill -TERM $$'), calls: [run] },
  {
    title: 'run --detach, list, ps, delete --force',
    patch: sleeping,
    calls: [
      detached,
      { ...call('list'), differs: 'every number' },
      call('list', '--quiet'),
      { ...call('ps', '%id'), differs: 'every number', after: 'in its program' },
      call('delete', '%id'),
      forced,
      call('state', '%id'),
    ],
  },
  {
    title: 'pause, resume, update, events',
    patch: sleeping,
    calls: [
      detached,
      call('pause', '%id'),
      call('state', '%id'),
      call('resume', '%id'),
      { args: ['update', '--resources', '-', '%id'], input: '{"pids":{"limit":50}}' },
      { args: ['update', '--resources', '-', '%id'], input: 'not JSON' },
      { ...call('events', '--stats', '%id'), differs: 'every counter' },
      forced,
    ],
  },
  { title: 'a duplicate create', patch: sleeping, calls: [create, { ...create, args: create.args }, forced] },
  {
    title: 'calls for a container that nobody made',
    runtimes: everyRuntime,
    calls: [
      call('state', '%id'),
      call('start', '%id'),
      call('kill', '%id', '9'),
      call('delete', '%id'),
      forced,
      call('exec', '%id', 'true'),
      call('ps', '%id'),
      logged('json', 'state', '%id'),
      logged('text', 'start', '%id'),
    ],
  },
  {
    title: 'calls without a container',
    calls: [
      call('--version'),
      call('features'),
      call('--help'),
      call('create', '--help'),
      call('no-such-verb'),
      call('--no-such-flag', 'state', '%id'),
      call('create', '--no-such-flag', '%id'),
      call('create'),
      call('list'),
      call('spec', '--bundle', '%place'),
    ],
  },
  {
    title: 'hooks of every kind',
    patch: withHooks(),
    calls: [create, call('start', '%id'), { ...forced, after: 'stopped' }],
  },
  ...['prestart', 'createRuntime', 'createContainer', 'poststart'].map((kind) => ({
    title: `a broken hook: ${kind}`,
    // crun's two processes race for what is said of this one.
    runtimes: kind === 'createContainer' ? ['runc'] : ['runc', 'crun'],
    patch: withHooks(kind),
    calls: [logged('json', ...run.args), forced],
  })),
  { title: 'no terminal, said so', patch: withProcess({ terminal: false }), calls: [run] },
  {
    title: 'a terminal, and nobody to have it',
    patch: withProcess({ terminal: true }),
    calls: [create, forced],
  },
  {
    title: 'limits',
    patch: (spec) =>
      withProcess({
        args: ['/bin/sh', '-c', 'ulimit -n; ulimit -c'],
        rlimits: [
          { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
          { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
        ],
      })(spec),
    calls: [run],
  },
  {
    title: 'a working directory that is not there',
    patch: withProcess({ cwd: '/missing/deep' }),
    calls: [run],
  },
  {
    title: 'a program that is not there',
    runtimes: everyRuntime,
    patch: withProcess({ args: ['/missing'] }),
    calls: [logged('json', ...run.args), forced],
  },
  { title: 'no program', patch: withProcess({ args: [] }), calls: [logged('text', ...run.args), forced] },
  {
    title: 'no mounts',
    // What runc makes in /dev is then left in the root, and runc 1.3 starts no second container on it.
    patch: (spec) => withScript('ls /; /bin/busybox rm -rf /dev/*')({ ...spec, mounts: [] }),
    calls: [run],
  },
  {
    title: 'a root that is not there',
    patch: (spec) => ({ ...spec, root: { path: 'missing' } }),
    calls: [run, forced],
  },
  {
    title: 'a config.json that is not JSON',
    runtimes: everyRuntime,
    config: '{"root":',
    calls: [logged('json', ...run.args), forced],
  },
  {
    title: 'no config.json',
    config: null,
    calls: [logged('json', ...run.args), { ...create, leavesProcess: false }],
  },
  {
    title: 'debugging output',
    patch: withScript('true'),
    calls: [{ args: ['--debug', ...run.args], differs: 'everything said' }],
  },
];
