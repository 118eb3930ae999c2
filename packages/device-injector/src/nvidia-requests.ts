/** The variable by which images and device plugins ask for GPUs. */
export const VISIBLE_DEVICES = 'NVIDIA_VISIBLE_DEVICES';

/** The variable of CUDA images, by which those from before NVIDIA_VISIBLE_DEVICES are known. */
export const CUDA_VERSION = 'CUDA_VERSION';

/** Where mounts of /dev/null ask for devices (accept-nvidia-visible-devices-as-volume-mounts of NVIDIA's toolkit). */
export const VISIBLE_DEVICES_FOLDER = '/var/run/nvidia-container-devices';

/** An image of CUDA 8 or before, which says nothing of what it requires: it asks for all GPUs by being what it is. */
export function isLegacyCudaImage(env: Pick<ReadonlyMap<string, string>, 'get'>): boolean {
  return (env.get(CUDA_VERSION) ?? '') !== '' && (env.get('NVIDIA_REQUIRE_CUDA') ?? '') === '';
}
