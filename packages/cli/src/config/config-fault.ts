import { printable } from '@opencontainers-ts/runtime-spec';
import { CliError, type CliErrorCode } from '../cli-error.js';
import type { KeyPath } from './settings.js';

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

/** The fault as an error for people: file, line, key, what is wrong. */
export function settingsError(fault: ConfigFault, line: number | undefined): CliError {
  const place = line === undefined ? printable(fault.file) : `${printable(fault.file)}:${line}`;
  const key = fault.path.length === 0 ? '' : ` ${printable(keyText(fault.path))}:`;
  return new CliError(fault.code, `${place}:${key} ${printable(fault.message)}`, {
    ...(fault.cause === undefined ? {} : { cause: fault.cause }),
    details: {
      file: fault.file,
      ...(line === undefined ? {} : { line: String(line) }),
      ...(fault.path.length === 0 ? {} : { key: keyText(fault.path) }),
    },
  });
}
