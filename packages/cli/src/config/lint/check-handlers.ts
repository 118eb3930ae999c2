import { quoted } from '@opencontainers-ts/runtime-spec';
import { type Refusal, refusalOf } from '../../call/refusal.js';
import { askModuleRules } from '../../rule-test/ask-module-rules.js';
import type { System } from '../../system/system.js';
import type { ConfigFiles } from '../config-files.js';
import { configuredHandlers } from '../configured-handlers.js';
import type { TellLine } from '../rules/module-output.js';
import { configuredSettings } from '../settings/configured-settings.js';
import { type CheckedLine, lintConfig } from './lint-config.js';

/** What is to say of handlers, and is not of all calls. */
export interface HandlerFindings {
  readonly faults: readonly Refusal[];
  readonly lints: readonly CheckedLine[];
}

/** What a check of handlers needs. */
export interface HandlerCheck {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: TellLine | undefined;
  /** The files of a handler. */
  readonly filesOf: (handler: string) => ConfigFiles;
  /** Whether only the one file is checked. */
  readonly isOneFile: boolean;
  /** What was said of the configuration without a handler. */
  readonly said: readonly CheckedLine[];
}

/** Checks each handler that a sound configuration has something of its own for; the message names it. */
export async function checkHandlers(
  system: System,
  { main, handler, texts }: ConfigFiles,
  { env, tell, filesOf, isOneFile, said }: HandlerCheck,
): Promise<HandlerFindings> {
  if (handler !== undefined) return { faults: [], lints: [] };
  const faults: Refusal[] = [];
  const lints: CheckedLine[] = [];
  const known = new Set(said.map(({ text }) => text));
  for (const name of configuredHandlers(system, { main, texts }, { isOneFile })) {
    const of = `handler ${quoted(name)}: `;
    try {
      const files = filesOf(name);
      const more = (await lintConfig(files)).filter(({ text }) => !known.has(text));
      lints.push(...more.map((lint) => ({ ...lint, text: `${of}${lint.text}` })));
      const input = { env, invokedAs: 'runc' };
      const { settings } = await configuredSettings(system, files, input, tell === undefined ? {} : { tell });
      faults.push(...askModuleRules(settings));
    } catch (error) {
      const refusal = refusalOf(error);
      faults.push({ ...refusal, message: `${of}${refusal.message}` });
    }
  }
  return { faults, lints };
}
