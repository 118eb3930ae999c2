import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';

import { type CdiDevicesOptions, cdiDevices } from '../../src/index.js';
import { LEFT_OUT, OTHERWISE } from './deviations.js';

/** One call of nvidia-container-runtime, and what became of it. */
interface Vector {
  readonly group: string;
  readonly name: string;
  readonly config_toml: string;
  readonly spec: object | string | null;
  readonly etc: Folder;
  readonly run: Folder;
  readonly 'result_cdi_1.1.0': Result;
  /** Where main of the CDI library answers otherwise. */
  readonly result_cdi_main?: Result;
}

type Folder = Readonly<Record<string, object | string>> | null;
interface Result {
  readonly exit: number;
  readonly stderr?: string;
  readonly config?: object;
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../fixtures/runtime_cdi_vectors.json', import.meta.url), 'utf8'),
);
const titleOf = ({ group, name }: Vector) => `${group}: ${name}`;

/** Places of the recording are other ones here; `@WORK@/fifo` is a FIFO. */
const placed = (value: object | string): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('@WORK@', '/work');

function hostOf({ etc, run }: Vector) {
  const filesOf = (folder: string, files: Folder) =>
    Object.entries(files ?? {}).map(([name, content]) => [`${folder}/${name}`, placed(content)]);
  return memoryHost({
    files: Object.fromEntries([...filesOf('/etc/cdi', etc), ...filesOf('/run/cdi', run)]),
    devices: [{ path: '/dev/null', kind: 'character', major: 1, minor: 3 }],
    fifos: ['/work/fifo'],
    access: { '/work/fifo': { mode: 0o644 } },
  });
}

/** The rule set up as the recorded configuration sets up the runtime: mode `cdi` is CDI alone. */
function optionsOf({ config_toml: toml }: Vector): CdiDevicesOptions {
  const takesMounts = toml.includes('accept-nvidia-visible-devices-as-volume-mounts=true');
  const [, mode = ''] = /\bmode="([^"]*)"/.exec(toml) ?? [];
  const [, defaultKind = 'nvidia.com/gpu'] = /\bdefault-kind="([^"]*)"/.exec(toml) ?? [];
  return {
    specDirs: ['/etc/cdi', '/run/cdi'],
    sources: ['annotations', ...(takesMounts ? (['mounts'] as const) : []), 'env'],
    ...(mode === 'cdi' ? { defaultKind } : {}),
  };
}

function planOf(vector: Vector) {
  const document = SpecDocument.parse(new TextEncoder().encode(placed(vector.spec ?? '{}')));
  const call = { verb: 'create', bundle: '/b' } as const;
  return planRewrite(document, [cdiDevices(optionsOf(vector))], call, hostOf(vector));
}

/** What of a recorded answer is not looked at, since it is on purpose another one here: docs/cdi.md lists them. */
function comparable(spec: object | undefined): object {
  const {
    annotations = {},
    process = {},
    mounts = [],
    hooks = {},
    ...rest
  } = structuredClone(spec ?? {}) as {
    annotations?: Record<string, string>;
    process?: { user?: object; cwd?: string; env?: string[] };
    mounts?: { destination: string }[];
    hooks?: Record<string, { env?: string[] }[]>;
  };
  const { user = { uid: 0, gid: 0 }, cwd = '', ...others } = process;
  const isRequest = ({ destination }: { destination: string }) =>
    destination.startsWith('/var/run/nvidia-container-devices/');
  for (const stage of ['createContainer', 'startContainer']) {
    for (const hook of hooks[stage] ?? []) hook.env ??= ['NVIDIA_CTK_DEBUG=false'];
  }
  return {
    ...rest,
    annotations: Object.entries(annotations).filter(([key]) => !key.startsWith('cdi.k8s.io/')),
    process: { user, cwd, ...others },
    mounts: mounts.filter((mount) => !isRequest(mount)),
    hooks,
  };
}

const inScope = vectors.filter((vector) => !(titleOf(vector) in LEFT_OUT));

describe('every recorded answer about injection', () => {
  const rows = inScope.filter((vector) => !(titleOf(vector) in OTHERWISE));
  test.each(rows.map((vector) => ({ title: titleOf(vector), vector })))('$title', ({ vector }) => {
    const { exit, config } = vector.result_cdi_main ?? vector['result_cdi_1.1.0'];
    const plan = planOf(vector);
    expect({ exit: plan.decision === 'refuse' ? 1 : 0, code: plan.refusal?.code }).toEqual({
      exit,
      code: exit === 0 ? undefined : expect.stringMatching(/^ERR_CDI_/),
    });
    expect(comparable(plan.document.spec)).toEqual(comparable(config));
  });
});

describe('an answer that is another one on purpose', () => {
  test.each(Object.entries(OTHERWISE))('%s', (title, env) => {
    const vector = vectors.find((each) => titleOf(each) === title);
    const plan = planOf(vector as Vector);
    expect({ code: plan.refusal?.code, env: plan.document.spec.process?.env }).toEqual({
      code: undefined,
      env,
    });
  });
});

test('what is left out is there, and has a reason', () => {
  const titles = vectors.map(titleOf);
  expect(titles).toEqual(expect.arrayContaining([...Object.keys(LEFT_OUT), ...Object.keys(OTHERWISE)]));
  expect(inScope.length).toBeGreaterThan(90);
});
