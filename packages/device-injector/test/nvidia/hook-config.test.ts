import { describe, expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';

import {
  findNvidiaHookConfig,
  type HookConfigPlaces,
  type NvidiaProfile,
  nvidiaHookDefaults,
} from '../../src/index.js';

const USUAL = '/etc/nvidia-container-runtime/config.toml';
const OF_DRIVER = `/run/nvidia/driver${USUAL}`;
const PROFILES = ['seed', 'v1.5', 'current'] as const;

function find(
  profile: NvidiaProfile,
  files: Readonly<Record<string, string>>,
  places: Partial<HookConfigPlaces> = {},
  failures: Readonly<Record<string, string>> = {},
) {
  return findNvidiaHookConfig({ env: {}, cwd: '/work', ...places }, profile, memoryHost({ files, failures }));
}

const configOf = (profile: NvidiaProfile, text: string) => find(profile, { [USUAL]: text }).config;
const refusal = (message: unknown) => expect.objectContaining({ code: 'ERR_NVIDIA_CONFIG', message });

describe('where it is looked for', () => {
  const three = {
    [USUAL]: '',
    [OF_DRIVER]: '',
    '/xdg/nvidia-container-runtime/config.toml': '',
    '/named': '',
  };
  const env = { XDG_CONFIG_HOME: '/xdg' };
  test.each<[profile: NvidiaProfile, places: Partial<HookConfigPlaces>, file: string]>([
    ['seed', {}, OF_DRIVER],
    ['v1.5', { env: { ...env, NVIDIA_CTK_CONFIG_FILE_PATH: '/named' } }, OF_DRIVER],
    ['current', {}, USUAL],
    ['current', { env }, '/xdg/nvidia-container-runtime/config.toml'],
    ['current', { env: { XDG_CONFIG_HOME: '', NVIDIA_CTK_CONFIG_FILE_PATH: '' } }, USUAL],
    ['current', { env: { ...env, NVIDIA_CTK_CONFIG_FILE_PATH: '/named' } }, '/named'],
    ['current', { env, file: '/named' }, '/named'],
    ['seed', { file: '/named' }, '/named'],
    ['seed', { file: '../named' }, '../named'],
  ])('%s %j: %s', (profile, places, file) => {
    expect(find(profile, three, places).file).toBe(file);
  });

  test.each(PROFILES)('%s: where there is none the defaults hold', (profile) => {
    const { config, file, keys } = find(profile, {});
    expect({ config, file, keys: [...keys] }).toEqual({
      config: nvidiaHookDefaults(profile),
      file: undefined,
      keys: [],
    });
    expect(find(profile, { [USUAL]: '' }).config).toEqual(config);
  });

  test('before current the second place counts where the first has nothing', () => {
    expect(find('seed', { [USUAL]: 'disable-require = true' }).config.disableRequire).toBe(true);
  });

  const load = 'error getting hook config: failed to load config: ';
  test.each<
    [
      profile: NvidiaProfile,
      places: Partial<HookConfigPlaces>,
      failures: Record<string, string>,
      message: string,
    ]
  >([
    ['seed', { file: '/no' }, {}, "couldn't open configuration file: open /no: no such file or directory"],
    [
      'v1.5',
      {},
      { [OF_DRIVER]: 'EACCES' },
      `couldn't open default configuration file: open ${OF_DRIVER}: permission denied`,
    ],
    ['current', { file: '/no' }, {}, `${load}couldn't open required configuration file: file does not exist`],
    [
      'current',
      { env: { NVIDIA_CTK_CONFIG_FILE_PATH: '/no' } },
      {},
      `${load}couldn't open required configuration file: file does not exist`,
    ],
    [
      'current',
      {},
      { [USUAL]: 'EACCES' },
      `${load}couldn't open required configuration file: open ${USUAL}: permission denied`,
    ],
  ])('%s %j that cannot be read is refused', (profile, places, failures, message) => {
    expect(() => find(profile, three, places, failures)).toThrow(refusal(message));
  });
});

describe('what it says', () => {
  test.each<[text: string, change: object]>([
    ['disable-require = true', { disableRequire: true }],
    ['swarm-resource = "A,B"', { swarmResource: 'A,B' }],
    [
      'accept-nvidia-visible-devices-envvar-when-unprivileged = false',
      { acceptEnvironmentWhenUnprivileged: false },
    ],
    ['unknown = 1\n[unknown-table]\nx = 2', {}],
    ['Disable-Require = true', {}],
    ['nvidia-container-cli.root = "/r"', { cli: { root: '/r' } }],
    ['nvidia-container-cli.path = "/p"', { cli: { path: '/p' } }],
    ['nvidia-container-cli.environment = ["A=1", "B"]', { cli: { environment: ['A=1', 'B'] } }],
    ['nvidia-container-cli.debug = "/d"', { cli: { debug: '/d' } }],
    ['nvidia-container-cli.ldcache = "/l"', { cli: { ldcache: '/l' } }],
    ['nvidia-container-cli.load-kmods = false', { cli: { loadKmods: false } }],
    ['nvidia-container-cli.no-pivot = true', { cli: { noPivot: true } }],
    ['nvidia-container-cli.no-cgroups = true', { cli: { noCgroups: true } }],
    ['nvidia-container-cli.user = "u:g"', { cli: { user: 'u:g' } }],
    ['nvidia-container-cli.ldconfig = "@/x"', { cli: { ldconfig: '@/x' } }],
  ])('%s, for every profile', (text, change) => {
    for (const profile of PROFILES) {
      const { cli, ...defaults } = nvidiaHookDefaults(profile);
      const { cli: changed = {}, ...changes } = change as { cli?: object };
      expect(configOf(profile, text)).toEqual({ ...defaults, ...changes, cli: { ...cli, ...changed } });
    }
  });

  test.each<[text: string, change: object]>([
    ['supported-driver-capabilities = "compute"', { supportedDriverCapabilities: 'compute' }],
    ['supported-driver-capabilities = ""', { supportedDriverCapabilities: '' }],
    ['supported-driver-capabilities = "all"', {}],
    ['nvidia-container-runtime.mode = "cdi"', { mode: 'cdi' }],
    ['nvidia-container-runtime.modes.legacy.cuda-compat-mode = "mount"', { cudaCompatMode: 'mount' }],
    ['nvidia-container-runtime-hook.skip-mode-detection = true', { skipModeDetection: true }],
    [
      '[features]\nallow-cuda-compat-libs-from-container = true',
      { features: { allowCudaCompatLibsFromContainer: true } },
    ],
    ['[features]\nallow-ldconfig-from-container = true', { features: { allowLdconfigFromContainer: true } }],
    ['[features]\ndisable-imex-channel-creation = true', { features: { disableImexChannelCreation: true } }],
    ['[features]\nignore-imex-channel-requests = true', { features: { ignoreImexChannelRequests: true } }],
  ])('%s, for current alone', (text, change) => {
    const { features, ...defaults } = nvidiaHookDefaults('current');
    const { features: changed = {}, ...changes } = change as { features?: object };
    expect(configOf('current', text)).toEqual({
      ...defaults,
      ...changes,
      features: { ...features, ...changed },
    });
    expect(configOf('v1.5', text)).toEqual(nvidiaHookDefaults('v1.5'));
  });

  test('volume mounts are a matter of v1.5 and later', () => {
    const text = 'accept-nvidia-visible-devices-as-volume-mounts = true';
    expect(PROFILES.map((profile) => configOf(profile, text).acceptVolumeMounts)).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('an empty text is set before current, and not set in it', () => {
    const text = 'swarm-resource = ""\n[nvidia-container-cli]\nroot = ""\npath = ""\nuser = ""';
    expect(configOf('seed', text)).toMatchObject({
      swarmResource: '',
      cli: { root: '', path: '', user: '' },
    });
    expect(configOf('current', text)).toEqual(nvidiaHookDefaults('current'));
  });

  test('the keys that are set and known are told', () => {
    const { keys } = find('current', {
      [USUAL]: 'swarm-resource = "A"\nx = 1\n[features]\ny = 2\n[nvidia-container-cli]\nroot = ""',
    });
    expect([...keys].sort()).toEqual(['nvidia-container-cli.root', 'swarm-resource']);
  });
});

describe('what depends on the host, for current', () => {
  const withFiles = (text: string, files: Readonly<Record<string, string>>) =>
    find('current', { [USUAL]: text, ...files }).config.cli;

  test.each([
    ['', { '/sbin/ldconfig.real': '' }, '@/sbin/ldconfig.real'],
    ['', {}, '@/sbin/ldconfig'],
    ['nvidia-container-cli.ldconfig = "@/x.real"', {}, '@/x'],
    ['nvidia-container-cli.ldconfig = "@/x.real"', { '/x.real': '' }, '@/x.real'],
    ['nvidia-container-cli.ldconfig = "@/x"', { '/x.real': '' }, '@/x.real'],
    [
      'nvidia-container-cli.ldconfig = "/x"\nfeatures.allow-ldconfig-from-container = true',
      { '/x.real': '' },
      '/x',
    ],
  ])('%s with %j: ldconfig is %s', (text, files, ldconfig) => {
    expect(withFiles(text, files).ldconfig).toBe(ldconfig);
  });

  test.each([
    ['ID_LIKE="suse opensuse"', 'root:video'],
    ['NAME=x\nID_LIKE=opensuse\n', 'root:video'],
    ['ID_LIKE="debian"', undefined],
    ['ID=suse', undefined],
  ])('of %j the user is %s', (release, user) => {
    expect(withFiles('', { '/etc/os-release': release }).user).toBe(user);
    expect(withFiles('nvidia-container-cli.user = "a:b"', { '/etc/os-release': release }).user).toBe('a:b');
  });

  test('what cannot be looked at is not there', () => {
    const failures = { '/etc/os-release': 'EACCES', '/sbin/ldconfig.real': 'EACCES' };
    expect(find('current', {}, {}, failures).config).toEqual(nvidiaHookDefaults('current'));
  });
});

describe('what is refused', () => {
  const load = 'error getting hook config: failed to load config: ';
  test.each([
    [
      'nvidia-container-cli.ldconfig = "/x"',
      `${load}nvidia-container-cli.ldconfig value "/x" is not host-relative (does not start with a '@')\ninvalid config value`,
    ],
    [
      'nvidia-container-cli.ldconfig = ""',
      `${load}nvidia-container-cli.ldconfig value "" is not host-relative (does not start with a '@')\ninvalid config value`,
    ],
    ['disable-require = "no"', `${load}disable-require: must be true or false`],
    ['nvidia-container-cli.root = 7', `${load}nvidia-container-cli.root: must be a text`],
    [
      'nvidia-container-cli.environment = [1]',
      `${load}nvidia-container-cli.environment: must be an array of texts`,
    ],
    [
      'supported-driver-capabilities = "compute,x"',
      "Invalid value for config option 'supported-driver-capabilities'; compute,x (supported: compat32,compute,display,graphics,ngx,utility,video)",
    ],
  ])('%s', (text, message) => {
    expect(() => configOf('current', text)).toThrow(refusal(message));
  });

  test('what is no TOML, with the file that was asked for or found', () => {
    expect(() => configOf('current', 'a = ')).toThrow(
      refusal(expect.stringMatching(/^error getting hook config: .*not TOML: /)),
    );
    expect(() => configOf('seed', 'a = ')).toThrow(/^couldn't open default configuration file: not TOML: /);
    expect(() => find('seed', { '/f': '[' }, { file: '/f' })).toThrow(
      /^couldn't open configuration file: not TOML: /,
    );
  });
});
