import {
  decodeContainerSpec,
  readContainerState,
} from '../../../packages/device-injector/src/nvidia/container-spec.js';
import { mountRequests } from '../../../packages/device-injector/src/nvidia/mount-requests.js';
import { bytesOf, codeThrown, type Families, times } from './family.js';

const decoded = (text: string) => () => codeThrown(() => decodeContainerSpec(bytesOf(text)));
const spec = (member: string) => `{"ociVersion":"1.2.0","root":{"path":"r"},${member}}`;

/** What NVIDIA's hook reads. */
export const nvidiaFamilies: Families = {
  'requests by mounts that the hook reads': {
    size: 300,
    work: (size) => {
      const mounts = times(size, (index) => ({
        source: '/dev/null',
        destination: `/var/run/nvidia-container-devices/${index}`,
      }));
      return () => mountRequests(mounts, 'current').length === size;
    },
    ends: true,
  },
  'one member many times, for the hook': {
    size: 200,
    work: (size) => decoded(spec(times(size, (index) => `"process":{"env":[],"p${index}":1}`).join())),
    ends: 'nothing thrown',
  },
  'a long number, for the hook': {
    size: 1000,
    work: (size) => decoded(spec(`"process":{},"x":${'1'.repeat(size)}`)),
    ends: 'nothing thrown',
  },
  'a long text with escapes, for the hook': {
    size: 500,
    work: (size) => decoded(spec(`"process":{},"x":"${'\\u0041'.repeat(size)}"`)),
    ends: 'nothing thrown',
  },
  'a state that comes in pieces': {
    size: 100,
    work: (size) => {
      const bytes = bytesOf(
        JSON.stringify({
          pid: 1,
          bundle: '/b',
          annotations: Object.fromEntries(times(size, (index) => [`a${index}`, ''])),
        }),
      );
      return () => {
        let at = 0;
        const read = () => {
          at += 20;
          return bytes.subarray(at - 20, at).length === 0 ? undefined : bytes.subarray(at - 20, at);
        };
        return readContainerState(read).bundle;
      };
    },
    ends: '/b',
  },
};
