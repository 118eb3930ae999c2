import { parsePointer, printable, quoted } from '@opencontainers-ts/runtime-spec';
import { CliError, type CliErrorCode } from '../cli-error.js';
import type { KeyPath } from './settings/settings.js';

/** What is wrong in a file of the configuration, before the line is looked up. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault';
  readonly code: Extract<CliErrorCode, 'ERR_SETTINGS_SYNTAX' | 'ERR_SETTINGS_INVALID' | 'ERR_RULE_MODULE'>;
  readonly file: string;
  /** The key that is wrong; empty for the file as a whole. */
  readonly path: KeyPath;
  /** Where it is already known. */
  readonly line: number | undefined;

  constructor(
    code: ConfigFault['code'],
    message: string,
    place: { readonly file: string; readonly path?: KeyPath; readonly line?: number | undefined },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.file = place.file;
    this.path = place.path ?? [];
    this.line = place.line;
  }
}

/** All that is wrong in a configuration, as far as it could be read. */
export class ConfigFaults extends Error {
  override readonly name = 'ConfigFaults';
  /** At least one. */
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults[0]?.message);
    this.faults = faults;
  }
}

/** What a step finds wrong; what it gives where nothing is. Other errors go on their way. */
export function faultsOf<T>(
  step: () => T,
): { readonly value: T } | { readonly faults: readonly ConfigFault[] } {
  try {
    return { value: step() };
  } catch (error) {
    return { faults: faultsIn(error) };
  }
}

/** @throws the error, where it is about something else than the text of a configuration */
export function faultsIn(error: unknown): readonly ConfigFault[] {
  if (error instanceof ConfigFaults) return error.faults;
  if (error instanceof ConfigFault) return [error];
  throw error;
}

/** A key as it would be written: `rule[2].then.env`, counted from 1 as people count. */
export function keyText(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part + 1}]`;
      const key = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

/** A JSON pointer as a key; what looks like a number is a place in an array. */
export function keyPathOf(pointer: string): KeyPath {
  return parsePointer(pointer).map((token) => (/^\d+$/.test(token) ? Number(token) : token));
}

/** Faults that the message of an error tells: it is one line, which engines show. */
const TOLD = 5;
/** Faults that {@link SettingsError.faults} holds. */
const MOST = 100;

/** A fault and its line, where one could be found. */
export interface PlacedFault {
  readonly fault: ConfigFault;
  readonly line: number | undefined;
}

/** A configuration that cannot be used. The message tells the first faults, one after the other. */
export class SettingsError extends CliError {
  /** Each fault as a line of its own. */
  readonly faults: readonly ConfigLine[];

  /** @param placed - at least one */
  constructor(placed: readonly PlacedFault[]) {
    const lines = placed.slice(0, MOST).map(({ fault, line }) => configLine(fault, line));
    const more =
      placed.length > TOLD ? `; and ${placed.length - TOLD} more, which "ociwrap config check" tells` : '';
    const [first] = placed;
    const { code = 'ERR_SETTINGS_INVALID', file = '', path = [], cause } = first?.fault ?? {};
    const told = lines.slice(0, TOLD).map(({ text }) => text);
    super(code, `${told.join('; ')}${more}`, {
      ...(cause === undefined ? {} : { cause }),
      details: {
        file,
        ...(first?.line === undefined ? {} : { line: String(first.line) }),
        ...(path.length === 0 ? {} : { key: keyText(path) }),
      },
    });
    this.faults = lines;
  }
}

/** One line of what is to say about a configuration. */
export interface ConfigLine {
  readonly file: string;
  readonly line: number | undefined;
  /** File, line, key, what is wrong. */
  readonly text: string;
}

/** What is to say about a key, for people, and for editors that jump to `file:line:`. */
export function configLine(
  { file, path, message }: Pick<ConfigFault, 'file' | 'path' | 'message'>,
  line: number | undefined,
): ConfigLine {
  const shown = /\s/.test(file) ? quoted(file) : printable(file);
  const key = path.length === 0 ? '' : ` ${printable(keyText(path))}:`;
  const text = `${line === undefined ? shown : `${shown}:${line}`}:${key} ${printable(message)}`;
  return { file, line, text };
}
