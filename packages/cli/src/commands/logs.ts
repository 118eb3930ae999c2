import { printable, printableJson, quoted } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { CliError } from '../cli-error.js';
import { LOG_LEVELS, type LogLevel } from '../log/format-record.js';
import { hasLog, logLines } from '../log/log-lines.js';
import { type ReadRecord, readRecord } from '../log/read-record.js';
import { isLogged, type LogSettings } from '../log/wrapper-log.js';
import type { BufferedOutput } from '../system/buffered-output.js';
import { type System, SystemError } from '../system/system.js';
import type { CommandOutput, Paint } from './output.js';
import { toStandardOutput } from './standard-output.js';
import { usageError } from './usage-error.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

const COMMAND = 'ociwrap logs';

interface LogsArguments {
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly level?: LogLevel | undefined;
  readonly since?: string | undefined;
  readonly follow: boolean;
  readonly json: boolean;
}

type LogsWorld = Pick<World, 'system' | 'settings' | 'paint'>;

/** `ociwrap logs`. */
export function logsCommand(world: LogsWorld, emit: Emit): CommandModule<object, LogsArguments> {
  return {
    command: 'logs',
    describe: "Show the wrapper's log: what was refused or changed, and why",
    builder: (yargs) =>
      yargs
        .usage(
          usageText("Shows the wrapper's log, the oldest record first, and the files that were rotated.", [
            ['logs --since 1h', 'what happened in the last hour?'],
            ['logs --pod shop/web-0', 'why does this pod not start?'],
            ['logs --level error --follow', 'tell me when something is refused'],
          ]),
        )
        .option('pod', {
          type: 'string',
          requiresArg: true,
          describe: 'Only of a pod: NAMESPACE/NAME, or NAME',
        })
        .option('container', {
          type: 'string',
          requiresArg: true,
          describe: 'Only of containers of this name',
        })
        .option('level', {
          choices: LOG_LEVELS,
          requiresArg: true,
          describe: 'Only records that are at least as important',
        })
        .option('since', {
          type: 'string',
          requiresArg: true,
          describe: 'Only from then on: 10m, 2h, 1d, or RFC 3339',
        })
        .option('follow', {
          alias: 'f',
          type: 'boolean',
          default: false,
          describe: 'Wait for more, until interrupted',
        })
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'Print data for machines',
        }),
    handler: (given) => emit(logs(given, world)),
  };
}

/** How often a log that is followed is looked at, in milliseconds. */
const BETWEEN_LOOKS = 250;

/**
 * Prints the records that are asked for, a line each, as they are read.
 *
 * @throws CliError `ERR_USAGE`, `ERR_INPUT_UNREADABLE`
 */
export function logs(given: LogsArguments, { system, settings, paint }: LogsWorld): CommandOutput {
  const { log } = settings;
  const isWanted = filterOf(given, system.now());
  const show = given.json
    ? (record: ReadRecord) => printableJson(`${JSON.stringify(record)}\n`)
    : (record: ReadRecord) => `${recordLine(record, paint)}\n`;
  if (!given.follow && !hasLog(system, log)) {
    return { status: 0, stderr: `ociwrap: there is no log yet: ${quoted(log.file)}\n` };
  }
  return toStandardOutput(system, (output) => {
    const foreign = showLines(system, log, given.follow, output, (record) =>
      isWanted(record) ? show(record) : undefined,
    );
    return { status: 0, stderr: foreign === 0 ? '' : `ociwrap: ${foreign} lines are no records\n` };
  });
}

function unreadable(file: string, errno: string): CliError {
  return new CliError('ERR_INPUT_UNREADABLE', `cannot read ${quoted(file)}: ${errno}`, {
    details: { path: file },
  });
}

/** @returns how many lines are no records */
function showLines(
  system: System,
  { file, keep }: LogSettings,
  follow: boolean,
  output: BufferedOutput,
  show: (record: ReadRecord) => string | undefined,
): number {
  let foreign = 0;
  for (const line of readableLines(system, { file, keep }, follow)) {
    if (line === undefined) {
      output.flush();
      system.sleep(BETWEEN_LOOKS);
      continue;
    }
    const record = readRecord(line);
    if (record === undefined) {
      if (line !== '') foreign += 1;
      continue;
    }
    const shown = show(record);
    if (shown !== undefined) output.add(shown);
  }
  return foreign;
}

function* readableLines(
  system: System,
  files: Pick<LogSettings, 'file' | 'keep'>,
  follow: boolean,
): Generator<string | undefined, void, undefined> {
  const lines = logLines(system, files, { follow });
  for (;;) {
    let next: IteratorResult<string | undefined, void>;
    try {
      next = lines.next();
    } catch (error) {
      throw error instanceof SystemError ? unreadable(files.file, error.code) : error;
    }
    if (next.done) return;
    yield next.value;
  }
}

function filterOf(
  { pod, container, level, since }: LogsArguments,
  now: number,
): (record: ReadRecord) => boolean {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : timeOf(since, now);
  const [name, namespace] = (pod ?? '').split('/').reverse();
  if (pod !== undefined && !/^[^/]+(?:\/[^/]+)?$/.test(pod)) {
    throw usageError(`--pod is NAMESPACE/NAME or NAME, not ${quoted(pod)}`, COMMAND);
  }
  return (record) =>
    (pod === undefined ||
      (record.pod === name && (namespace === undefined || record.namespace === namespace))) &&
    (container === undefined || record.container === container) &&
    (level === undefined || isLogged({ level }, record.level)) &&
    Date.parse(record.time) >= from;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** RFC 3339, with its offset: what Date.parse makes of other texts depends on the engine. */
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** @throws CliError `ERR_USAGE` */
function timeOf(since: string, now: number): number {
  const [, number, unit = ''] = /^(\d{1,9})([smhd])$/.exec(since) ?? [];
  if (number !== undefined) return now - Number(number) * (UNITS[unit] ?? 1) * 1000;
  const time = TIME.test(since) ? Date.parse(since.toUpperCase().replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(time)) {
    throw usageError(
      `--since is such as 30s, 10m, 2h, 1d or 2026-01-31T12:00:00Z, not ${quoted(since)}`,
      COMMAND,
    );
  }
  return time;
}

/** `2026-01-31T12:00:00.000Z  refused  shop/web-0 main  create  the volume ... [ERR_X]: what to do` */
function recordLine(record: ReadRecord, paint: Paint): string {
  const { time, verb, msg, code, hint, rules, newRoot } = record;
  const told = [
    code === undefined ? msg : `${msg} [${code}]${hint === undefined ? '' : `: ${hint}`}`,
    ...(rules === undefined ? [] : [`by ${rules}`]),
    ...(newRoot === undefined ? [] : [`root ${newRoot}`]),
  ];
  const columns = [time, outcomeOf(record, paint), whoOf(record), verb ?? '-', told.join('; ')];
  // Only what is painted here may act on a terminal.
  return columns.map((column, at) => (at === 1 ? column : printable(String(column)))).join('  ');
}

function outcomeOf({ decision, level }: ReadRecord, paint: Paint): string {
  if (decision === 'refuse') return paint('red', 'refused');
  if (decision === 'rewrite') return paint('green', 'changed');
  if (decision === 'pass') return 'passed ';
  return level === 'warn' ? paint('yellow', 'warning') : level.padEnd(7);
}

/** The names that people gave it, or the beginning of the id, as engines show it. */
function whoOf({ namespace, pod, container, id }: ReadRecord): string {
  if (pod === undefined) return typeof id === 'string' ? id.slice(0, 13) : '-';
  const name = namespace === undefined ? pod : `${namespace}/${pod}`;
  return container === undefined ? name : `${name} ${container}`;
}
