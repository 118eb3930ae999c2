// Writes docs/errors.md from the code tables of the packages; with --check only says whether it is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';

import { root } from './workspace.mjs';

const TARGET = join(root, 'docs/errors.md');

// A place of its own for every table: a package whose codes are missing here does not compile in EXIT_STATUS either.
const TABLES = [
  [
    '@opencontainers-ts/rootfs-rewriter',
    'REWRITER_ERROR_CODES',
    'Rules: what stops a container on its volume',
  ],
  ['@opencontainers-ts/device-injector', 'DEVICE_ERROR_CODES', 'Devices: CDI and NVIDIA GPUs'],
  ['@opencontainers-ts/runtime-resolver', 'RESOLVER_ERROR_CODES', 'Finding the real runtime'],
  ['@opencontainers-ts/engine-config', 'ENGINE_CONFIG_ERROR_CODES', 'Configuring container engines'],
  ['@opencontainers-ts/runtime-client', 'RUNTIME_CLIENT_ERROR_CODES', 'Driving a runtime from TypeScript'],
  ['@opencontainers-ts/runtime-spec', 'SPEC_ERROR_CODES', 'Reading and writing config.json'],
  ['@opencontainers-ts/cli', 'CLI_ERROR_CODES', 'The wrapper and the command line'],
  ['@opencontainers-ts/exec-native', 'EXEC_NATIVE_ERROR_CODES', 'The native addon'],
];
const FINDINGS = ['@opencontainers-ts/runtime-spec', 'FINDING_CODES'];
const LINTS = ['@opencontainers-ts/runtime-spec/lint', 'LINT_CODES'];

const INTRODUCTION = `# Error codes

<!-- Written by tools/error-catalogue.mjs from the code tables of the packages: change those. -->

Every error of \`oci-runtime-wrapper\` and \`ociwrap\` carries one of these codes: in brackets in the message, and as
\`code\` in the log. Codes are stable, messages are not. \`oci-runtime-wrapper\` exits with 1 for each of them, as runc
does; the exit status given here is that of \`ociwrap\`.
`;

/** Loads the tables out of the TypeScript sources, without a build. */
async function loadTables() {
  const exports = [...TABLES, FINDINGS, LINTS, ['@opencontainers-ts/cli', 'EXIT_STATUS']];
  const contents = exports.map(([module, name]) => `export { ${name} } from '${module}';`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, 'packages/cli') },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    // Only constants are read: nothing that the bundle would need from its surroundings is ever called.
    treeShaking: true,
    logLevel: 'warning',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}

/** Text of the tables is plain text: `*` and `<` would be markup. */
function markdown(text) {
  return text.replace(/[*<]/g, '\\$&');
}

function entry(code, { summary, hint }, status) {
  const exit = status === undefined ? '' : `\n- Exit status: ${status}`;
  return `### ${code}\n\n${markdown(summary)}\n\n- What to do: ${markdown(hint)}.${exit}\n`;
}

const BY_SPECIFICATION = { error: 'forbidden', warn: 'discouraged' };

function lintEntry(code, row) {
  const refusing = row.rejectedBy.length === 0 ? 'no runtime' : row.rejectedBy.map(releases).join(', ');
  const forbidden = BY_SPECIFICATION[row.spec] ?? 'allowed';
  return `${entry(code, row)}- By the specification: ${forbidden}\n- Refused by: ${refusing}\n`;
}

function releases(refusing) {
  if (typeof refusing === 'string') return refusing;
  const { runtime, since, before } = refusing;
  return [runtime, since && `since ${since}`, before && `before ${before}`].filter(Boolean).join(' ');
}

function catalogue(tables) {
  const seen = new Set();
  const sections = TABLES.map(([module, name, title]) => {
    const entries = Object.entries(tables[name]).map(([code, row]) => {
      if (seen.has(code)) {
        throw new Error(`${code} stands in two tables: a code means one thing`);
      }
      seen.add(code);
      return entry(code, row, tables.EXIT_STATUS[code]);
    });
    return `## ${title}\n\nFrom \`${module}\`.\n\n${entries.join('\n')}`;
  });
  const findings = Object.entries(tables[FINDINGS[1]]).map(([code, row]) => entry(code, row));
  const found = `## Findings of \`ociwrap validate\`\n\nThese describe a document and are never thrown; exit status 1 if one has the level \`error\`.\n\n${findings.join('\n')}`;
  const lints = Object.entries(tables[LINTS[1]]).map(([code, row]) => lintEntry(code, row));
  const linted = `## Lint of \`ociwrap validate\`\n\nWhat the specification says in prose, and what runtimes refuse beyond it. With \`--runtime\`, what one of those runtimes refuses has the level \`error\`; without, what all of them refuse. With \`--spec-only\`, what the specification forbids has the level \`error\`, and what it allows is not told.\n\n${lints.join('\n')}`;
  return [INTRODUCTION, ...sections, found, linted].join('\n');
}

const text = catalogue(await loadTables());
if (process.argv.includes('--check')) {
  if (!existsSync(TARGET) || readFileSync(TARGET, 'utf8') !== text) {
    console.error('docs/errors.md is out of date: run node tools/error-catalogue.mjs');
    process.exitCode = 1;
  }
} else {
  writeFileSync(TARGET, text);
}
