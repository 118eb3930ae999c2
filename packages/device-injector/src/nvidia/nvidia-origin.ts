/** Where a value comes from. `note` explains what might be unexpected. */
export type NvidiaOrigin = { readonly note?: string } & (
  | { readonly from: 'default' }
  | { readonly from: 'environment'; readonly variables: readonly string[]; readonly keys?: readonly string[] }
  /** `CUDA_VERSION` without `NVIDIA_REQUIRE_CUDA`: images of CUDA 8 and earlier get everything. */
  | { readonly from: 'legacy-image'; readonly variables: readonly string[] }
  | { readonly from: 'mounts'; readonly destinations: readonly string[] }
  /** Keys of the toolkit's `config.toml`. */
  | { readonly from: 'configuration'; readonly keys: readonly string[] }
);

/** A value and where it comes from. */
export interface NvidiaValue<T> {
  readonly value: T;
  readonly origin: NvidiaOrigin;
}
