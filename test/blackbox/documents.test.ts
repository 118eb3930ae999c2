import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import {
  blocksOf,
  type DocumentedBlock,
  documentedBlocks,
  type FIXTURES,
  FOLLOWED_PAGES,
} from '../documented-blocks.js';
import { specOf, TRIGGER } from './bundle.js';
import { configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { done, mounted, type OverlayVolume, overlayVolume, shell } from './overlay-volume.js';
import { describeWith, ociwrap, onNode, packaged, root } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** What a reader does: writes a file that a block begins with the name of, or types a command and sees what it prints. */
type Step =
  | { readonly kind: 'file'; readonly line: number; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly line: number; readonly command: string; readonly printed: string };

/** `# rules.toml`, as the first line of a block */
const FILE_NAME = /^(?:#|\/\/) ([\w./-]+\.(?:toml|yaml|json|mjs))\n/;

function stepsOf(page: string): readonly Step[] {
  return blocksOf('', page)
    .filter(({ notRun }) => notRun === undefined)
    .flatMap(({ language, text, line }): readonly Step[] => {
      if (language === 'console' || language === 'sh') return commandsOf(text, line);
      const path = FILE_NAME.exec(text)?.[1];
      return path === undefined ? [] : [{ kind: 'file', line, path, text }];
    });
}

/** A line behind a prompt, `$ ` or root's `# `, is a command; what follows up to the next one is what it prints. */
function commandsOf(block: string, first: number): readonly Step[] {
  return [...block.matchAll(/^[$#] (.*)\n((?:(?![$#] ).*\n)*)/gm)].map(
    ({ 1: command = '', 2: printed = '', index }): Step => ({
      kind: 'command',
      line: first + block.slice(0, index).split('\n').length - 1,
      command,
      printed,
    }),
  );
}

/** A script that is shown without prompts. */
function scriptOf({ text, line }: DocumentedBlock): readonly Step[] {
  return [{ kind: 'command', line, command: `set -e\n${text}`, printed: '' }];
}

/** A line of three dots stands for any lines, three dots within one for any text. */
function asPattern(printed: string): RegExp {
  const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const lines = printed.split('\n').slice(0, -1);
  const patterns = lines.map((line) =>
    line.trim() === '...' ? '(?:.*\\n)*?' : `${line.split('...').map(escaped).join('.*')}\\n`,
  );
  return new RegExp(`^${patterns.join('')}$`);
}

/** A command that a page shows to fail. */
const isFailure = (printed: string) => /^failed |^\S+:\d+:\d+: |\[ERR_\w+\]/m.test(printed);

const ID = 'document-reader';
const CONTAINERD = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}`;
const CRIO = `/run/containers/storage/overlay-containers/${ID}/userdata`;

/** npm where there is no registry: packages are those of this repository. */
const NPM = `#!/bin/sh
case $1 in
  install) ln -sfn '${root}/node_modules' node_modules; exit ;;
  test) set -- run test ;;
esac
exec sh -ec "$(node -p "require('./package.json').scripts['$2']")"
`;

/** Commands and files of a page, in order, in a folder of their own, on a machine of their own. */
function follow(page: string, folder: string, cdi: Readonly<Record<string, string>> = {}): void {
  const steps = stepsOf(readFileSync(page, 'utf8'));
  expect(steps.length).toBeGreaterThan(1);
  take(steps, folder, { cdi });
}

interface Surroundings {
  readonly cdi?: Readonly<Record<string, string>>;
  /** Programs that a page calls, and that are not of this machine: shell scripts. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Files of the configuration. */
  readonly files?: Readonly<Record<string, string>>;
}

function take(
  steps: readonly Step[],
  folder: string,
  { cdi = {}, programs = {}, files = {} }: Surroundings,
): void {
  const tools = scratchFolder('tools');
  const script = (name: string, text: string) => {
    writeFileSync(join(tools, name), text);
    chmodSync(join(tools, name), 0o755);
  };
  script('sudo', '#!/bin/sh\nexec "$@"\n');
  script('npm', NPM);
  for (const [name, text] of Object.entries(programs)) script(name, `#!/bin/sh\n${text}`);
  symlinkSync(process.execPath, join(tools, 'node'));
  const path = [join(packaged, 'bin'), tools, join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''];
  const env = { PATH: path.join(':'), ID, HOME: folder };
  const machine = configuredMachine(files);
  const specs = scratchFolder('cdi');
  chmodSync(specs, 0o755);
  for (const [name, text] of Object.entries(cdi)) writeFileSync(join(specs, name), text, { mode: 0o644 });
  for (const step of steps) {
    if (step.kind === 'file') {
      if (step.path.startsWith('/etc/ociwrap/'))
        machine.write(step.path.slice('/etc/ociwrap/'.length), step.text);
      else writeFileSync(join(folder, step.path), step.text);
      continue;
    }
    const { line, command, printed } = step;
    const { status, stdout } = machine.run(
      'sh',
      ['-c', `exec 2>&1\nmount --bind ${specs} /etc/cdi\nmount -t tmpfs ociwrap-log /var/log\n${command}`],
      { cwd: folder, env },
    );
    const said = { line, command, succeeded: status === 0, stdout };
    expect(said).toEqual({ line, command, succeeded: !isFailure(printed), stdout: expect.anything() });
    if (printed !== '') {
      expect(said).toEqual({ ...said, stdout: expect.stringMatching(asPattern(printed)) });
    }
  }
}

/** How the blocks of other pages are run, by the name that stands above them. */
type Fixture = (folder: string) => Surroundings & {
  /** Words of the block that stand for something of this machine. */
  readonly words?: Readonly<Record<string, string>>;
};

/** The container of the pages, with an annotation that matches no volume of it. */
function refusedSpec(): string {
  const { path } = kubeletVolume();
  return JSON.stringify(
    specOf('', {
      annotations: { [TRIGGER]: 'boot-pvc' },
      mounts: [{ destination: '/mnt/boot', type: 'bind', source: path, options: ['rbind', 'rw'] }],
    }),
  );
}

const RUN: Readonly<Record<(typeof FIXTURES)[number], Fixture>> = {
  'error-help': () => ({}),
  settings: () => ({}),
  'explained-bundle': () => ({
    words: { DIR: CONTAINERD, '/usr/bin/nvidia-container-runtime': 'runc' },
  }),
  'broken-configuration': () => ({
    files: { 'conf.d/10-kvm.toml': '[[rule]]\nnmae = "kvm"\nname = "kvm"\nthen.cwd = "/"\n' },
  }),
  'refused-container': (folder) => {
    writeFileSync(join(folder, 'record.json'), `{"ID": "${ID}", "Image": "web", "Spec": ${refusedSpec()}}`);
    // What containerd answers stands in containerd.test.ts.
    return { programs: { ctr: `case "$*" in *" info "*) cat record.json ;; *) echo "$ID" ;; esac` } };
  },
  'volume-status': () => {
    const volume = documentedVolume();
    return { words: { '/mnt/pv': volume.path } };
  },
  'bundled-module': (folder) => {
    writeFileSync(join(folder, 'rule.ts'), 'export default (): number => 1;\n');
    return { programs: { npx: 'exec "$@"' } };
  },
};

const runBlocks = documentedBlocks().filter(
  (block): block is DocumentedBlock & { test: keyof typeof RUN } => block.test !== undefined,
);

describeWith(['runc', 'busybox'], 'a page is followed command by command', () => {
  // The container that the pages look at.
  beforeAll(() => {
    const annotations = {
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.container-name': 'runner',
      'io.kubernetes.cri.sandbox-namespace': 'shop',
      'io.kubernetes.cri.sandbox-uid': 'u1',
      'example.org/kvm': 'true',
    };
    for (const bundle of [CONTAINERD, CRIO]) {
      mkdirSync(bundle, { recursive: true });
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(specOf('', { annotations })));
    }
  });
  afterAll(() => {
    for (const folder of [CONTAINERD, dirname(CRIO)]) rmSync(folder, { recursive: true });
  });

  test.each(runBlocks.map((block) => [`${block.page}:${block.line}`, block] as const))(
    '%s',
    (_place, block) => {
      const folder = scratchFolder('block');
      const { words = {}, ...surroundings } = RUN[block.test](folder);
      // Node.js has not the system calls for it.
      if (onNode && block.test === 'volume-status') return;
      const steps = block.language === 'sh' ? scriptOf(block) : commandsOf(block.text, block.line);
      const named = (text: string) =>
        Object.entries(words).reduce((all, [word, meant]) => all.replaceAll(word, meant), text);
      expect(steps.length).toBeGreaterThan(0);
      take(
        steps.map((step) =>
          step.kind === 'file'
            ? step
            : { ...step, command: named(step.command), printed: named(step.printed) },
        ),
        folder,
        surroundings,
      );
    },
  );

  test('docs/rules.md', () => {
    follow(join(root, 'docs/rules.md'), scratchFolder('rules'));
  });

  test('the commands of packages/cli/README.md', () => {
    const folder = scratchFolder('cli');
    const rules = join(folder, 'rules');
    cpSync(join(root, 'examples/kvm-devices'), rules, { recursive: true });
    cpSync(join(CONTAINERD, 'config.json'), join(folder, 'config.json'));
    const page = readFileSync(join(root, 'packages/cli/README.md'), 'utf8');
    writeFileSync(
      join(folder, 'README.md'),
      page.replaceAll('/run/b', CONTAINERD).replace('--log /l', '--log l'),
    );
    follow(join(folder, 'README.md'), folder);
  });

  test('the commands of docs/cdi.md', () => {
    const folder = scratchFolder('cdi');
    writeFileSync(join(folder, 'vendor.yaml'), FAULTY);
    follow(join(root, 'docs/cdi.md'), folder, { 'nvidia.yaml': GPU });
  });

  test('the commands of docs/volumes.md', () => {
    const volume = documentedVolume();
    if (onNode) {
      // Which has not the system calls, and says so.
      const { stderr } = runProgram(ociwrap, ['volume', 'diff', volume.path]);
      expect(stderr).toContain('[ERR_SYSTEM_CALL]');
      return;
    }
    const folder = scratchFolder('volumes');
    const page = readFileSync(join(root, 'docs/volumes.md'), 'utf8');
    writeFileSync(
      join(folder, 'volumes.md'),
      page.replaceAll('/mnt/pv', volume.path).replaceAll('/mnt/image', volume.image).replaceAll('…', '...'),
    );
    follow(join(folder, 'volumes.md'), folder);
  });

  const followedExamples = FOLLOWED_PAGES.flatMap(
    (page) => /^examples\/(.*)\/README\.md$/.exec(page)?.[1] ?? [],
  );
  test.each(followedExamples)('examples/%s/README.md', (name) => {
    const folder = join(scratchFolder('example'), name);
    cpSync(join(root, 'examples', name), folder, {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    follow(join(folder, 'README.md'), folder);
  });
});

describeWith(['runc', 'busybox'], 'the recording', () => {
  test('docs/demo.svg is what a run shows', () => {
    const { status, stderr } = runProgram(process.execPath, [join(root, 'tools/record-demo.mjs'), '--check']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

/** The volume that docs/volumes.md is about. */
function documentedVolume(): OverlayVolume {
  const volume = overlayVolume();
  done(shell('cd "$1"; mkdir etc usr; echo m > etc/motd; echo p > etc/passwd', volume.image));
  done(
    mounted(
      volume,
      'rm etc/motd; echo q >> etc/passwd; mkdir home; echo > home/notes; rm -r usr; mkdir usr; echo > usr/new',
    ),
  );
  const ours = join(volume.path, '.ociwrap');
  mkdirSync(ours);
  const image = { name: 'registry.example.org/runner:12', fingerprint: '6c1f25' };
  writeFileSync(join(ours, 'image.json'), JSON.stringify({ version: 1, ...image }));
  const use = {
    container: '4f0c11',
    user: 'shop/runner-0/main',
    node: 'node-a',
    bootId: 'b',
    strategy: 'overlay',
  };
  writeFileSync(
    join(ours, 'use.json'),
    JSON.stringify({ version: 1, since: '2026-11-29T13:00:00.000Z', ...use }),
  );
  return volume;
}

/** A spec of NVIDIA's kind, and one with a fault. */
const GPU = ['cdiVersion: "0.6.0"', 'kind: nvidia.com/gpu', 'devices:', ...['0', 'all'].map(device), ''].join(
  '\n',
);
const FAULTY = `cdiVersion: "0.6.0"
kind: vendor.com/class
devices:
- name: d
  containerEdits: {hooks: [{hookName: createContainer, path: bin/hook}]}
`;

function device(name: string): string {
  return `  - name: "${name}"\n    containerEdits: {env: ["GPU=${name}"]}`;
}

describe('a page is read as it is meant', () => {
  test('commands with what they print, and files', () => {
    const page =
      '```toml\n# a.toml\nb = 1\n```\n\n```console\n$ one\n# two\nsaid\n  ...\n```\n\n```toml\nc = 1\n```\n';
    expect(stepsOf(page)).toEqual([
      { kind: 'file', line: 2, path: 'a.toml', text: '# a.toml\nb = 1\n' },
      { kind: 'command', line: 7, command: 'one', printed: '' },
      { kind: 'command', line: 8, command: 'two', printed: 'said\n  ...\n' },
    ]);
  });

  test.each([
    ['a\n', 'a\n', true],
    ['a\n', 'a\nb\n', false],
    ['a\n...\n', 'a\nb\nc\n', true],
    ['...\nc\n', 'a\nb\nc\n', true],
    ['a: ... (x)\n', 'a: b c (x)\n', true],
    ['a.c\n', 'abc\n', false],
  ])('%j of what prints %j: %s', (printed, output, isSame) => {
    expect(asPattern(printed).test(output)).toBe(isSame);
  });
});
