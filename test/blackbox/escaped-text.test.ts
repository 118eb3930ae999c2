import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, mountOf, specOf, TRIGGER } from './bundle.js';
import { configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { forgetTables, ownPackage } from './own-package.js';
import { describeWith, ociwrap, onNode, wrapper } from './programs.js';
import { recorderAt, recorderIn } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { starvedCall } from './starved-call.js';

/** What drives a terminal, ends a line for some reader, reorders text, or is not seen. */
const HOSTILE = '\u009b2J\u202e\u2066\u2028\u2029\u007f\ufeff\u200b\u00a0\u3164\u{e0041}';

/** What a reader of one line must never get; line feeds end the lines. */
const RAW = /(?![ \n])[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

describeWith(['busybox'], 'text from outside is shown as escapes', () => {
  /** A container whose claim is mounted at a path of its owner's choosing. */
  const claimAt = (destination: string, value = destination): Spec => {
    const volume = kubeletVolume();
    const spec = specOf('');
    return {
      ...spec,
      mounts: [...(spec.mounts ?? []), mountOf(volume, destination)],
      annotations: { 'io.kubernetes.cri.sandbox-uid': volume.podUid, [TRIGGER]: value },
    };
  };
  const rewritten = () => bundleOf(claimAt(`/mnt${HOSTILE}`));
  const refused = () => bundleOf(claimAt('/mnt', `/elsewhere${HOSTILE}`));
  const runtime = recorderAt(join(scratchFolder('runc'), `runc${HOSTILE}`)).path;

  describe.each(['json', 'text'])('in our log, as %s', (format) => {
    const machine = configuredMachine({
      'config.toml': `[log]\nformat = "${format}"\nfile = "/etc/ociwrap/log"\nlevel = "debug"\n`,
    });
    const logOf = (verb: string, bundle: string) => {
      machine.call([verb, '--bundle', bundle, `c1${HOSTILE}`], {
        env: { SGS_RUNC_PATH: runtime, SGS_WRAPPER_MODE: `runc${HOSTILE}` },
      });
      return readFileSync(join(machine.config, 'log'), 'utf8');
    };

    test.each([
      ['a call that is rewritten', () => logOf('create', rewritten()), /rewritten/],
      ['a call that is refused', () => logOf('create', refused()), /ERR_VOLUME_NOT_FOUND/],
      ['a call that passes', () => logOf('run', bundleOf(specOf(''))), /passed through/],
      ['a call with a verb of its own', () => logOf(`verb${HOSTILE}`, '/nowhere'), /verb/],
    ])('%s', (_title, act, says) => {
      const log = act();
      expect(log).toMatch(says);
      expect(log).toMatch(/\\u202e/);
      expect(log).not.toMatch(RAW);
    });
  });

  test("in the launcher's own records, with the engine and without it", () => {
    const own = ownPackage();
    const log = join(scratchFolder('log'), 'log');
    const call = (...args: readonly string[]) =>
      runProgram(own.wrapper, args, {
        env: { SGS_RUNC_PATH: runtime, OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' },
      });
    const bundle = bundleOf(specOf(''));
    forgetTables();
    call('create', '--bundle', bundle, 'first');
    own.removeEngine();
    expect(call('create', '--bundle', bundle, `c1${HOSTILE}`)).toMatchObject({ status: 0, stderr: '' });
    expect(call(`state${HOSTILE}`, 'c1')).toMatchObject({ status: 0, stderr: '' });
    const text = readFileSync(log, 'utf8');
    expect(text.match(/"id":"c1\\\\u009b/g)).toHaveLength(1);
    expect(text.match(/"runtime":"[^"]*\\\\u202e/g)?.length).toBeGreaterThan(2);
    expect(text).not.toMatch(RAW);
  });

  test('where the launcher refuses by itself, for its engine fails', () => {
    const own = ownPackage();
    const folder = scratchFolder('log');
    const [log, ours] = [join(folder, 'log'), join(folder, 'ours')];
    const { status, stderr } = starvedCall(
      own.wrapper,
      ['--log', log, '--log-format', 'json', 'create', '--bundle', refused(), `c1${HOSTILE}`],
      { env: { SGS_RUNC_PATH: runtime, OCIWRAP_LOG_FILE: ours } },
    );
    if (onNode) {
      // No launcher is left that could refuse: Node.js ends by a signal of its own.
      expect([status, existsSync(log), existsSync(ours)]).toEqual([null, false, false]);
      return;
    }
    expect(status).toBe(1);
    expect(stderr).toContain('[ERR_ENGINE_FAILED]');
    expect(JSON.parse(readFileSync(log, 'utf8')).msg).toContain('[ERR_ENGINE_FAILED]');
    for (const text of [stderr, readFileSync(log, 'utf8'), readFileSync(ours, 'utf8')]) {
      expect(text).not.toMatch(RAW);
    }
  });

  test.each(['json', 'text'])("in the runtime's --log as %s, and on stderr", (format) => {
    const log = join(scratchFolder('log'), 'log');
    const { status, stderr } = runProgram(
      wrapper,
      ['--log', log, '--log-format', format, 'create', '--bundle', refused(), 'c1'],
      { env: { SGS_RUNC_PATH: runtime, OCIWRAP_LOG_FILE: '/dev/null' } },
    );
    expect(status).toBe(1);
    for (const text of [stderr, readFileSync(log, 'utf8')]) {
      expect(text).toContain('ERR_VOLUME_NOT_FOUND');
      expect(text).toContain('u202e');
      expect(text).not.toMatch(RAW);
    }
  });

  test('what a rule module says: code, hint, reason, warning and facts', () => {
    const module = `export default ({ kind }) => ({
      name: 'm\\u202e', triggers: ['example.org/mark'], reads: [],
      claims: () => true,
      evaluate: () => kind === 'refuse'
        ? { kind, code: 'ERR_OF\\u202e', message: 'no\\u009b', hint: 'do\\u2028', details: { 'd\\u007f': 'v\\u200b' } }
        : { kind, note: 'n\\u202e', patch: [{ op: 'add', path: '/hostname', value: 'h\\u202e' }],
            warnings: ['w\\u009b'], facts: { f: 'v\\u2029' } },
    });\n`;
    for (const kind of ['refuse', 'rewrite']) {
      const machine = configuredMachine({
        'config.toml': `[[rule]]\nmodule = "/etc/ociwrap/m.mjs"\noptions = { kind = "${kind}" }\n`,
        'm.mjs': module,
      });
      const bundle = bundleOf(specOf('', { annotations: { 'example.org/mark': 'x' } }));
      const log = join(machine.config, 'log');
      const env = { SGS_RUNC_PATH: recorderIn(scratchFolder('runc')).path, OCIWRAP_LOG_FILE: log };
      const said = [
        machine.run(ociwrap, ['explain', '--bundle', bundle], { env }),
        machine.run(ociwrap, ['explain', '--bundle', bundle, '--json'], { env }),
        machine.run(ociwrap, ['rewrite', '--bundle', bundle, '--verbose'], { env }),
        machine.call(['--log', `${log}.runc`, 'create', '--bundle', bundle, 'c1'], { env }),
      ].map(({ stdout, stderr }) => `${stdout}${stderr}`);
      if (existsSync(`${log}.runc`)) said.push(readFileSync(`${log}.runc`, 'utf8'));
      const ours = readFileSync(log, 'utf8');
      for (const text of [...said, ours]) expect(text).not.toMatch(RAW);
      expect(ours).toContain(kind === 'refuse' ? 'ERR_OF\\\\u202e' : '"f":"v\\\\u2029"');
      expect(
        ours
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).level),
      ).not.toContain('none');
    }
  });

  test('what ociwrap prints: text for people, and JSON that holds the same values', () => {
    const bundle = rewritten();
    const place = scratchFolder(`dir${HOSTILE}`);
    const cdi = join(place, 'cdi');
    mkdirSync(cdi);
    writeFileSync(join(cdi, `v${HOSTILE}.json`), '{"cdiVersion": "0.3.0", "kind": "a/b"}');
    const faulty = join(place, 'config.json');
    writeFileSync(faulty, JSON.stringify({ [`${HOSTILE}`]: 1, root: { [HOSTILE]: 1 }, hooks: HOSTILE }));
    const calls: readonly (readonly string[])[] = [
      ['explain', '--bundle', bundle],
      ['explain', '--bundle', bundle, '--json'],
      ['explain', '--', `--flag${HOSTILE}`, `verb${HOSTILE}`, `id${HOSTILE}`],
      ['explain', '--bundle', `/nowhere${HOSTILE}`],
      ['validate', place],
      ['validate', place, '--json'],
      ['validate', join(place, 'missing')],
      ['test', place],
      ['config', 'check', faulty],
      ['config', 'dump'],
      ['cdi', 'list', '--spec-dir', cdi],
      ['cdi', 'validate', '--spec-dir', cdi],
      ['cdi', 'validate', '--spec-dir', cdi, '--json'],
      ['cdi', 'inspect', `a/b=c${HOSTILE}`, '--spec-dir', cdi],
      ['cdi', 'inject', '--device', `a/b=c${HOSTILE}`, '--spec-dir', cdi],
      ['nvidia', 'config', '--bundle', bundle],
      ['nvidia', 'config', '--bundle', place],
      ['rewrite', '--bundle', place],
      ['rewrite', '--bundle', bundle, '--verbose'],
      [`no-command${HOSTILE}`],
      ['explain', `--no-option${HOSTILE}`],
      ['explain', '--verb', `no-choice${HOSTILE}`, '--bundle', bundle],
    ];
    for (const args of calls) {
      const { stdout, stderr } = runProgram(ociwrap, args, {
        env: {
          SGS_RUNC_PATH: runtime,
          SGS_WRAPPER_MODE: HOSTILE,
          OCIWRAP_LOG_FILE: '/dev/null',
          OCIWRAP_CONFIG: args[0] === 'config' ? faulty : '',
        },
      });
      expect({ args, said: `${stdout}${stderr}` }).toEqual({ args, said: expect.not.stringMatching(RAW) });
      expect(`${stdout}${stderr}`).not.toBe('');
      if (args[0] === 'explain' && args.includes('--json')) {
        expect(JSON.parse(stdout).runtime.path).toBe(runtime);
      }
    }
  });

  test('a document that is printed to no terminal keeps its bytes', () => {
    const bundle = rewritten();
    const { stdout } = runProgram(ociwrap, ['rewrite', '--bundle', bundle, '--dry-run'], {
      env: { OCIWRAP_LOG_FILE: '/dev/null' },
    });
    expect(JSON.parse(stdout).annotations[TRIGGER]).toBe(`/mnt${HOSTILE}`);
    expect(stdout).toContain(HOSTILE);
  });
});
