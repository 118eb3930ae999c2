// What the program is made of, in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): the packages whose code is in it, as the
// lockfile pins them.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../workspace.mjs';
import { releaseTime, version } from './release-folder.mjs';

const purlOf = (name, of) => `pkg:npm/${name.replace('@', '%40')}@${of}`;

/** @returns the name of the file that is made in the folder */
export function makeBillOfMaterials(folder) {
  const name = `ociwrap-${version}.cdx.json`;
  const packages = JSON.parse(readFileSync(join(root, 'packages/cli/dist/bundle/third-party.json'), 'utf8'));
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const program = `pkg:generic/ociwrap@${version}`;
  const components = packages.map((each) => componentOf(each, lockfile));
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumberOf(JSON.stringify([version, components])),
    version: 1,
    metadata: {
      timestamp: new Date(releaseTime * 1000).toISOString(),
      component: {
        type: 'application',
        'bom-ref': program,
        name: 'ociwrap',
        version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components,
    dependencies: [{ ref: program, dependsOn: components.map((component) => component['bom-ref']) }],
  };
  writeFileSync(join(folder, name), `${JSON.stringify(document, undefined, 2)}\n`);
  return name;
}

function componentOf({ name, version: of, license }, lockfile) {
  return {
    type: 'library',
    'bom-ref': purlOf(name, of),
    name,
    version: of,
    purl: purlOf(name, of),
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: 'SHA-512', content: integrityOf(`${name}@${of}`, lockfile) }],
    ...(name === 'quickjs-wasi'
      ? { description: 'Has quickjs-ng in it, which is the engine of the program.' }
      : {}),
  };
}

/** Of the tarball that the registry has. */
function integrityOf(id, lockfile) {
  const quoted = id.startsWith('@') ? `'${id}'` : id;
  const start = lockfile.indexOf(`\n  ${quoted}:\n    resolution: {integrity: sha512-`);
  if (start === -1) throw new Error(`the lockfile does not pin ${id}`);
  const [, base64 = ''] = /sha512-([A-Za-z0-9+/=]+)/.exec(lockfile.slice(start)) ?? [];
  return Buffer.from(base64, 'base64').toString('hex');
}

/** A UUID of version 8 (RFC 9562): the same content has the same. */
function serialNumberOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
