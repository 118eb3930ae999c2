import { expect, test } from '@jest/globals';
import { detectMode } from '../src/index.js';

test.each([
  // argv[0], AT_EXECFN, mode
  ['nvidia-container-runtime', undefined, 'nvidia'],
  ['/usr/bin/nvidia-container-runtime', undefined, 'nvidia'],
  ['/usr/bin/nvidia-container-runtime.cdi', undefined, 'nvidia'],
  ['/opt/x-nvidia-container-runtime-y', undefined, 'nvidia'],
  ['/usr/bin/nvidia-container-runtime-hook', undefined, 'runc'],
  ['/nvidia-container-runtime/runc', undefined, 'runc'],
  ['runc', undefined, 'runc'],
  ['oci-runtime-wrapper', undefined, 'runc'],
  ['', undefined, 'runc'],
  ['', '/usr/bin/nvidia-container-runtime', 'nvidia'],
  ['', '/usr/bin/runc', 'runc'],
  ['', '/usr/bin/nvidia-container-runtime-hook', 'runc'],
  ['/usr/bin/', '/usr/bin/nvidia-container-runtime', 'nvidia'],
  ['something', '/usr/bin/nvidia-container-runtime', 'nvidia'],
  ['oci-runtime-wrapper', '/usr/bin/nvidia-container-runtime', 'nvidia'],
  ['runc', '/usr/bin/nvidia-container-runtime', 'runc'],
  ['nvidia-container-runtime', '/usr/bin/runc', 'nvidia'],
] as const)('argv[0] %j, AT_EXECFN %j: %s', (invokedAs, execFn, mode) => {
  const query = { invokedAs, ...(execFn === undefined ? {} : { execFn }) };
  expect(detectMode({ ...query, env: {} })).toEqual({ mode });
  expect(detectMode({ ...query, env: { SGS_WRAPPER_MODE: '' } })).toEqual({ mode });
  for (const wanted of ['runc', 'nvidia']) {
    expect(detectMode({ ...query, env: { SGS_WRAPPER_MODE: wanted } })).toEqual({ mode: wanted });
  }
  for (const wanted of ['NVIDIA', 'nvidia ', 'crun', 'a\nb']) {
    const { mode: detected, warning } = detectMode({ ...query, env: { SGS_WRAPPER_MODE: wanted } });
    expect(detected).toBe(mode);
    expect(warning).toMatch(/^SGS_WRAPPER_MODE is "[^\n]+$/);
  }
});
