import { type JsonPatch, SpecDocument, validateConfig } from '@opencontainers-ts/runtime-spec';
import { lintConfig } from '@opencontainers-ts/runtime-spec/lint';
import { bytesOf, codeThrown, type Families, times } from './family.js';

const parsed = (text: string) => SpecDocument.parse(bytesOf(text));
const findings = (text: string, scope?: readonly string[]) => {
  const document = parsed(text);
  return () => document.structureFindings(scope).map(({ code }) => code)[0];
};
const patched = (document: object, patch: JsonPatch) => {
  const before = parsed(JSON.stringify(document));
  return () => before.apply(patch) !== before;
};
const mounts = (size: number, make: (index: number) => object = () => ({})) => ({
  mounts: times(size, (index) => ({ destination: `/m${index}`, ...make(index) })),
});
const annotations = (size: number) => ({
  annotations: Object.fromEntries(times(size, (index) => [`a${index}`, 'v'])),
});
const nested = (depth: number, inner: string) => `${'{"a":'.repeat(depth)}${inner}${'}'.repeat(depth)}`;
const found = (text: string) => {
  const document = parsed(text);
  return () => validateConfig(document).length > 0;
};
const linted = (spec: object, runtime: 'runc' | 'crun' | 'runsc') => {
  const document = parsed(JSON.stringify(spec));
  return () => Array.isArray(lintConfig(document, { dialects: [runtime] }));
};

const removedFromTheBack = (size: number): JsonPatch =>
  times(size, (index) => ({ op: 'remove', path: `/mounts/${size - 1 - index}` }));
const removedFromTheFront = (size: number): JsonPatch =>
  times(size, () => ({ op: 'remove', path: '/mounts/0' }));
const reversed = (size: number): JsonPatch =>
  times(size, (index) => ({ op: 'move', from: `/mounts/${size - 1}`, path: `/mounts/${index}` }));
const putInFront = (size: number): JsonPatch =>
  times(size, () => ({ op: 'add', path: '/mounts/0', value: 1 }));
const annotationsRemoved = (size: number): JsonPatch =>
  times(size, (index) => ({ op: 'remove', path: `/annotations/a${index}` }));
const annotationsAdded = (size: number): JsonPatch =>
  times(size, (index) => ({ op: 'add', path: `/annotations/b${index}`, value: '' }));

/** A document: reading it, judging it, patching it. */
export const specFamilies: Families = {
  'a document with many annotations': {
    size: 2000,
    work: (size) => {
      const text = JSON.stringify(annotations(size));
      return () => parsed(text).readings(['annotations', 'a1']).length;
    },
    ends: 1,
  },
  'a document that is broken at its end': {
    size: 2000,
    work: (size) => {
      const text = JSON.stringify({ ...annotations(size), ...mounts(size) }).replace(/\}$/, ']');
      return () => codeThrown(() => parsed(text));
    },
    ends: 'ERR_SPEC_SYNTAX',
  },
  'names that are escaped': {
    size: 1000,
    work: (size) =>
      findings(`{"annotations":{${times(size, (index) => `"\\u0061${index}":""`).join()}}}`, [
        '/annotations',
      ]),
    ends: null,
  },
  'the same map many times': {
    size: 1000,
    work: (size) =>
      findings(`{${times(size, (index) => `"annotations":{"a${index}":""}`).join()}}`, [
        '/annotations',
        '/mounts',
      ]),
    ends: 'SPEC_DUPLICATE_KEY',
  },
  'an empty list many times before a long one': {
    size: 500,
    work: (size) =>
      findings(`{${'"mounts":[],'.repeat(size)}${JSON.stringify(mounts(size)).slice(1)}`, ['/mounts']),
    ends: 'SPEC_DUPLICATE_KEY',
  },
  'members twice, deep down': {
    size: 500,
    work: (size) =>
      findings(
        nested(
          size,
          `{${'"b":1,'.repeat(size)}${times(size, (index) => `"c${index}":1,"c${index}":2`).join()}}`,
        ),
      ),
    ends: 'SPEC_DUPLICATE_KEY',
  },
  'texts that are not UTF-8, deep down': {
    size: 500,
    work: (size) => {
      const bytes = bytesOf(nested(size, `[${times(size, () => '"?"').join()}]`)).map((byte) =>
        byte === 0x3f ? 0xff : byte,
      );
      const document = SpecDocument.parse(bytes);
      return () => document.structureFindings()[0]?.code;
    },
    ends: 'SPEC_INVALID_UTF8',
  },
  'mounts removed from the back': {
    size: 1000,
    work: (size) => patched(mounts(size), removedFromTheBack(size)),
    ends: true,
  },
  'mounts removed from the front': {
    size: 1000,
    work: (size) => patched(mounts(size), removedFromTheFront(size)),
    ends: true,
  },
  'mounts put in front': { size: 1000, work: (size) => patched(mounts(size), putInFront(size)), ends: true },
  'mounts reversed': { size: 1000, work: (size) => patched(mounts(size), reversed(size)), ends: true },
  'annotations removed': {
    size: 500,
    work: (size) => patched(annotations(size), annotationsRemoved(size)),
    ends: true,
  },
  'annotations added': {
    size: 500,
    work: (size) => patched(annotations(size), annotationsAdded(size)),
    ends: true,
  },
  'a number with many zeros, tested': {
    size: 2000,
    work: (size) => {
      const document = parsed(`{"x":1${'0'.repeat(size)}1}`);
      return () => codeThrown(() => document.apply([{ op: 'test', path: '/x', value: 1 }]));
    },
    ends: 'ERR_PATCH_TEST',
  },
  'many faults of the schema': {
    size: 300,
    work: (size) =>
      found(
        JSON.stringify({
          ociVersion: '1.2.0',
          root: { path: '' },
          ...mounts(size, () => ({ options: [7] })),
          process: { cwd: '/', args: ['a'], env: times(size, () => 7) },
        }),
      ),
    ends: true,
  },
  'many integers out of range': {
    size: 300,
    work: (size) =>
      found(
        `{"ociVersion":"1.2.0","process":{"cwd":"/","user":{"uid":0,"gid":0,"additionalGids":[${times(size, () => '-1').join()}]}}}`,
      ),
    ends: true,
  },
  ...Object.fromEntries(
    (['runc', 'crun', 'runsc'] as const).map((runtime) => [
      `everything many times, linted for ${runtime}`,
      { size: 200, work: (size: number) => linted(everything(size), runtime), ends: true },
    ]),
  ),
};

/** A spec with many of everything that a list or a map holds. */
function everything(size: number): object {
  const hooks = times(size, (index) => ({ path: `/h${index}`, args: ['h'], env: ['A'] }));
  return {
    ociVersion: '1.2.0',
    root: { path: 'rootfs' },
    annotations: Object.fromEntries(times(size, (index) => [`run.oci.a${index}`, '1'])),
    mounts: times(size, (index) => ({
      destination: `/m/${index}`,
      type: 'bind',
      source: `/s${index}`,
      options: ['rbind', `o${index}`],
    })),
    hooks: { prestart: hooks, createContainer: hooks },
    process: {
      cwd: '/',
      args: times(size, (index) => `a${index}`),
      env: times(size, (index) => `A${index}`),
      user: { uid: 0, gid: 0, additionalGids: times(size, (index) => index) },
      capabilities: {
        bounding: times(size, (index) => `CAP_X${index}`),
        effective: times(size, (index) => `CAP_Y${index}`),
      },
      rlimits: times(size, () => ({ type: 'RLIMIT_NOFILE', soft: 2, hard: 1 })),
    },
    linux: {
      devices: times(size, (index) => ({ path: `/dev/d${index}`, type: 'c', major: 1, minor: 3 })),
      namespaces: [{ type: 'mount' }, ...times(size, () => ({ type: 'pid' }))],
      uidMappings: times(size, (index) => ({ containerID: index, hostID: index, size: 1 })),
      gidMappings: times(size, (index) => ({ containerID: index, hostID: index, size: 1 })),
      maskedPaths: times(size, (index) => `/p${index}`),
      readonlyPaths: times(size, (index) => `p${index}`),
      sysctl: Object.fromEntries(times(size, (index) => [`net.x${index}`, '1'])),
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: times(size, (index) => ({ names: [`s${index}`], action: 'SCMP_ACT_ERRNO' })),
      },
      resources: {
        devices: times(size, () => ({ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' })),
        hugepageLimits: times(size, (index) => ({ pageSize: `${index}KB`, limit: 1 })),
        unified: Object.fromEntries(times(size, (index) => [`u${index}`, '1'])),
      },
    },
  };
}
