import { type Finding, printable } from '@opencontainers-ts/runtime-spec';
import {
  type LintFinding,
  RUNTIME_DIALECTS,
  type RuntimeDialect,
} from '@opencontainers-ts/runtime-spec/lint';
import type { CommandModule } from 'yargs';

import { DOCUMENT_TYPES, type DocumentType, findingsOf } from '../document-findings.js';
import { failure } from './failure.js';
import { type CommandOutput, jsonOutput, type Paint } from './output.js';
import { readInputFile } from './read-input.js';
import { usageError } from './usage-error.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

export interface ValidateOptions {
  /** A file, a bundle folder (its config.json is meant), or `-` for standard input. */
  readonly path: string;
  readonly type: DocumentType;
  /** The runtimes that a config.json is for; left out, what all of them refuse is an error. */
  readonly runtimes?: readonly RuntimeDialect[] | undefined;
  readonly json: boolean;
}

export type ValidateWorld = Pick<World, 'host' | 'paint' | 'readInput'>;

/** Checks a document. Status 0 when there is no finding of level `error`; warnings are allowed. */
export function validate(
  { path, type, runtimes, json }: ValidateOptions,
  world: ValidateWorld,
): CommandOutput {
  let file = path;
  let findings: readonly Finding[];
  try {
    file = documentPath(path, world);
    findings = findingsOf(readInputFile(file, world), type, file, runtimes);
  } catch (error) {
    return failure(error);
  }
  const errors = findings.filter(({ level }) => level === 'error').length;
  const status = errors === 0 ? 0 : 1;
  if (json) {
    return { status, stdout: jsonOutput({ file, type, valid: errors === 0, findings }) };
  }
  const summary = `${printable(file)}: ${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}\n`;
  return {
    status,
    stdout: findings.map((finding) => findingLine(file, finding, world.paint)).join(''),
    stderr: summary,
  };
}

function documentPath(path: string, { host }: Pick<ValidateWorld, 'host'>): string {
  return path !== '-' && host.stat(path)?.isDirectory === true ? `${path}/config.json` : path;
}

function findingLine(file: string, finding: Finding, paint: Paint): string {
  const { level, code, pointer, line, column, message } = finding;
  const colored = paint(level === 'error' ? 'red' : 'yellow', level);
  const where = pointer === '' ? '' : ` ${printable(pointer)}:`;
  const by = rejectedBy(finding);
  const refused = by.length === 0 ? '' : ` (refused by ${by.join(', ')})`;
  return `${printable(file)}:${line}:${column}: ${colored} ${code}:${where} ${printable(message)}${refused}\n`;
}

function rejectedBy(finding: Finding | LintFinding): readonly RuntimeDialect[] {
  return 'rejectedBy' in finding ? finding.rejectedBy : [];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

interface ValidateArguments {
  readonly path: string;
  readonly type: DocumentType;
  readonly runtime: readonly RuntimeDialect[] | undefined;
  readonly json: boolean;
}

/** `ociwrap validate`. */
export function validateCommand(world: ValidateWorld, emit: Emit): CommandModule<object, ValidateArguments> {
  return {
    command: 'validate <path>',
    describe: 'Check a config.json, a state or a features document',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Checks a config.json, a state or a features document.', [
            ['validate /run/b', 'the config.json of a bundle'],
            ['validate /run/b --runtime crun', 'and would crun create it?'],
            ['validate config.json --json', 'the same as data'],
            ['validate --type features -', 'what `runc features` says, on standard input'],
          ]),
        )
        // So that --runtime can be repeated, and leaves the path alone.
        .parserConfiguration({ 'populate--': true, 'greedy-arrays': false })
        // yargs reads a lone `-` as an option, unless the option before it must have a value.
        .nargs('path', 1)
        .positional('path', {
          type: 'string',
          demandOption: true,
          describe: 'File, bundle folder, or - for standard input',
        })
        .option('type', {
          choices: DOCUMENT_TYPES,
          default: 'config' as const,
          coerce: (given: DocumentType | DocumentType[]) => [given].flat().at(-1) ?? 'config',
          describe: 'What the document is',
        })
        .option('runtime', {
          array: true,
          choices: RUNTIME_DIALECTS,
          requiresArg: true,
          describe: 'Count as errors what this runtime refuses; may be repeated',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
    handler: ({ path, type, runtime, json }) => {
      if (runtime !== undefined && type !== 'config') {
        throw usageError('--runtime is about configurations: leave it out, or give --type config');
      }
      emit(validate({ path, type, runtimes: runtime, json }, world));
    },
  };
}
