import { describe, expect, test } from '@jest/globals';

import { DEFAULT_CONFIG } from '../../src/config/default-config.js';
import { isSettled, mayHaveTable } from '../../src/fast-path/may-write-table.js';
import { settingsOf } from '../config/config-text.js';

describe('a table is left', () => {
  test.each([
    ['of no key', '', {}],
    ['that is the default written out', DEFAULT_CONFIG, {}],
    ['of rules alone', '[[rule]]\nuse = "pvc-rootfs"\noptions = { annotation = "example.org/a" }', {}],
    ['without rules', 'profile = "none"', {}],
    ['with CDI', 'cdi.enabled = true', {}],
    ['in which all is only tried', 'mode = "audit"', {}],
    ['that requires a rule', 'required = true', {}],
    ['of other settings', 'config-mode = "private"\nvolumes.kubelet-root = "/data/kubelet"', {}],
    ['whose log is where the environment says', '', { OCIWRAP_LOG_FILE: '/l', OCIWRAP_LOG_LEVEL: 'debug' }],
    ['whose runtime is the one that the environment names', '', { SGS_RUNC_PATH: '/r' }],
    ['under an OCIWRAP_CONFIG that is empty', '', { OCIWRAP_CONFIG: '' }],
  ])('under a configuration %s', async (_title, text, env) => {
    const { settings } = await settingsOf(text, { env });
    expect(mayHaveTable(settings, env)).toBe(true);
  });
});

describe('no table is left', () => {
  const fileAndLevel = { OCIWRAP_LOG_FILE: '/l', OCIWRAP_LOG_LEVEL: 'info' };
  test.each([
    ['fast-path = false', {}],
    ['profile = "guardian"', {}],
    ['', { GUARDIAN_RUNC_SHIM_BINARY: '/r' }],
    ['', { OCIWRAP_CONFIG: '/etc/ociwrap/config.toml' }],
    ['runtime.mode = "runc"', {}],
    ['runtime.mode = "nvidia"', { SGS_WRAPPER_MODE: 'runc' }],
    ['runtime.paths.runc = "/r"', { SGS_RUNC_PATH: '/r' }],
    ['runtime.paths.nvidia = "/r"', {}],
    ['runtime.search = ["runc"]', {}],
    ['log.file = "/l"', {}],
    ['log.file = "/l"', fileAndLevel],
    ['log.level = "warn"', {}],
    ['log.level = "warn"', fileAndLevel],
    ['log.format = "text"', {}],
    ['metrics.file = "/var/lib/m/o.prom"', {}],
    ['log.max-size = "1KiB"', {}],
  ])('under %s with %p', async (text, env) => {
    const { settings } = await settingsOf(text, { env });
    expect(mayHaveTable(settings, env)).toBe(false);
  });

  test('when the call has the name of the shim', async () => {
    const { settings } = await settingsOf('', { invokedAs: '/usr/bin/guardian-runc-shim' });
    expect(mayHaveTable(settings, {})).toBe(false);
  });

  test('when the configuration cannot be used', async () => {
    const { settings } = await settingsOf('');
    expect(mayHaveTable({ ...settings, fault: { code: 'X', message: 'x' } }, {})).toBe(false);
  });
});

describe('a file is settled', () => {
  const SINCE = 1_795_357_533_758;
  const fileAt = (ms: number) => ({
    path: '/f',
    stamp: { dev: 1n, ino: 1n, size: 1n, ctimeNs: BigInt(ms) * 1_000_000n + 999_999n },
  });

  test.each([
    ['more than a second before the call', -1001, true],
    ['just a second before', -1000, false],
    ['just before', -1, false],
    ['since', 1, false],
    ['in a time to come: the clock was set back', 3_600_000, false],
  ])('that changed %s: %p ms, %p', (_title, ms, settled) => {
    expect(isSettled(fileAt(SINCE + ms), SINCE)).toBe(settled);
  });

  test('that is not there: should it come, that is seen', () => {
    expect(isSettled({ path: '/f' }, SINCE)).toBe(true);
  });
});
