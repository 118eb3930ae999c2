import { writeSync } from 'node:fs';

import { loadBundle, saveConfig } from '@opencontainers-ts/runtime-spec/bundle';

// A program of its own, so that a test can have it killed at any system call.
const bundle = loadBundle(process.argv[2] ?? '.');
try {
  const next = bundle.document.apply([{ op: 'replace', path: '/root/path', value: '/mnt/volume' }]);
  writeSync(1, JSON.stringify({ result: saveConfig(bundle, next) }));
} catch (error) {
  const { code, details } = error as { code: string; details: unknown };
  writeSync(1, JSON.stringify({ code, details }));
}
