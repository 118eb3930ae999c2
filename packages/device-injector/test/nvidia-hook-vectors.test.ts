import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';

import {
  type DeviceHost,
  findNvidiaHookConfig,
  NVIDIA_PROFILES,
  type NvidiaProfile,
  nvidiaMessageLine,
  planNvidiaHook,
  readContainerState,
} from '../src/index.js';

/** What an upstream hook did, as it was recorded. */
interface Answer {
  readonly exit: number;
  readonly argv?: readonly string[];
  readonly stderr?: string;
  readonly extra_env?: Readonly<Record<string, string>>;
}

interface Vector {
  readonly name: string;
  readonly config_toml: string;
  /** A spec, the text of a config.json, or null for none. */
  readonly spec: unknown;
  readonly state: unknown;
  readonly flags: readonly string[];
  readonly seed_aec9a28b: Answer;
  readonly 'v1.5.1': Answer;
  readonly 'head_v1.20': Answer;
}

const COLUMNS = { seed: 'seed_aec9a28b', 'v1.5': 'v1.5.1', current: 'head_v1.20' } as const;
const TIME = '@TIME@';
const BUNDLE = '/work/bundle';
const PROGRAM = '/usr/bin/nvidia-container-cli';

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('fixtures/hook_vectors.json', import.meta.url), 'utf8')
    .replaceAll('@BUNDLE@', BUNDLE)
    .replaceAll('@BUNDLE_PARENT@', '/work'),
);

/** Where we answer otherwise, and why; docs/nvidia.md lists the reasons. */
interface Deviation {
  readonly vector: string;
  readonly profile: NvidiaProfile;
  readonly why: string;
  readonly ours: Answer;
}

const LEGACY = { stderr: "Auto-detected mode as 'legacy'" };
const currentArgv = (...device: readonly string[]) => [
  'nvidia-container-cli',
  '--load-kmods',
  'configure',
  '--cuda-compat-mode=ldconfig',
  '--ldconfig=@/nonexistent/ldconfig',
  ...device,
  '--compute',
  '--utility',
  '--pid=42',
  `${BUNDLE}/rootfs`,
];
const NOT_BELOW = 'a destination that only begins like the folder is not below it';
const SILENT = 'upstream ends without a word, because of a bug in its own message';
const UNSUPPORTED: Answer = {
  exit: 1,
  stderr:
    "Invalid value for config option 'supported-driver-capabilities'; compute,utility,not-compute (supported: compat32,compute,display,graphics,ngx,utility,video)",
};

const DEVIATIONS: readonly Deviation[] = [
  {
    vector: "devices env='0,0' cuda_version=None",
    profile: 'current',
    why: 'a device that is asked for twice is one device, and no empty name',
    ours: { exit: 0, argv: currentArgv('--device=0'), ...LEGACY },
  },
  {
    vector: 'mounts prefix no slash no env',
    profile: 'v1.5',
    why: NOT_BELOW,
    ours: { exit: 0 },
  },
  {
    vector: 'mounts prefix no slash env=GPU9',
    profile: 'v1.5',
    why: NOT_BELOW,
    ours: {
      exit: 0,
      argv: [
        'nvidia-container-cli',
        '--load-kmods',
        'configure',
        '--ldconfig=@/nonexistent/ldconfig',
        '--device=GPU9',
        '--utility',
        '--compute',
        '--pid=42',
        `${BUNDLE}/rootfs`,
      ],
    },
  },
  { vector: 'mounts prefix no slash no env', profile: 'current', why: NOT_BELOW, ours: { exit: 0 } },
  {
    vector: 'mounts prefix no slash env=GPU9',
    profile: 'current',
    why: NOT_BELOW,
    ours: { exit: 0, argv: currentArgv('--device=GPU9'), ...LEGACY },
  },
  ...['all', 'video', 'compute,video'].map((asked) => ({
    vector: `supported='compute,utility,not-compute' caps='${asked}'`,
    profile: 'current' as const,
    why: SILENT,
    ours: UNSUPPORTED,
  })),
  {
    vector: 'mounts cdi bad env=GPU9',
    profile: 'current',
    why: 'a warning is written once; upstream looks for devices twice, and warns twice',
    ours: {
      exit: 0,
      argv: currentArgv('--device=GPU9'),
      stderr: `time="${TIME}" level=warning msg="Ignoring invalid mount request for CDI device cdi/foo: invalid mount CDI device request: cdi/foo"\n${LEGACY.stderr}`,
    },
  },
];

function hostOf({ spec, config_toml }: Vector): DeviceHost {
  return memoryHost({
    files: {
      '/toolkit.toml': config_toml,
      [PROGRAM]: '',
      ...(spec === null
        ? {}
        : { [`${BUNDLE}/config.json`]: typeof spec === 'string' ? spec : JSON.stringify(spec) }),
    },
    access: { [PROGRAM]: { mode: 0o755 } },
  });
}

/** What we answer, in the form of the recordings. */
function answerOf(vector: Vector, profile: NvidiaProfile): Answer {
  const host = hostOf(vector);
  const said: string[] = [];
  const stderr = () => (said.length === 0 ? {} : { stderr: said.join('\n').trimEnd() });
  const cwd = BUNDLE;
  try {
    const { config: hookConfig } = findNvidiaHookConfig(
      { file: '/toolkit.toml', env: {}, cwd },
      profile,
      host,
    );
    const text = typeof vector.state === 'string' ? vector.state : JSON.stringify(vector.state);
    const pieces = [Buffer.from(text)];
    const state = readContainerState(() => pieces.shift());
    const debug = vector.flags.includes('-debug');
    const plan = planNvidiaHook(
      { profile, hookConfig, state, debug, PATH: '/usr/bin', cwd },
      host,
      (message) => said.push(nvidiaMessageLine(message, profile, TIME)),
    );
    const environment = plan?.environment.map((entry) => entry.split('=')) ?? [];
    return {
      exit: 0,
      ...(plan && { argv: ['nvidia-container-cli', ...plan.argv.slice(1)] }),
      ...stderr(),
      ...(environment.length > 0 ? { extra_env: Object.fromEntries(environment) } : {}),
    };
  } catch (error) {
    said.push((error as Error).message);
    return { exit: 1, ...stderr() };
  }
}

/** Upstream writes requirements in the order of a Go map. */
function withSortedRequirements(answer: Answer): Answer {
  const { argv } = answer;
  if (argv === undefined) return answer;
  const isRequirement = (text: string) => text.startsWith('--require=');
  const sorted = argv.filter(isRequirement).sort();
  return { ...answer, argv: argv.map((text) => (isRequirement(text) ? (sorted.shift() ?? '') : text)) };
}

describe.each(NVIDIA_PROFILES)('as upstream, %s', (profile) => {
  const deviating = DEVIATIONS.filter((deviation) => deviation.profile === profile);
  const same = vectors.filter(({ name }) => !deviating.some(({ vector }) => vector === name));

  test.each(same)('$name', (vector) => {
    const upstream = withSortedRequirements(vector[COLUMNS[profile]]);
    expect(withSortedRequirements(answerOf(vector, profile))).toEqual(upstream);
  });
});

describe('otherwise than upstream', () => {
  test.each(DEVIATIONS)('$profile, $vector: $why', ({ vector: name, profile, ours }) => {
    const vector = vectors.find((candidate) => candidate.name === name);
    if (vector === undefined) throw new Error(`no vector ${name}`);
    expect(answerOf(vector, profile)).toEqual(ours);
    expect(vector[COLUMNS[profile]]).not.toEqual(ours);
  });
});

test('every recorded answer is looked at', () => {
  expect(vectors).toHaveLength(207);
  expect(new Set(vectors.map(({ name }) => name)).size).toBe(207);
  expect(DEVIATIONS).toHaveLength(9);
});
