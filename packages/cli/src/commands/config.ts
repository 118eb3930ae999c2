import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';
import { refusalLine, refusalOf } from '../call/refusal.js';
import type { ConfigLine, SettingsError } from '../config/config-fault.js';
import { type ConfigText, checkedFiles } from '../config/config-files.js';
import { DEFAULT_CONFIG } from '../config/default-config.js';
import { isHandlerName } from '../config/handler-name.js';
import { keyLineFinder } from '../config/lint/key-line-finder.js';
import type { CheckedLine } from '../config/lint/lint-config.js';
import { type SettingsDump, settingsDump } from '../config/settings/settings-dump.js';
import { askModuleRules } from '../rule-test/ask-module-rules.js';
import { failure } from './failure.js';
import { type CommandOutput, jsonOutput } from './output.js';
import { readInputFile } from './read-input.js';
import { usageError } from './usage-error.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

export type ConfigWorld = Pick<World, 'system' | 'env' | 'settings'> &
  Partial<Pick<World, 'tell' | 'readInput' | 'settingsFor'>>;

/**
 * Checks the configuration, or one file as if it were the whole of it. Status 0 when the wrapper would use it, and nothing
 * in it can never do what it says; warnings are allowed.
 */
export async function checkConfig(
  file: string | undefined,
  { system, env, tell, readInput }: ConfigWorld,
  { json = false }: { readonly json?: boolean } = {},
): Promise<CommandOutput> {
  const { configuredSettings } = await import('../config/settings/configured-settings.js');
  const { lintConfig } = await import('../config/lint/lint-config.js');
  const { checkHandlers } = await import('../config/lint/check-handlers.js');
  let texts: readonly ConfigText[] = [];
  let lints: readonly CheckedLine[] = [];
  try {
    const isStandardInput = file === '/dev/stdin' && readInput !== undefined;
    const given = isStandardInput ? readInputFile(file, { readInput }) : undefined;
    const filesOf = (handler?: string) => checkedFiles(system, env, file, given, handler);
    const files = filesOf();
    texts = files.texts;
    lints = await lintConfig(files);
    const input = { env, invokedAs: 'runc' };
    const { settings } = await configuredSettings(system, files, input, tell === undefined ? {} : { tell });
    const isOneFile = file !== undefined;
    const ofHandlers = await checkHandlers(system, files, { env, tell, filesOf, isOneFile, said: lints });
    lints = [...lints, ...ofHandlers.lints];
    const faults = [...askModuleRules(settings), ...ofHandlers.faults];
    if (json) return checkedData({ texts, lints, faults, rules: settings.rules });
    if (faults.length > 0) {
      const told = faults.map((fault) => `ociwrap: ${refusalLine(fault)}\n`).join('');
      return { status: 1, stderr: `${lintLines(lints)}${told}` };
    }
    const read = texts.map(({ path }) => printable(path)).join(', ') || 'no configuration file';
    const rules = settings.rules.map(({ name }) => printable(name)).join(', ') || 'none';
    const found = lints.length === 0 ? 'nothing wrong' : countsOf(lints);
    return {
      status: lints.some(({ level }) => level === 'error') ? 1 : 0,
      stderr: `${lintLines(lints)}ociwrap: ${read}: ${found}; rules: ${rules}\n`,
    };
  } catch (error) {
    return json ? checkedData({ texts, lints, faults: [error] }) : settingsFailure(error, lints, texts);
  }
}

/** What a check comes to, as data: members are added in minor versions, never renamed or removed. */
function checkedData({
  texts,
  lints,
  faults,
  rules = [],
}: {
  readonly texts: readonly ConfigText[];
  readonly lints: readonly CheckedLine[];
  /** What the wrapper would not take, as it was thrown. */
  readonly faults: readonly unknown[];
  readonly rules?: readonly { readonly name: string }[];
}): CommandOutput {
  const findings = [...faults.flatMap(faultFindings), ...lints];
  const valid = findings.every(({ level }) => level !== 'error');
  const files = texts.map(({ path }) => path);
  const data = { valid, files, rules: rules.map(({ name }) => name), findings };
  return { status: valid ? 0 : 1, stdout: jsonOutput(data) };
}

/** A fault as findings: one for each line of a configuration that it is about. */
function faultFindings(
  fault: unknown,
): readonly (Partial<ConfigLine> & { level: 'error' | 'warning'; code?: string })[] {
  const { code, message, hint } = refusalOf(fault);
  const { faults = [] } = fault as Partial<Pick<SettingsError, 'faults'>>;
  const said = { level: 'error', code, ...(hint === undefined ? {} : { hint }) } as const;
  return faults.length === 0 ? [{ ...said, text: message }] : faults.map((line) => ({ ...said, ...line }));
}

function lintLines(lints: readonly CheckedLine[]): string {
  return lints
    .map(({ level, text }) => `ociwrap: ${level === 'warning' ? 'warning: ' : ''}${text}\n`)
    .join('');
}

function countsOf(lints: readonly CheckedLine[]): string {
  const errors = lints.filter(({ level }) => level === 'error').length;
  return `${count(errors, 'error')}, ${count(lints.length - errors, 'warning')}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/**
 * Of several faults each has a line of its own, among what else is told, and what to do about them stands below. The order is
 * that of the files and their lines.
 */
function settingsFailure(
  error: unknown,
  lints: readonly CheckedLine[],
  texts: readonly ConfigText[],
): CommandOutput {
  const output = failure(error);
  // By its shape: the code that reads a configuration is bundled apart, and has a class of its own.
  const { faults = [] } = error as Partial<Pick<SettingsError, 'faults'>>;
  if (faults.length + lints.length < 2 || faults.length === 0) {
    return { ...output, stderr: `${lintLines(lints)}${output.stderr}` };
  }
  const fileOf = ({ file }: ConfigLine) => texts.findIndex(({ path }) => path === file);
  const told = [...faults.map((fault) => ({ level: 'error' as const, ...fault })), ...lints].sort(
    (one, other) => fileOf(one) - fileOf(other) || (one.line ?? 0) - (other.line ?? 0),
  );
  const found = `${count(faults.length, 'fault')}${lints.length === 0 ? '' : `, ${countsOf(lints)}`}`;
  const all = refusalLine({ ...refusalOf(error), message: found });
  return { ...output, stderr: `${lintLines(told)}ociwrap: ${all}\n` };
}

/** Shows every setting and where it comes from: those that the wrapper would have, in the environment of this command. */
export async function dumpConfig(
  { json, handler }: { readonly json: boolean; readonly handler?: string | undefined },
  { system, settings: ofAll, settingsFor, env }: ConfigWorld,
): Promise<CommandOutput> {
  const settings =
    handler === undefined ? ofAll : ((await settingsFor?.(`oci-runtime-wrapper-${handler}`)) ?? ofAll);
  const { fault } = settings;
  const lineOf = await keyLineFinder({ system, env }, fault === undefined, handler);
  const dump = settingsDump(settings, lineOf);
  return {
    status: fault === undefined ? 0 : 1,
    stdout: json ? jsonOutput(dump) : dumpText(dump),
    ...(fault === undefined
      ? {}
      : { stderr: `ociwrap: the configuration cannot be used: ${refusalLine(fault)}\n` }),
  };
}

function dumpText({ settings, rules }: SettingsDump): string {
  const lines = [
    ...settings.map(({ key, value, origin }) => [`${key} = ${JSON.stringify(value)}`, origin] as const),
    ...rules.map(
      ({ name, kind, origin }, index) => [`rule ${index + 1}: ${name} (${kind})`, origin] as const,
    ),
  ].map(([text, origin]) => [printable(text), printable(origin)] as const);
  const width = Math.max(...lines.map(([text]) => text.length));
  return lines.map(([text, origin]) => `${text.padEnd(width)}  # ${origin}\n`).join('');
}

function handlerName(given: string): string {
  if (isHandlerName(given)) return given;
  throw usageError(
    `${quoted(given)} cannot be the name of a handler: letters, digits, ".", "_" and "-", 63 at most`,
  );
}

/** `ociwrap config`. */
export function configCommand(world: ConfigWorld, emit: Emit): CommandModule {
  return {
    command: 'config',
    describe: 'Show and check the configuration',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Shows and checks the configuration.', [
            ['config default > /etc/ociwrap/config.toml', 'begin with every key at its default'],
            ['config check', 'would the wrapper take the configuration?'],
            ['config check new.toml', 'and this file, in the place of it?'],
            ['config dump', 'every setting, and where it comes from'],
          ]),
        )
        .command({
          command: 'default',
          describe: 'Print a configuration file with every key at its default',
          handler: () => emit({ status: 0, stdout: DEFAULT_CONFIG }),
        })
        .command<{ readonly file?: string | undefined; readonly json: boolean }>({
          command: 'check [file]',
          describe: 'Check the configuration, or a file in the place of it',
          builder: (check) =>
            check
              .positional('file', {
                type: 'string',
                describe: 'A configuration file, or - for standard input',
              })
              .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
          handler: async ({ file, json }) => emit(await checkConfig(file, world, { json })),
        })
        .command<{ json: boolean; handler: string | undefined }>({
          command: 'dump',
          describe: 'Print every setting with where it comes from',
          builder: (dump) =>
            dump
              .option('handler', {
                type: 'string',
                requiresArg: true,
                coerce: handlerName,
                describe: 'Those of calls under the name oci-runtime-wrapper-NAME',
              })
              .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
          handler: async ({ json, handler }) => emit(await dumpConfig({ json, handler }, world)),
        })
        .demandCommand(1, 'say what to do: default, check or dump'),
    handler: () => undefined,
  };
}
