import { expect, test } from '@jest/globals';

import { configureEngine, findEngines, type HandlerRequest } from '../src/index.js';
import { MemoryNode } from './memory-node.js';

const REQUEST: HandlerRequest = {
  handler: 'pvc',
  program: '/opt/ociwrap/bin/oci-runtime-wrapper',
  podAnnotations: ['sgs.snucse.org/*'],
  setDefault: false,
  systemdCgroup: 'as-runc',
};

const CONTAINERD = '/etc/containerd/config.toml';
const cri = 'plugins."io.containerd.grpc.v1.cri"';

interface Refused {
  readonly title: string;
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly line?: number;
  readonly request?: Partial<HandlerRequest>;
}

const REFUSED: readonly Refused[] = [
  {
    title: 'torn TOML',
    path: CONTAINERD,
    text: 'version = 2\n[a\n',
    code: 'ERR_ENGINE_FILE_BROKEN',
    line: 2,
  },
  {
    title: 'torn JSON',
    path: '/etc/docker/daemon.json',
    text: '{\n  "a": 1,\n}',
    code: 'ERR_ENGINE_FILE_BROKEN',
    line: 3,
  },
  {
    title: 'JSON with comments',
    path: '/etc/docker/daemon.json',
    text: '{ // no\n}',
    code: 'ERR_ENGINE_FILE_BROKEN',
    line: 1,
  },
  {
    title: 'runtimes that are a list',
    path: '/etc/docker/daemon.json',
    text: '{"runtimes": []}',
    code: 'ERR_ENGINE_FILE_BROKEN',
  },
  {
    title: 'runtimes twice',
    path: '/etc/docker/daemon.json',
    text: '{"runtimes": {}, "runtimes": {}}',
    code: 'ERR_ENGINE_FILE_SHAPE',
  },
  {
    title: 'a table in braces',
    path: CONTAINERD,
    text: `version = 2\n[${cri}]\ncontainerd = { runtimes = { runc = { runtime_type = "io.containerd.runc.v2" } } }\n`,
    code: 'ERR_ENGINE_FILE_SHAPE',
  },
  {
    title: 'the default in braces',
    path: CONTAINERD,
    text: `version = 2\n[${cri}]\ncontainerd = { default_runtime_name = "runc" }\n`,
    code: 'ERR_ENGINE_FILE_SHAPE',
    request: { setDefault: true },
  },
  {
    title: 'a handler of another',
    path: CONTAINERD,
    text: `version = 2\n[${cri}.containerd.runtimes.pvc]\nruntime_type = "io.containerd.kata.v2"\n`,
    code: 'ERR_ENGINE_HANDLER_TAKEN',
  },
  {
    title: 'a runtime of another',
    path: '/etc/docker/daemon.json',
    text: '{"runtimes": {"pvc": {"path": "/x"}}}',
    code: 'ERR_ENGINE_HANDLER_TAKEN',
  },
  {
    title: 'a worker of another',
    path: '/etc/buildkit/buildkitd.toml',
    text: '[worker.oci]\nbinary = "crun"\n',
    code: 'ERR_ENGINE_HANDLER_TAKEN',
  },
  {
    title: 'half of our marks',
    path: CONTAINERD,
    text: 'version = 2\n# ociwrap: begin handler pvc\n',
    code: 'ERR_ENGINE_MARKS',
  },
  {
    title: 'the other half',
    path: CONTAINERD,
    text: 'version = 2\n# ociwrap: end handler pvc\n',
    code: 'ERR_ENGINE_MARKS',
    line: 2,
  },
  { title: 'no CRI', path: CONTAINERD, text: 'disabled_plugins = ["cri"]\n', code: 'ERR_ENGINE_NO_CRI' },
  {
    title: 'a name that no RuntimeClass has',
    path: CONTAINERD,
    text: '',
    code: 'ERR_ENGINE_REQUEST',
    request: { handler: 'A b' },
  },
  {
    title: 'the name of runc',
    path: CONTAINERD,
    text: '',
    code: 'ERR_ENGINE_REQUEST',
    request: { handler: 'runc' },
  },
  {
    title: 'a relative program',
    path: CONTAINERD,
    text: '',
    code: 'ERR_ENGINE_REQUEST',
    request: { program: 'runc' },
  },
  {
    title: 'a program with a quote',
    path: CONTAINERD,
    text: '',
    code: 'ERR_ENGINE_REQUEST',
    request: { program: '/a"b' },
  },
];

test.each(REFUSED)('$title: $code', ({ path, text, code, line, request }) => {
  const node = new MemoryNode({ [path]: text });
  const configure = () =>
    findEngines(node).map((engine) => configureEngine(engine, node, { ...REQUEST, ...request }));
  expect(configure).toThrow(expect.objectContaining({ code, ...(line === undefined ? {} : { line, path }) }));
  expect(node.snapshot()).toEqual({ [path]: text });
});

test('what is not UTF-8 is not written back as something else', () => {
  const bytes = new Uint8Array([0x23, 0xff, 0x0a]);
  const files = { readFile: () => bytes, list: () => [], exists: (path: string) => path === CONTAINERD };
  expect(() => findEngines(files)).toThrow(expect.objectContaining({ code: 'ERR_ENGINE_FILE_BROKEN' }));
});

test('a handler has what runc has: SystemdCgroup, but not its program', () => {
  const text = `version = 2
[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
pod_annotations = ["example.org/*"]
[${cri}.containerd.runtimes.runc.options]
BinaryName = "/usr/bin/crun"
SystemdCgroup = true
`;
  const node = new MemoryNode({ [CONTAINERD]: text });
  const [after = ''] = findEngines(node).flatMap((engine) =>
    configureEngine(engine, node, REQUEST).files.map((file) => file.after ?? ''),
  );
  expect(after.slice(text.length)).toBe(`# ociwrap: begin handler pvc
[${cri}.containerd.runtimes.pvc]
  runtime_type = "io.containerd.runc.v2"
  pod_annotations = ["example.org/*", "sgs.snucse.org/*"]
[${cri}.containerd.runtimes.pvc.options]
  BinaryName = "/opt/ociwrap/bin/oci-runtime-wrapper"
  SystemdCgroup = true
# ociwrap: end handler pvc
`);
});
