import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';
import { loadCdiRegistry } from '@opencontainers-ts/device-injector';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';

/** One call of `nvidia-ctk cdi list` (CDI library v1.1.0), and what it answered. */
interface ListVector {
  readonly group: string;
  readonly name: string;
  readonly etc: Files;
  readonly run: Files | null;
  readonly devices: readonly string[];
  readonly errors: readonly string[];
}

/** File name to text, or to what is to be written as JSON. */
type Files = Readonly<Record<string, unknown>>;

interface Answer {
  readonly devices: readonly string[];
  readonly errors: readonly string[];
}

const VECTORS: readonly ListVector[] = JSON.parse(
  readFileSync(new URL('../fixtures/cdi_list_vectors.json', import.meta.url), 'utf8'),
);

/** Where we answer otherwise, and why. */
const DEVIATIONS: Readonly<Record<string, { readonly why: string; readonly ours: Answer }>> = {
  'deviceNodes: permissions none': {
    why: 'the CDI library takes "none" since the release after v1.1.0',
    ours: { devices: ['vendor.com/device=d'], errors: [] },
  },
};

function inFolder(folder: string, files: Files | null): [string, string][] {
  return Object.entries(files ?? {}).map(([name, content]) => [
    `/work/${folder}/${name}`,
    typeof content === 'string' ? content : JSON.stringify(content),
  ]);
}

function answer({ etc, run }: ListVector): Answer {
  const files = Object.fromEntries([...inFolder('etc', etc), ...inFolder('run', run)]);
  const { devices, problems } = loadCdiRegistry(memoryHost({ files }), ['/work/etc', '/work/run']);
  const byPath = new Map<string, string[]>();
  for (const { path, message } of problems) byPath.set(path, [...(byPath.get(path) ?? []), message]);
  return {
    devices: [...devices.keys()],
    errors: [...byPath].map(([path, messages]) => `${path}: [${messages.join(' ')}]`).sort(),
  };
}

function upstream({ devices, errors }: ListVector): Answer {
  return { devices, errors: errors.map((each) => each.replaceAll('@WORK@', '/work')).sort() };
}

const ROWS = VECTORS.map((vector): [string, ListVector] => [`${vector.group}: ${vector.name}`, vector]);

test.each(ROWS.filter(([name]) => DEVIATIONS[name] === undefined))('as upstream: %s', (_, vector) => {
  expect(answer(vector)).toEqual(upstream(vector));
});

test.each(Object.entries(DEVIATIONS))('otherwise than upstream: %s', (name, { ours }) => {
  const vector = new Map(ROWS).get(name);
  expect(vector && answer(vector)).toEqual(ours);
  expect(vector && upstream(vector)).not.toEqual(ours);
});
