import type { NvidiaMessage } from './nvidia-message.js';
import type { NvidiaOrigin } from './nvidia-origin.js';

/** What a container asks for. */
export interface DeviceRequest {
  /** Undefined: nothing, it is no GPU container. Empty: the driver without a device. */
  readonly devices: readonly string[] | undefined;
  readonly origin: NvidiaOrigin;
  readonly messages: readonly NvidiaMessage[];
}
