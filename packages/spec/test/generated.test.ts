import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

const packageDir = new URL('../', import.meta.url);

describe('src/generated', () => {
  test('is what the schemas give', () => {
    const tool = fileURLToPath(new URL('tools/generate.mjs', packageDir));
    expect(() => execFileSync(process.execPath, [tool, '--check'], { stdio: 'pipe' })).not.toThrow();
  }, 30_000);

  test('needs no other module at run time', () => {
    const validators = readFileSync(new URL('src/generated/validators.ts', packageDir), 'utf8');
    expect(validators).not.toMatch(/\brequire\(|\bimport\b|node_modules/);
  });
});
