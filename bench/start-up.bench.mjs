// What a call costs up to the runtime's first instruction, beside what other programs cost that do nothing, or the same.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundledNode, compileC, compileGo, measureRun, wrapper } from './programs.mjs';
import { mountVolume, specOfSize } from './specs.mjs';
import { interleave, median, ratioOf, spreadOf } from './statistics.mjs';

const ROUNDS = 200;

export function bench({ work, isRoot, log }) {
  const c = compileC(work);
  const go = compileGo(work);
  if (isRoot) mountVolume();
  const cases = casesOf({ work, c, go, volume: isRoot });
  log(`${Object.keys(cases).length} programs, ${ROUNDS} rounds`);
  const results = interleave(cases, ROUNDS);
  const column = (name, key) => results[name]?.map((result) => result[key]);

  const node = column('bundled Node.js, an empty file', 'wall');
  const rows = Object.keys(cases).map((name) => ({
    name,
    ...spreadOf(column(name, 'wall')),
    ratio: ratioOf(column(name, 'wall'), node),
    peak: median(column(name, 'peak')) / 1024,
  }));
  return {
    title: 'Start-up',
    note: notes(go, isRoot),
    rows,
    targets: targetsOf(column),
  };
}

function casesOf({ work, c, go, volume }) {
  const bundle = (name, spec) => {
    const folder = join(work, name);
    mkdirSync(folder);
    const config = join(folder, 'config.json');
    const text = JSON.stringify(spec);
    return { folder, restore: () => writeFileSync(config, text) };
  };
  const plain = bundle('plain', specOfSize(20_000));
  plain.restore();
  const triggered = bundle('triggered', specOfSize(20_000, { triggered: true }));
  const emptyFile = join(work, 'empty.cjs');
  writeFileSync(emptyFile, '');
  const env = { SGS_RUNC_PATH: c.standIn, OCIWRAP_LOG_FILE: join(work, 'log'), PATH: '/usr/bin:/bin' };
  const run = (command, variables) => () => measureRun(c.timedRun, command, variables);
  const rewriting = (program) => () => {
    triggered.restore();
    return measureRun(c.timedRun, [program, 'create', '--bundle', triggered.folder, 'c1'], env);
  };
  return {
    'C, static, empty': run([c.empty]),
    'the stand-in for a runtime (C, static)': run([c.standIn, 'state', 'c1']),
    'wrapper: state': run([wrapper, 'state', 'c1'], env),
    'wrapper: create of 20 KB, no trigger': run([wrapper, 'create', '--bundle', plain.folder, 'c1'], env),
    ...(go && {
      'Go, empty': run([go.empty]),
      'Go wrapper: state': run([go.wrapper, 'state', 'c1'], env),
      'Go wrapper: create of 20 KB, no trigger': run(
        [go.wrapper, 'create', '--bundle', plain.folder, 'c1'],
        env,
      ),
      ...(volume && { 'Go wrapper: create of 20 KB, rewritten': rewriting(go.wrapper) }),
    }),
    'bundled Node.js, an empty file': run([bundledNode, emptyFile]),
    ...(volume && { 'wrapper: create of 20 KB, rewritten': rewriting(wrapper) }),
  };
}

function notes(go, volume) {
  return [
    ...(go ? [] : ['No Go on this machine: its rows are missing.']),
    ...(volume ? [] : ['Not run as root: no volume to rewrite for.']),
  ];
}

function targetsOf(column) {
  const standIn = column('the stand-in for a runtime (C, static)', 'wall');
  const goEmpty = column('Go, empty', 'wall');
  const node = column('bundled Node.js, an empty file', 'wall');
  const nodePeak = column('bundled Node.js, an empty file', 'peak');
  const rewritten = column('wrapper: create of 20 KB, rewritten', 'first');
  const rewrittenPeak = column('wrapper: create of 20 KB, rewritten', 'peak');
  const added = (name) => column(name, 'wall').map((value, round) => value - standIn[round]);
  return [
    ...(goEmpty === undefined
      ? []
      : [
          {
            what: 'added to a `state`, `start`, `kill`, `delete`, in empty Go programs',
            value: median(added('wrapper: state')) / median(goEmpty),
            atMost: 0.5,
          },
          {
            what: 'added to a `create` of 20 KB without a trigger, in empty Go programs',
            value: median(added('wrapper: create of 20 KB, no trigger')) / median(goEmpty),
            atMost: 0.6,
          },
        ]),
    ...(rewritten === undefined
      ? []
      : [
          {
            what: 'a rewritten `create`, up to the first instruction of the runtime, in bare Node.js',
            value: ratioOf(rewritten, node),
            atMost: 1.2,
          },
          {
            what: 'peak memory of the same, in bare Node.js',
            value: ratioOf(rewrittenPeak, nodePeak),
            atMost: 1.3,
          },
        ]),
  ];
}
