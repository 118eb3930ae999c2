import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';

import { appendToRuntimeLog } from '../../src/log/runtime-log.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();

const folder = temporaryFolder();
const refusal = { code: 'ERR_VOLUME_NOT_FOUND', message: 'no volume "x" is mounted', hint: 'mount it' };
const LINE = 'no volume "x" is mounted [ERR_VOLUME_NOT_FOUND]: mount it';

describe('the record', () => {
  test('is appended as JSON where JSON was asked for', () => {
    const path = join(folder, 'log.json');
    writeFileSync(path, '{"level":"info","msg":"before","time":"2026-01-01T00:00:00Z"}\n');
    appendToRuntimeLog(system, { log: Buffer.from(path), logFormat: 'json' }, refusal);
    const [, last] = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(last)).toEqual({ time: expect.any(String), level: 'error', msg: LINE });
  });

  test.each([
    ['text was asked for', { logFormat: 'text' }],
    ['no format was', {}],
  ] as const)('is text where %s', (_name, format) => {
    const path = join(folder, `log-${Object.keys(format).length}.txt`);
    appendToRuntimeLog(system, { log: Buffer.from(path), ...format }, refusal);
    expect(readFileSync(path, 'utf8')).toMatch(/^time=\S+ level=error msg=".*\[ERR_VOLUME_NOT_FOUND\].*"\n$/);
  });

  test('that cannot be written is no error', () => {
    const log = Buffer.from(join(folder, 'missing/log'));
    expect(() => appendToRuntimeLog(system, { log, logFormat: 'json' }, refusal)).not.toThrow();
  });

  // A pipe would not do: what is no regular file is never written to.
  test.each(['/dev/stderr', '/dev/fd/2', '/proc/self/fd/2'])(
    'is not written to %s, a file here: the refusal goes there anyway',
    (log) => {
      const script = join(folder, 'refuse.cjs');
      const call = `appendToRuntimeLog(system, { log: Buffer.from('${log}') }, ${JSON.stringify(refusal)});`;
      const contents = `import { appendToRuntimeLog } from '../../src/log/runtime-log.js';\nimport { nodeSystem } from '../../src/system/node-system.js';\nconst system = nodeSystem();\n${call}`;
      const stdin = { contents, resolveDir: import.meta.dirname };
      buildSync({ stdin, outfile: script, bundle: true, platform: 'node', format: 'cjs' });
      const said = join(folder, 'stderr');
      const stderr = openSync(said, 'w');
      const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 'ignore', stderr] });
      closeSync(stderr);
      expect({ status, said: readFileSync(said, 'utf8') }).toEqual({ status: 0, said: '' });
    },
  );
});
