/** Recorded calls whose subject is not the injection, with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  ...without('how NVIDIA makes up a spec of its own (NVML, Tegra): the runtime behind does that', [
    'mode: auto + env 0',
    'mode: jit-cdi + env 0',
    'mode: csv + env nvidia.com/gpu=0',
    'mode: csv + annotation nvidia.com/gpu=0',
  ]),
  ...without("the mode of NVIDIA's runtime: the rule has none", [
    'mode: legacy + env nvidia.com/gpu=0',
    'mode: legacy + annotation nvidia.com/gpu=0',
    'mode: legacy graphics caps (driver version needed)',
    'mode: bogus + no request',
    'mode: bogus + annotation nvidia.com/gpu=0',
    'mode:  + env 0',
    'mode:  + env nvidia.com/gpu=0',
  ]),
  ...without("which arguments are a create, and which bundle: the wrapper's parser has tests of its own", [
    'args: run --bundle @BUNDLE@ c',
    'args: delete create',
    'args: create --bundle /nonexistent c',
    'args: exec c create',
    'args: create -b@BUNDLE@ c',
  ]),
  ...without('how config.json is read, and which runtime is started: not for a rule to say', [
    'spec: unknown field rejected',
    'spec: unknown field allowed with feature (dropped)',
    'spec: trailing garbage ignored',
    'spec: missing config.json',
    'spec: no runtime found',
    'spec: runtimes empty',
  ]),
};

function without(reason: string, titles: readonly string[]): Record<string, string> {
  return Object.fromEntries(titles.map((title) => [title, reason]));
}

/** Recorded calls that are answered otherwise on purpose: docs/cdi.md says why. */
export const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  'env: OCI env without =': ['PATH=/injected', 'FOO', 'NEW=2', 'EMPTY='],
  "requests: cdi mode NVIDIA_VISIBLE_DEVICES='none'": ['PATH=/bin', 'NVIDIA_VISIBLE_DEVICES=void'],
  "requests: cdi mode NVIDIA_VISIBLE_DEVICES='0,0'": ['PATH=/bin', 'NVIDIA_VISIBLE_DEVICES=void', 'GPU=0'],
  'requests: default-kind': ['PATH=/bin', 'NVIDIA_VISIBLE_DEVICES=void', 'A=1'],
};
