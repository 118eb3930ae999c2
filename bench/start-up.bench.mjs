// What a call costs up to the runtime's first instruction, beside what other programs cost that do nothing, or the same.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { compileC, compileGo, dist, measureRun, ociwrap, wrapper } from './programs.mjs';
import {
  cdiSpecText,
  fiveRules,
  makeRoot,
  mountEmptyVolume,
  mountVolume,
  onVolume,
  specOfSize,
  specWithMounts,
} from './specs.mjs';
import { interleave, median, ratioOf, spreadOf } from './statistics.mjs';

const ROUNDS = 100;

/** Rewritten configurations: what they are called, how they are made, and the target in the Go wrapper. */
const SIZES = [
  { size: '20 KB', spec: () => specOfSize(20_000, { triggered: true }), atMost: 1.5 },
  { size: '100 mounts', spec: () => specWithMounts(100), atMost: 2.5 },
  { size: '200 KB', spec: () => specOfSize(200_000, { triggered: true }), atMost: 1.1 },
  { size: '2 MB', spec: () => specOfSize(2_000_000, { triggered: true }), atMost: 0.6 },
];

export async function bench({ work, isRoot, log }) {
  const c = compileC(work);
  const go = compileGo(work);
  if (isRoot) mountVolume();
  const cases = casesOf({ work, c, go, isRoot });
  log(`${Object.keys(cases).length} programs, ${ROUNDS} rounds`);
  const results = await interleave(cases, ROUNDS);
  const column = (name, key) => results[name]?.map((result) => result[key]);
  const base = column('C, static, empty', 'wall');
  const rows = Object.keys(cases).map((name) => ({
    name,
    ...spreadOf(column(name, 'wall')),
    ratio: ratioOf(column(name, 'wall'), base),
    peak: median(column(name, 'peak')) / 1024,
  }));
  return { title: 'Start-up', note: notes(go, isRoot), rows, targets: targetsOf(column) };
}

function casesOf({ work, c, go, isRoot }) {
  const bundle = (name, spec) => {
    const folder = join(work, name.replaceAll(' ', '-'));
    mkdirSync(folder);
    const config = join(folder, 'config.json');
    const text = JSON.stringify(spec);
    return { folder, restore: () => writeFileSync(config, text) };
  };
  const env = { SGS_RUNC_PATH: c.standIn, OCIWRAP_LOG_FILE: join(work, 'log'), PATH: '/usr/bin:/bin' };
  const run =
    (command, variables = env) =>
    () =>
      measureRun(c.timedRun, command, variables);
  const rewriting =
    (program, { folder, restore }, more = {}, before = []) =>
    () => {
      restore();
      const command = [...before, program, 'create', '--bundle', folder, 'c1'];
      return measureRun(c.timedRun, command, { ...env, ...more });
    };
  const plain = bundle('plain', specOfSize(20_000));
  plain.restore();
  const create = ['create', '--bundle', plain.folder, 'c1'];
  return {
    'C, static, empty': run([c.empty]),
    'the stand-in for a runtime (C, static)': run([c.standIn, 'state', 'c1']),
    'wrapper: state': run([wrapper, 'state', 'c1']),
    'wrapper: create of 20 KB, no trigger': run([wrapper, ...create]),
    ...(go && {
      'Go, empty': run([go.empty]),
      'Go wrapper: state': run([go.wrapper, 'state', 'c1']),
      'Go wrapper: create of 20 KB, no trigger': run([go.wrapper, ...create]),
    }),
    ...(isRoot && rewritingCases({ work, go, bundle, rewriting })),
    'ociwrap --help': run([ociwrap, '--help']),
    'ociwrap explain': run([ociwrap, 'explain', '--bundle', plain.folder]),
  };
}

function rewritingCases({ work, go, bundle, rewriting }) {
  const cases = {};
  for (const { size, spec } of SIZES) {
    const triggered = bundle(size, spec());
    if (go) cases[goCase(size)] = rewriting(go.wrapper, triggered);
    cases[ourCase(size)] = rewriting(wrapper, triggered);
  }
  const configured = (name, text, spec) => {
    const file = join(work, `${name}.toml`);
    writeFileSync(file, text);
    return rewriting(wrapper, bundle(name, spec), { OCIWRAP_CONFIG: file });
  };
  cases[WITH_RULES] = configured('rules', fiveRules(), specOfSize(20_000, { triggered: true }));
  const specs = join(work, 'cdi');
  mkdirSync(specs);
  writeFileSync(join(specs, 'vendor.yaml'), cdiSpecText(65_000));
  const asking = specOfSize(20_000);
  asking.annotations = { 'cdi.k8s.io/bench': 'vendor.example/device=d1' };
  cases[WITH_CDI] = configured(
    'cdi-config',
    `[cdi]\nenabled = true\nspec-dirs = [${JSON.stringify(specs)}]\n`,
    asking,
  );
  return { ...cases, ...rootCases({ bundle, rewriting }) };
}

const BY_PATH = 'wrapper: create of 20 KB, root by path';
const MOUNTED = 'wrapper: create of 20 KB, root mounted (replace)';
const OVERLAY = 'wrapper: create of 20 KB, root mounted (overlay)';

/** Without CAP_SYS_ADMIN there is no mount namespace, and the path of the volume becomes the root. */
const WITHOUT_MOUNTS = 'without=21';

function rootCases({ bundle, rewriting }) {
  mountEmptyVolume('pvc-overlay');
  const triggered = specOfSize(20_000, { triggered: true });
  const replace = bundle('replace', triggered);
  const overlay = bundle('overlay', onVolume(triggered, 'pvc-overlay', 'overlay'));
  makeRoot(join(overlay.folder, 'rootfs'));
  return {
    [BY_PATH]: rewriting(wrapper, replace, {}, [WITHOUT_MOUNTS]),
    [MOUNTED]: rewriting(wrapper, replace),
    [OVERLAY]: rewriting(wrapper, overlay),
  };
}

const goCase = (size) => `Go wrapper: create of ${size}, rewritten`;
const ourCase = (size) => `wrapper: create of ${size}, rewritten`;
const WITH_RULES = 'wrapper: create of 20 KB, under five declarative rules';
const WITH_CDI = 'wrapper: create of 20 KB, with CDI and a YAML spec of 65 KB';

function notes(go, isRoot) {
  return [
    ...(go ? [] : ['No Go on this machine: its rows are missing.']),
    ...(isRoot ? [] : ['Not run as root: no volume to rewrite for.']),
  ];
}

function targetsOf(column) {
  const standIn = column('the stand-in for a runtime (C, static)', 'wall');
  const goEmpty = column('Go, empty', 'wall');
  const goWrapper = (size) => column(goCase(size), 'first');
  const added = (name) =>
    median(column(name, 'wall').map((value, round) => value - standIn[round])) / median(goEmpty);
  const inGo = (name, size, atMost) => ({
    what: `${name.replace('wrapper: ', '')}, in the Go wrapper`,
    value: ratioOf(column(name, 'first'), goWrapper(size)),
    atMost,
  });
  const milliseconds = (name, atMost) => ({
    what: `\`${name}\``,
    unit: 'ms',
    value: median(column(name, 'wall')),
    atMost,
  });
  return [
    ...(goEmpty === undefined
      ? []
      : [
          {
            what: 'added to a `state`, `start`, `kill`, `delete`, in empty Go programs',
            value: added('wrapper: state'),
            atMost: 0.5,
          },
          {
            what: 'added to a `create` of 20 KB without a trigger, in empty Go programs',
            value: added('wrapper: create of 20 KB, no trigger'),
            atMost: 0.6,
          },
        ]),
    ...(goWrapper('20 KB') === undefined
      ? []
      : [
          ...SIZES.map(({ size, atMost }) => inGo(ourCase(size), size, atMost)),
          inGo(WITH_RULES, '20 KB', 2),
          inGo(WITH_CDI, '20 KB', 4),
        ]),
    ...(column(BY_PATH, 'wall') === undefined
      ? []
      : [MOUNTED, OVERLAY].map((name) => ({
          what: `added to a root by path: \`${name.replace('wrapper: ', '')}\``,
          unit: 'ms',
          value: median(column(name, 'wall').map((value, round) => value - column(BY_PATH, 'wall')[round])),
          atMost: 1,
        }))),
    ...(column(ourCase('20 KB'), 'peak') === undefined
      ? []
      : [
          {
            what: 'peak memory of a rewritten `create` of 20 KB',
            unit: 'MiB',
            value: median(column(ourCase('20 KB'), 'peak')) / 1024,
            atMost: 6,
          },
        ]),
    { what: '`dist/ociwrap`', unit: 'MB', value: sizeOf(dist) / 1e6, atMost: 8 },
    milliseconds('ociwrap --help', 15),
    milliseconds('ociwrap explain', 30),
  ];
}

/** Of all regular files beneath a folder, in bytes. */
function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
