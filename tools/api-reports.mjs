// The public API of each package as a committed text: packages/*/api/*.api.md. `--update` writes, otherwise it compares.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

import { root, tools } from './workspace.mjs';

const update = process.argv.includes('--update');
let same = true;
for (const name of readdirSync(join(root, 'packages')).sort()) {
  const folder = join(root, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // The launcher's: a program, which nobody imports.
  if (manifest.private === true) continue;
  const reports = join(folder, 'api');
  mkdirSync(reports, { recursive: true });
  for (const { types } of Object.values(manifest.publishConfig.exports).filter((target) => target.types)) {
    same = reportOf(folder, join(folder, types), reports) && same;
  }
}
if (!same) {
  console.error(
    'the public API is not the committed one: run `node tools/api-reports.mjs --update` and review the diff',
  );
}
process.exitCode = same ? 0 : 1;

function reportOf(folder, entry, reports) {
  const temporary = join(tools, 'api');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(folder, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      // Else they are CRLF, which the next editor turns into a diff of the whole file.
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            moduleResolution: 'nodenext',
            types: ['node'],
            skipLibCheck: true,
            target: 'es2023',
            lib: ['es2023'],
          },
          include: [entry],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: entry.split('/').at(-1).replace('.d.ts', ''),
        reportFolder: reports,
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'error' },
          'ae-missing-release-tag': { logLevel: 'none' },
          // Types of other packages are the sources that their exports name within the workspace.
          'ae-wrong-input-file-type': { logLevel: 'none' },
          // Members whose names say all are left without a sentence.
          'ae-undocumented': { logLevel: 'none' },
          // A subpath may name types of its package's main entry.
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: 'error' } },
      },
    },
  });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    localBuild: update,
    showVerboseMessages: false,
    messageCallback: (message) => {
      message.handled =
        message.messageId.startsWith('console-preamble') ||
        message.messageId === 'console-compiler-version-notice';
    },
  });
  return succeeded && (update || !apiReportChanged);
}
