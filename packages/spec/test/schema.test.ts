import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';

const read = (path: string): object => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** The schemas as somebody else would load them: by file name, so that their references meet. */
function loadPublished(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const name of readdirSync(new URL('../schema/', import.meta.url))) {
    ajv.addSchema(read(`../schema/${name}`), name);
  }
  return ajv;
}

describe('the published schemas', () => {
  const ajv = loadPublished();
  const minimal = read('fixtures/config/minimal.json');

  const rows: [string, object, object][] = [
    ['config.schema.json', read('fixtures/config/containerd-cri.json'), { ...minimal, root: undefined }],
    [
      'config.schema.json',
      read('fixtures/config/podman-privileged.json'),
      { ...minimal, linux: { devices: [{}] } },
    ],
    ['config.schema.json', { ...minimal, hooks: null }, { ...minimal, hostname: null }],
    ['state.schema.json', { ociVersion: '1.2.0', id: 'a', status: 'stopped', bundle: '/b' }, {}],
    ['features.schema.json', read('fixtures/features/runc.json'), { hooks: [] }],
  ];
  test.each(rows)('%s tells right from wrong, %#', (name, right, wrong) => {
    expect(ajv.validate(name, right)).toBe(true);
    expect(ajv.validate(name, wrong)).toBe(false);
  });
});
