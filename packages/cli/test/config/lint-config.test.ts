import { describe, expect, test } from '@jest/globals';

import { DEFAULT_CONFIG } from '../../src/config/default-config.js';
import { lintConfig } from '../../src/config/lint/lint-config.js';
import { configFiles, FILE } from './config-text.js';

const lintsOf = async (text: string, more: Readonly<Record<string, string>> = {}) => {
  const found = await lintConfig(configFiles({ [FILE]: text, ...more }));
  return found.map(({ level, text: said }) => `${level}: ${said.replace(`${FILE}:`, '')}`);
};
const folders = (path: string) => `[volumes]\nhost-path-folders = ["/opt/a", ${JSON.stringify(path)}]\n`;

describe('paths that stand for themselves', () => {
  test.each([
    ['/opt/x/*', '"*" stands for itself; name each path in full'],
    ['/opt/x/?', '"?" stands for itself'],
    ['/opt/**/x', '"*" stands for itself'],
    ['/opt/[ab]', '"[ab]" stands for itself'],
    ['/opt/{a,b}', '"{a,b}" stands for itself'],
    ['/~/x', '"~" is nobody\'s home'],
    ['/home/~alice', '"~" is nobody\'s home'],
    ['/$HOME/x', '"$HOME" is not replaced'],
    [`/opt/\${X}`, `"\${X}" is not replaced`],
    ['/opt/$(id)', '"$(" is not replaced'],
    ['/opt/%h', '"%h" is not replaced'],
    ['/opt/x ', '"/opt/x " begins or ends with a blank'],
    ['/opt/x\t', 'begins or ends with a blank'],
    ['/opt/x\u00a0', 'begins or ends with a blank'],
    ['/opt/\tx', 'has a control character in it'],
  ])('%j is an error', async (path, said) => {
    const [line = '', ...more] = await lintsOf(folders(path));
    expect(line).toMatch(/^error: 2: volumes\.host-path-folders\[2\]: /);
    expect(line).toMatch(new RegExp(said.replace(/[.*+?^${}()[\]\\]/g, '\\$&')));
    expect(more).toEqual([]);
  });

  test.each([['/opt//x'], ['/opt/x/'], ['/opt/./x']])('%j is a warning', async (path) => {
    expect(await lintsOf(folders(path))).toEqual([
      `warning: 2: volumes.host-path-folders[2]: "${path}" is not in its shortest form: take out doubled slashes, "/./" and one at the end`,
    ]);
  });

  test.each([
    ['/opt/x'],
    ['/var/lib/rancher/k3s/storage'],
    ['/opt/a-b_c.d+e@f:g,h=i'],
    ['/opt/100%'],
    ['/a$'],
  ])('%j is sound', async (path) => {
    expect(await lintsOf(folders(path))).toEqual([]);
  });

  test.each([
    ['[log]\nfile = "/var/log/$x"', '2: log.file'],
    ['[log]\nfile = "/var/log/x/"', '2: log.file'],
    ['[runtime.paths]\nrunc = "/usr/*/runc"', '2: runtime.paths.runc'],
    ['[runtime.paths]\nnvidia = " /usr/bin/runc"', '2: runtime.paths.nvidia'],
    ['[runtime]\nsearch = ["runc", "/usr/[l]/runc"]', '2: runtime.search[2]'],
    ['[runtime]\nsearch = ["runc "]', '2: runtime.search[1]'],
    ['[volumes]\nkubelet-root = "/var/*"', '2: volumes.kubelet-root'],
    ['[cdi]\nspec-dirs = ["/etc/c?i"]', '2: cdi.spec-dirs[1]'],
    ['[cdi]\ndevices = ["a.b/c=d "]', '2: cdi.devices[1]'],
    ['[[rule]]\nmodule = "/a/*.mjs"', '2: rule[1].module'],
    ['[[rule]]\nuse = "pvc-rootfs"\noptions.annotation = "example.org/x "', '3: rule[1].options.annotation'],
    [
      '[[rule]]\nuse = "pvc-rootfs"\noptions.host-path-folders = ["/x/*"]',
      '3: rule[1].options.host-path-folders[1]',
    ],
    ['[[rule]]\nname = "a "\nthen.cwd = "/"', '2: rule[1].name'],
    ['[[rule]]\nname = "a"\nwhen.annotation.key = "k "\nthen.cwd = "/"', '3: rule[1].when.annotation.key'],
    ['[[rule]]\nname = "a"\nthen.annotations.set = {"k " = "v"}', '3: rule[1].then.annotations.set."k "'],
    [
      '[[rule]]\nname = "a"\nthen.mounts.add = [{destination="/d", source="/s/*", options=["bind"]}]',
      '3: rule[1].then.mounts.add[1].source',
    ],
  ])('in every key: %j', async (text, place) => {
    expect(await lintsOf(text)).toEqual([expect.stringMatching(/^error: /)]);
    expect((await lintsOf(text))[0]).toContain(`: ${place.split(': ')[0]}: ${place.split(': ')[1]}: `);
  });

  test('what a container is given may have blanks, and what looks for it patterns', async () => {
    const rule = `[[rule]]\nname = "a"\ndescription = "for [x] "\nwhen.podNamespace = "ci-*"\nwhen.mount = { destination = "/data/*" }\n`;
    expect(await lintsOf(`${rule}then.env.set = { A = " b", C = "*?$x" }`)).toEqual([
      'warning: 6: rule[1].then.env.set.A: " b" begins or ends with a blank',
    ]);
    expect(await lintsOf(`${rule}then.args.append = ["echo\\necho"]`)).toEqual([]);
  });

  test('all of them, in the order of files and lines, whatever else is wrong', async () => {
    const text = '[volumes]\nkubelet-root = "/a/"\nhost-path-folders = ["/x/*", "/y/*"]\nnonsense = 1\n';
    expect(await lintsOf(text, { '/etc/ociwrap/conf.d/a.toml': '[log]\nfile = "/*"\n', '/b': '[' })).toEqual([
      expect.stringMatching(/^warning: 2: /),
      expect.stringMatching(/^error: 3: volumes\.host-path-folders\[1\]/),
      expect.stringMatching(/^error: 3: volumes\.host-path-folders\[2\]/),
      expect.stringMatching(/^error: \/etc\/ociwrap\/conf\.d\/a\.toml:2: log\.file/),
    ]);
  });

  test('the file of defaults is sound', async () => {
    expect(await lintsOf(DEFAULT_CONFIG)).toEqual([]);
  });
});

describe('mounts that no runtime takes', () => {
  const add = (mount: string) => `[[rule]]\nname = "a"\nthen.mounts.add = [${mount}]\n`;
  test.each([
    ['{destination = "/d", source = "/s"}', 'has no type'],
    ['{destination = "/d", source = "/s", options = ["ro"]}', 'has no type'],
    ['{destination = "/d", source = "/s", type = "bind"}', 'has the type "bind"'],
    ['{destination = "/d", source = "/s", type = "none"}', 'has the type "none"'],
  ])('%s', async (mount, says) => {
    expect(await lintsOf(add(mount))).toEqual([
      `error: 3: rule[1].then.mounts.add[1]: the mount ${says} and neither the option "bind" nor "rbind": runc and crun refuse the container`,
    ]);
  });

  test.each([
    '{destination = "/d", source = "/s", options = ["rbind"]}',
    '{destination = "/d", type = "tmpfs", source = "tmpfs"}',
    '{destination = "/var/run/nvidia-container-devices/cdi/a/b/c", source = "/dev/null"}',
  ])('%s is sound', async (mount) => {
    expect(await lintsOf(add(mount))).toEqual([]);
  });
});

describe('rules that always conflict', () => {
  const rule = (name: string, when: string, then: string) => `[[rule]]\nname = "${name}"\n${when}\n${then}\n`;
  const A = 'when.annotation = { key = "example.org/a" }';
  const AB = 'when.all = [{ annotation = { key = "example.org/a" } }, { verb = "run" }]';
  const set = (value: string) => `then.env.set = { X = "${value}" }`;

  test.each([
    ['with the same condition', A, A, 'wherever it acts'],
    ['with none', '', '', 'wherever it acts'],
    ['of which the later one acts on fewer containers', A, AB, 'wherever it acts'],
    ['of which the earlier one acts on fewer containers', AB, A, 'it acts wherever'],
    ['of which one acts on all', A, '', 'it acts wherever'],
  ])('%s', async (_, first, second, why) => {
    const text = rule('one', first, set('1')) + rule('two', second, set('2'));
    const found = await lintsOf(text);
    expect(found).toEqual([expect.stringMatching(/^error: 5: rule\[2\]: /)]);
    expect(found[0]).toContain(`${why}`);
    expect(found[0]).toContain('"one"');
    expect(found[0]).toContain('both set "/process/env/X", to different values');
  });

  test.each([
    ['to one value', A, set('1'), A, set('1')],
    ['under conditions that need not hold together', A, set('1'), 'when.verb = "run"', set('2')],
    ['of which the later one overrides', A, set('1'), `override = true\n${A}`, set('2')],
    ['about different places', A, set('1'), A, 'then.env.set = { Y = "2" }'],
  ])('not those %s', async (_, first, one, second, two) => {
    expect(await lintsOf(rule('one', first, one) + rule('two', second, two))).toEqual([]);
  });

  // It is told as a fault of the rule, and not here.
  test.each([
    'when = "x"',
    'when.all = "x"',
    'when.all = ["x"]',
    'when.all = [{ all = "x" }]',
    'when.all = [{ all = [{ all = 1 }] }]',
  ])('nor one whose condition has another form: %s', async (odd) => {
    expect(await lintsOf(rule('one', odd, set('1')) + rule('two', A, set('2')))).toEqual(expect.anything());
  });

  test('in two files', async () => {
    const other = '/etc/ociwrap/conf.d/a.toml';
    expect(await lintsOf(rule('one', A, set('1')), { [other]: rule('two', A, set('2')) })).toEqual([
      expect.stringMatching(/^error: \/etc\/ociwrap\/conf\.d\/a\.toml:1: rule\[1\]: wherever it acts, "one"/),
    ]);
  });
});

describe('a default kind that gives images what they ask for', () => {
  const KIND = 'default-kind = "nvidia.com/gpu"';
  test.each([
    [`[cdi]\nenabled = true\n${KIND}`, '3: cdi.default-kind'],
    [`[cdi]\n${KIND}\n[[rule]]\nuse = "cdi-devices"`, '2: cdi.default-kind'],
    [`[[rule]]\nuse = "cdi-devices"\noptions.${KIND}`, '3: rule[1].options.default-kind'],
  ])('%j', async (text, place) => {
    expect(await lintsOf(text)).toEqual([
      expect.stringContaining(`warning: ${place}: images of CUDA ask for all devices of "nvidia.com/gpu"`),
    ]);
  });

  test.each([
    `[cdi]\n${KIND}`,
    `[cdi]\nenabled = true\n${KIND}\nsources = ["annotations"]`,
    `[cdi]\nenabled = true\n${KIND}\naccept-env-when-unprivileged = false`,
    '[cdi]\nenabled = true',
    `[cdi]\nenabled = true\n${KIND}\n[[rule]]\nuse = "cdi-devices"\noptions.sources = ["mounts"]`,
  ])('not %j', async (text) => {
    expect(await lintsOf(text)).toEqual([]);
  });
});

describe('a key that is not needed any more', () => {
  test.each([
    ['[cdi]\ngvisor-runs-hooks = true', '2: cdi.gvisor-runs-hooks'],
    ['[cdi]\ngvisor-runs-hooks = false', '2: cdi.gvisor-runs-hooks'],
    [
      '[[rule]]\nuse = "cdi-devices"\noptions.gvisor-runs-hooks = true',
      '3: rule[1].options.gvisor-runs-hooks',
    ],
  ])('%j', async (text, place) => {
    expect(await lintsOf(text)).toEqual([expect.stringContaining(`warning: ${place}: has no effect`)]);
  });

  test('in a drop-in', async () => {
    const dropIn = { '/etc/ociwrap/conf.d/a.toml': '[cdi]\ngvisor-runs-hooks = true' };
    expect(await lintsOf('[log]\nlevel = "info"', dropIn)).toEqual([
      expect.stringContaining('a.toml:2: cdi.gvisor-runs-hooks: has no effect'),
    ]);
  });
});
