import { type Finding, printable, quoted } from '@opencontainers-ts/runtime-spec';
import {
  isRuntimeTarget,
  type LintFinding,
  RUNTIME_DIALECTS,
  type RuntimeDialect,
  type RuntimeTarget,
} from '@opencontainers-ts/runtime-spec/lint';
import type { CommandModule } from 'yargs';

import { DOCUMENT_TYPES, type DocumentType, findingsOf } from './document-findings.js';
import { failure } from './failure.js';
import { BUNDLE_OPTION, configPlace, FILE_POSITIONAL, readConfigAt } from './given-config.js';
import { type CommandOutput, jsonOutput, type Paint } from './output.js';
import { readInputFile } from './read-input.js';
import { usageError } from './usage-error.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

export interface ValidateOptions {
  /** A file, a bundle folder (its config.json is meant), or `-` for standard input. */
  readonly file?: string | undefined;
  /** A bundle folder, in the place of a file. */
  readonly bundle?: string | undefined;
  readonly type: DocumentType;
  /** The runtimes that a config.json is for; left out, what all of them refuse is an error. */
  readonly runtimes?: readonly RuntimeTarget[] | undefined;
  /** Whether only the specification is asked: all that it forbids is an error, and what runtimes refuse beyond it is none. */
  readonly specOnly?: boolean;
  readonly json: boolean;
}

export type ValidateWorld = Pick<World, 'cwd' | 'host' | 'paint' | 'readInput'>;

/** Checks a document. Status 0 when there is no finding of level `error`; warnings are allowed. */
export function validate(
  { file: given, bundle, type, runtimes, specOnly = false, json }: ValidateOptions,
  world: ValidateWorld,
): CommandOutput {
  const by = specOnly ? 'specification' : 'runtimes';
  const judges = { by, ...(runtimes !== undefined && { dialects: runtimes }) } as const;
  const place = configPlace({ file: given, bundle }, world);
  const file = place === '-' ? place : place.path;
  let findings: readonly Finding[];
  try {
    const bytes = type === 'config' ? readConfigAt(place, world) : readInputFile(file, world);
    findings = findingsOf(bytes, type, file, judges);
  } catch (error) {
    return failure(error);
  }
  const errors = findings.filter(({ level }) => level === 'error').length;
  const status = errors === 0 ? 0 : 1;
  if (json) {
    return { status, stdout: jsonOutput({ file, type, by, valid: errors === 0, findings }) };
  }
  const summary = `${printable(file)}: ${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}\n`;
  return {
    status,
    stdout: findings.map((finding) => findingLine(file, finding, world.paint)).join(''),
    stderr: summary,
  };
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
  readonly file: string | undefined;
  readonly bundle: string | undefined;
  readonly type: DocumentType;
  readonly runtime: readonly RuntimeTarget[] | undefined;
  readonly 'spec-only': boolean;
  readonly json: boolean;
}

function runtimeTargets(given: readonly string[]): readonly RuntimeTarget[] {
  return given.map((text) => {
    if (!isRuntimeTarget(text)) {
      const known = RUNTIME_DIALECTS.join(', ');
      throw usageError(
        `--runtime ${quoted(text)} is none of ${known}, alone or with a release such as crun@1.21 or runsc@20240729`,
      );
    }
    return text;
  });
}

/**
 * `ociwrap validate`.
 *
 * @param completes - whether a shell asks what could be written: yargs then offers the choices, and no release is one
 */
export function validateCommand(
  world: ValidateWorld,
  emit: Emit,
  completes: boolean,
): CommandModule<object, ValidateArguments> {
  return {
    command: 'validate [file]',
    describe: 'Check a config.json, a state or a features document',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Checks a config.json, a state or a features document.', [
            ['validate /run/b', 'the config.json of a bundle'],
            ['validate /run/b --runtime crun', 'and would crun create it?'],
            ['validate /run/b --runtime runc@1.1', 'would that release?'],
            ['validate config.json --spec-only', 'what does the specification say?'],
            ['validate config.json --json', 'the same as data'],
            ['validate --type features -', 'what `runc features` says, on standard input'],
          ]),
        )
        // So that --runtime can be repeated, and leaves the path alone.
        .parserConfiguration({ 'populate--': true, 'greedy-arrays': false })
        .positional('file', FILE_POSITIONAL)
        .option('bundle', BUNDLE_OPTION)
        .option('type', {
          choices: DOCUMENT_TYPES,
          default: 'config' as const,
          coerce: (given: DocumentType | DocumentType[]) => [given].flat().at(-1) ?? 'config',
          describe: 'What the document is',
        })
        .option('runtime', {
          array: true,
          string: true,
          requiresArg: true,
          ...(completes ? { choices: RUNTIME_DIALECTS } : { coerce: runtimeTargets }),
          describe:
            'Count as errors what runc, crun or runsc refuses, or its release @VERSION; may be repeated',
        })
        .option('spec-only', {
          type: 'boolean',
          default: false,
          describe: 'Ask the specification alone: all that it forbids is an error, and nothing else is',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
    handler: ({ file, bundle, type, runtime, 'spec-only': specOnly, json }) => {
      if (runtime !== undefined && type !== 'config') {
        throw usageError('--runtime is about configurations: leave it out, or give --type config');
      }
      if (runtime !== undefined && specOnly) {
        throw usageError('--spec-only asks no runtime: leave it out, or --runtime');
      }
      emit(validate({ file, bundle, type, runtimes: runtime, specOnly, json }, world));
    },
  };
}
