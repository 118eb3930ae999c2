import { describe, expect, test } from '@jest/globals';

import { layoutOf } from '../../src/installation/layout.js';
import type { InstalledVersion, Manifest } from '../../src/installation/manifest.js';
import type { OwnUser } from '../../src/installation/own-users.js';
import { planInstall, type WantedInstallation } from '../../src/installation/plan-install.js';
import { planPlace, planRestore } from '../../src/installation/plan-place.js';
import { planGivingUp, planUninstall } from '../../src/installation/plan-uninstall.js';
import type { FoundInstallation } from '../../src/installation/read-installation.js';
import type { FoundPlace } from '../../src/installation/read-place.js';
import type { Step } from '../../src/installation/steps.js';

const PREFIX = '/opt/ociwrap';
const layout = layoutOf(PREFIX);
const version = (name: string): InstalledVersion => ({ name: `1-${name}`, checksum: name });
const [A, B, C] = ['a', 'b', 'c'].map(version) as [InstalledVersion, InstalledVersion, InstalledVersion];

const NOTHING: FoundInstallation = {
  layout,
  folder: 'missing',
  strangers: [],
  folders: [],
  stateFolders: [],
  copiedAlong: [],
  hasConfigurationFolder: false,
  versions: [],
  bin: new Map(),
  places: [],
  leftovers: [],
};

const manifest = (change: Partial<Manifest> = {}): Manifest => ({
  versions: [A],
  handlers: [],
  places: [],
  isLeaving: false,
  ...change,
});

/** Where all is as a manifest says. */
const installed = (
  change: Partial<FoundInstallation> = {},
  wanted: Partial<Manifest> = {},
): FoundInstallation => {
  const all = manifest(wanted);
  return {
    ...NOTHING,
    folder: 'ours',
    folders: [PREFIX, layout.versions, layout.bin],
    manifest: all,
    versions: all.versions.map((each) => ({ ...each, isSound: true })),
    ...(all.versions[0] === undefined ? {} : { current: all.versions[0].name }),
    bin: new Map(['oci-runtime-wrapper', 'ociwrap'].map((name) => [name, '../current/ociwrap'])),
    ...change,
  };
};

const wanted = (change: Partial<WantedInstallation> = {}): WantedInstallation => ({
  version: A,
  places: [],
  handlers: [],
  inUse: [],
  ...change,
});

/** `link bin/ociwrap`: a step and where, below the prefix. */
const told = (steps: readonly Step[]) =>
  steps.map((step) => `${step.do} ${step.path.replace(`${PREFIX}/`, '')}`);

const codeOf = (plan: () => readonly Step[]): unknown => {
  try {
    return told(plan());
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
};

describe('what is left to be done until it is installed', () => {
  const links = ['link bin/oci-runtime-wrapper', 'link bin/ociwrap'];
  test.each<[string, FoundInstallation, WantedInstallation, readonly string[] | string]>([
    [
      'all of it',
      NOTHING,
      wanted(),
      [
        ...[
          'make-folder /opt/ociwrap',
          'make-folder versions',
          'make-folder bin',
          'write-version versions/1-a',
        ],
        ...['write-manifest manifest.json', 'link current', ...links],
      ],
    ],
    ['nothing', installed(), wanted(), []],
    [
      'another version, before the link to it, and the older one after',
      installed({}, { versions: [A, B] }),
      wanted({ version: C }),
      [
        'write-version versions/1-c',
        'write-manifest manifest.json',
        'link current',
        'remove-tree versions/1-b',
      ],
    ],
    [
      'back to the one before',
      installed({}, { versions: [A, B] }),
      wanted({ version: B }),
      ['write-manifest manifest.json', 'link current'],
    ],
    [
      'a version that is called by its own path stays',
      installed({}, { versions: [A, B] }),
      wanted({ version: C, inUse: [B.name] }),
      ['write-version versions/1-c', 'write-manifest manifest.json', 'link current'],
    ],
    [
      'a program that is damaged',
      installed({ versions: [{ ...A, checksum: 'x', isSound: false }] }),
      wanted(),
      ['write-version versions/1-a'],
    ],
    [
      'a link that somebody removed',
      installed({ bin: new Map([['ociwrap', '../current/ociwrap']]) }),
      wanted(),
      ['link bin/oci-runtime-wrapper'],
    ],
    ['a link that leads elsewhere', installed({ current: B.name }), wanted(), ['link current']],
    [
      'what a killed command left',
      installed({ leftovers: ['/opt/ociwrap/versions/.1-c.ociwrap'] }),
      wanted(),
      ['remove-tree versions/.1-c.ociwrap'],
    ],
    [
      'the end of an uninstallation',
      installed({}, { isLeaving: true }),
      wanted(),
      ['write-manifest manifest.json'],
    ],
    [
      'a killed first one',
      installed({ manifest: undefined as never }),
      wanted(),
      ['write-manifest manifest.json'],
    ],
    [
      'the links of a handler',
      installed(),
      wanted({ handlers: ['gpu'] }),
      ['write-manifest manifest.json', 'link bin/oci-runtime-wrapper-gpu'],
    ],
    [
      'a folder of others',
      { ...NOTHING, folder: 'other', strangers: ['x'] },
      wanted(),
      'ERR_INSTALLATION_PREFIX',
    ],
    ['a folder that others may change', { ...NOTHING, unsafe: '/opt' }, wanted(), 'ERR_INSTALLATION_PREFIX'],
    [
      'a configuration',
      installed(),
      wanted({ configuration: 'x' }),
      ['write-manifest manifest.json', 'write-configuration /etc/ociwrap/config.toml'],
    ],
    [
      'a configuration of others',
      installed({ configuration: 'y' }),
      wanted({ configuration: 'x' }),
      'ERR_INSTALLATION_CONFIGURATION',
    ],
    [
      'another configuration in the place of ours',
      installed(
        { configuration: 'y' },
        { configuration: { path: '/etc/ociwrap/config.toml', checksum: 'y' } },
      ),
      wanted({ configuration: 'x' }),
      ['write-manifest manifest.json', 'write-configuration /etc/ociwrap/config.toml'],
    ],
  ])('%s', (_, found, what, steps) => {
    expect(codeOf(() => planInstall(found, what))).toEqual(steps);
  });

  test('the manifest tells of all that is there, newest first', () => {
    const found = installed({}, { versions: [A, B], places: [{ path: '/bin/x', original: '/bin/x.real' }] });
    const step = planInstall(found, wanted({ version: C, handlers: ['gpu'] })).find(
      (each) => each.do === 'write-manifest',
    );
    expect(step?.manifest).toEqual({
      versions: [C, A],
      handlers: ['gpu'],
      places: [{ path: '/bin/x', original: '/bin/x.real' }],
      isLeaving: false,
    });
  });
});

const place = (change: Partial<FoundPlace>): FoundPlace => ({
  path: '/bin/runc',
  original: '/bin/runc.real',
  at: 'program',
  kept: 'missing',
  leftovers: [],
  ...change,
});

describe('the place of a program', () => {
  const [keep, link] = ['keep-original /bin/runc', 'link /bin/runc'];
  test.each<[Partial<FoundPlace>, boolean, readonly string[] | string]>([
    [{}, false, [keep, link]],
    [{ kept: 'same' }, false, [link]],
    [{ kept: 'another' }, false, 'ERR_PLACE_TAKEN'],
    [{ kept: 'another' }, true, [keep, link]],
    [{ at: 'ours', kept: 'another' }, true, []],
    [
      { at: 'ours', kept: 'another', leftovers: ['/bin/.runc.ociwrap'] },
      true,
      ['remove-file /bin/.runc.ociwrap'],
    ],
    [{ at: 'missing' }, false, 'ERR_PLACE_REFUSED'],
    [{ at: 'missing', kept: 'another' }, false, 'ERR_PLACE_REFUSED'],
    [{ at: 'missing', kept: 'another' }, true, [link]],
    [{ at: 'self' }, false, 'ERR_PLACE_REFUSED'],
    [{ at: 'script' }, false, 'ERR_PLACE_SCRIPT'],
    [{ at: 'symlink' }, false, 'ERR_PLACE_REFUSED'],
    [{ at: 'other' }, false, 'ERR_PLACE_REFUSED'],
    [{ unsafe: '/bin' }, false, 'ERR_PLACE_REFUSED'],
  ])('%j, taken before: %p', (found, isOurs, steps) => {
    expect(codeOf(() => planPlace(place(found), { target: '/w', isOurs }))).toEqual(steps);
  });

  test.each<[Partial<FoundPlace>, readonly string[]]>([
    [{ at: 'ours', kept: 'another' }, ['restore /bin/runc']],
    [{ at: 'missing', kept: 'another' }, ['restore /bin/runc']],
    [{ at: 'program', kept: 'another' }, ['remove-file /bin/runc.real']],
    [{ at: 'program', kept: 'same' }, ['remove-file /bin/runc.real']],
    [{ at: 'program', kept: 'missing' }, []],
    [{ at: 'ours', kept: 'missing' }, ['remove-file /bin/runc']],
    [{ at: 'symlink', kept: 'another' }, []],
    [{ at: 'script', kept: 'another' }, []],
    [{ at: 'self', kept: 'another' }, []],
    [{ at: 'other', kept: 'another' }, []],
  ])('is given back: %j', (found, steps) => {
    expect(told(planRestore(place(found)))).toEqual(steps);
  });
});

describe('what is left to be done until nothing is there', () => {
  const options = { purge: false, logs: ['/var/log/x'] };
  const user = (change: Partial<OwnUser> = {}): OwnUser => ({
    by: 'containerd',
    id: 'ns/x',
    runtime: '/w',
    ...change,
  });
  const taken = installed(
    { places: [place({ at: 'ours', kept: 'another' })] },
    { versions: [A, B], places: [{ path: '/bin/runc', original: '/bin/runc.real' }] },
  );

  test('of nothing, nothing', () => {
    expect(planUninstall(NOTHING, [], options)).toEqual({ leave: [], close: [], remove: [] });
  });

  test('the manifest goes last but for its folder, and the links before what they lead to', () => {
    const { leave, close, remove } = planUninstall(taken, [], options);
    expect(told(leave)).toEqual([
      'write-manifest manifest.json',
      'remove-tree versions/1-b',
      'restore /bin/runc',
    ]);
    expect(told(close)).toEqual(['remove-file bin/oci-runtime-wrapper', 'remove-file bin/ociwrap']);
    expect(told(remove)).toEqual([
      ...['remove-file current', 'remove-tree versions', 'remove-tree bin', 'remove-file manifest.json'],
      'remove-folder /opt/ociwrap',
    ]);
  });

  test('a place that a container needs is not given back before all is closed', () => {
    const { leave, close } = planUninstall(taken, [user({ place: '/bin/runc' })], options);
    expect(told(leave)).toEqual(['write-manifest manifest.json', 'remove-tree versions/1-b']);
    expect(told(close)[0]).toBe('restore /bin/runc');
  });

  test('a version that a container calls by its own path stays', () => {
    expect(told(planUninstall(taken, [user({ version: B.name })], options).leave)).toEqual([
      'write-manifest manifest.json',
      'restore /bin/runc',
    ]);
  });

  test.each<[string, Partial<FoundInstallation>, boolean, readonly string[]]>([
    [
      'ours as it was put there',
      { configuration: 'x' },
      false,
      ['remove-file /etc/ociwrap/config.toml', 'remove-folder /etc/ociwrap'],
    ],
    ['ours, and changed since', { configuration: 'y' }, false, ['remove-folder /etc/ociwrap']],
    ['all', { configuration: 'y' }, true, ['remove-tree /etc/ociwrap', 'remove-tree /var/log/x']],
  ])('the configuration: %s', (_, change, purge, steps) => {
    const configuration = { path: '/etc/ociwrap/config.toml', checksum: 'x' };
    const found = installed({ hasConfigurationFolder: true, ...change }, { configuration });
    const { remove } = planUninstall(found, [], { ...options, purge });
    expect(told(remove).filter((step) => /etc|log/.test(step))).toEqual(steps);
  });

  test('one place of several', () => {
    expect(told(planGivingUp(taken, ['/bin/runc']))).toEqual([
      'restore /bin/runc',
      'write-manifest manifest.json',
    ]);
    expect(planGivingUp(taken, ['/bin/other'])).toEqual([]);
  });
});
