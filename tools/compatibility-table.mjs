// Which runtimes and engines the packaged program was seen to work with: each complete run of the black-box tests leaves
// its result in .tools/results, and `node tools/compatibility-table.mjs` writes the table of docs/compatibility.md from them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { RELEASES } from './debian-root.mjs';
import { root, tools } from './workspace.mjs';

const results = join(tools, 'results');
const page = join(root, 'docs/compatibility.md');
const [BEGIN, END] = ['<!-- tools/compatibility-table.mjs writes what follows -->', '<!-- until here -->'];

/** Each row: Debian's package, and by what a test's name or file tells that it runs that program. */
const PROGRAMS = [
  { name: 'runc', package: 'runc', tests: /\brunc\b/ },
  { name: 'crun', package: 'crun', tests: /\bcrun\b/ },
  { name: 'runsc (gVisor)', package: 'runsc', tests: /\brunsc\b/ },
  { name: 'containerd', package: 'containerd', tests: /\b(containerd|kubernetes-cri)\b/ },
  { name: 'podman', package: 'podman', tests: /\bpodman\b/ },
  { name: 'Docker', package: 'docker.io', tests: /\bdocker\b/ },
];

/** Keeps what a run in the root of a release came to. */
export function recordResult(release, packages, { passed, failed, suites }) {
  const programs = Object.fromEntries(
    PROGRAMS.map(({ name, package: debianName, tests }) => [
      name,
      { version: upstreamVersion(packages[debianName]), ...countedTests(suites, tests) },
    ]),
  );
  mkdirSync(results, { recursive: true });
  const text = JSON.stringify({ release, passed, failed, programs }, undefined, 2);
  writeFileSync(join(results, `${release}.json`), `${text}\n`);
}

function countedTests(suites, pattern) {
  const statuses = suites.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ fullName }) => pattern.test(fullName) || pattern.test(name.slice(name.lastIndexOf('/') + 1)))
      .map(({ status }) => status),
  );
  return { passed: statuses.filter((status) => status === 'passed').length, tests: statuses.length };
}

/** `1:26.1.5+dfsg1-9+b11` is 26.1.5, `0.0~20240729.0-4` is 20240729. */
function upstreamVersion(version) {
  const bare = version.replace(/^\d+:/, '').replace(/^0\.0~/, '');
  return /^[0-9]+(\.[0-9]+)*/.exec(bare)[0].replace(/^(\d{8})\.0$/, '$1');
}

function table(runs) {
  const header = ['', ...runs.map(({ release }) => `Debian ${release}`)];
  const rows = PROGRAMS.map(({ name }) => [
    name,
    ...runs.map(({ programs }) => {
      const { version, passed, tests } = programs[name];
      return `${version}: ${passed} of ${tests} tests`;
    }),
  ]);
  const all = ['all black-box tests', ...runs.map(({ passed, failed }) => `${passed} of ${passed + failed}`)];
  const rule = header.map(() => '---');
  return [header, rule, ...rows, all].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const runs = RELEASES.map((release) => join(results, `${release}.json`))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
  if (runs.length === 0) {
    console.error('no run of the black-box tests has left its result yet: npm test');
    process.exit(1);
  }
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) {
    console.error(`docs/compatibility.md lacks the lines "${BEGIN}" and "${END}"`);
    process.exit(1);
  }
  writeFileSync(page, `${before}${BEGIN}\n\n${table(runs)}\n\n${END}${after}`);
}
