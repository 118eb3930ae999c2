import { describe, expect, test } from '@jest/globals';
import { memoryHost, plan, ruleOf, testRows } from './then-row.js';

const PATH = '"env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]';
const KINDS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const;

describe('then: hooks', () => {
  testRows([
    {
      title: 'prepended and appended in order',
      then: {
        hooks: {
          poststop: {
            prepend: [
              { path: '/p1' },
              { path: '/p2', args: ['p2', 'x'], env: { A: '1', B: '' }, timeout: 5 },
            ],
            append: [{ path: '/a1' }, { path: '/a2' }],
          },
        },
      },
      before: '{"hooks":{"poststop":[{"path":"/there"}]}}',
      after:
        '{"hooks":{"poststop":[{"path":"/p1"},{"path":"/p2","args":["p2","x"],"env":["A=1","B="],"timeout":5},{"path":"/there"},{"path":"/a1"},{"path":"/a2"}]}}',
      patched: [
        'add /hooks/poststop/0',
        'add /hooks/poststop/1',
        'add /hooks/poststop/-',
        'add /hooks/poststop/-',
      ],
    },
    {
      title: 'the same program and arguments are the same hook, changed where it stands',
      then: {
        hooks: {
          createRuntime: {
            prepend: [{ path: '/b', timeout: 2 }],
            append: [{ path: '/a', args: ['a', '1'], timeout: 3 }],
            remove: ['/gone'],
          },
        },
      },
      before:
        '{"hooks":{"createRuntime":[{"path":"/a","args":["x","1"],"timeout":9},{"path":"/gone","args":["y"]},{"path":"/b"},{"path":"/a","args":["a","2"]}]}}',
      after:
        '{"hooks":{"createRuntime":[{"path":"/a","args":["a","1"],"timeout":3},{"path":"/b","timeout":2},{"path":"/a","args":["a","2"]}]}}',
      patched: [
        'replace /hooks/createRuntime/0/args/0',
        'replace /hooks/createRuntime/0/timeout',
        'remove /hooks/createRuntime/1',
        'add /hooks/createRuntime/1/timeout',
      ].flatMap((place) =>
        place === 'replace /hooks/createRuntime/0/args/0'
          ? ['remove /hooks/createRuntime/0/args/0', 'add /hooks/createRuntime/0/args/0']
          : [place],
      ),
    },
    {
      title: 'createContainer and startContainer never inherit an environment, the others may',
      then: { hooks: Object.fromEntries(KINDS.map((kind) => [kind, { append: [{ path: `/${kind}` }] }])) },
      before: '{"hooks":null}',
      after: `{"hooks":{${KINDS.map((kind) => {
        const env = kind === 'createContainer' || kind === 'startContainer' ? `,${PATH}` : '';
        return `"${kind}":[{"path":"/${kind}"${env}}]`;
      }).join(',')}}}`,
      patched: ['replace /hooks'],
    },
    {
      title: 'one that is there without an environment gets one',
      then: { hooks: { createContainer: { append: [{ path: '/h' }] } } },
      before: '{"hooks":{"createContainer":[{"path":"/h","env":[]}]}}',
      after: `{"hooks":{"createContainer":[{"path":"/h",${PATH}}]}}`,
      patched: ['add /hooks/createContainer/0/env/-'],
    },
    {
      title: 'required, and there, through a link',
      then: { hooks: { poststart: { append: [{ path: '/usr/bin/hook', require: true }] } } },
      before: '{}',
      after: '{"hooks":{"poststart":[{"path":"/usr/bin/hook"}]}}',
      patched: ['add /hooks'],
      host: memoryHost({ symlinks: { '/usr/bin/hook': '/opt/hook' }, files: { '/opt/hook': '' } }),
    },
  ]);

  test.each(['/usr/bin/absent', '/usr/bin'])('refused: %s is required and is no file', (path) => {
    const host = memoryHost({ directories: ['/usr/bin'] });
    const hooks = (require: boolean) => ({ hooks: { createRuntime: { prepend: [{ path, require }] } } });
    expect(plan([ruleOf(hooks(true))], '{}', host).refusal).toMatchObject({
      code: 'ERR_RULE_HOOK_MISSING',
      details: { paths: [path] },
    });
    expect(plan([ruleOf(hooks(false))], '{}', host).decision).toBe('rewrite');
  });
});
