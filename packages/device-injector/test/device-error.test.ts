import { expect, test } from '@jest/globals';

import { DEVICE_ERROR_CODES, DeviceError } from '../src/index.js';

test('an error carries its code, the hint of the code, and its facts', () => {
  const cause = new Error('why');
  const error = new DeviceError('ERR_CDI_UNRESOLVABLE', 'message', {
    details: { devices: ['a/b=c'] },
    cause,
  });
  expect({ ...error, message: error.message, cause: error.cause }).toEqual({
    name: 'DeviceError',
    code: 'ERR_CDI_UNRESOLVABLE',
    hint: DEVICE_ERROR_CODES.ERR_CDI_UNRESOLVABLE.hint,
    details: { devices: ['a/b=c'] },
    message: 'message',
    cause,
  });
});
