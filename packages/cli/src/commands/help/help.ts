import { probablyMeant } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { whyNoCommand } from '../command-names.js';
import type { CommandOutput } from '../output.js';
import { usageError } from '../usage-error.js';
import { HELP_WIDTH, usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import { errorHelp, knownCodes } from './error-help.js';
import { filledLines } from './filled-lines.js';
import { knownRuleKeys, ruleKeyHelp, rulesOverview } from './rules-help.js';

/** What the docs say, on a node that has none: about an error, the keys of rules, or a command. */
export async function help(
  topic: readonly string[],
  helpOf: (command: readonly string[]) => Promise<CommandOutput>,
): Promise<CommandOutput> {
  const [first = '', key, ...more] = topic;
  if (first === 'rules' && more.length === 0) return { status: 0, stdout: rulesHelp(key) };
  if (!/^[A-Z]+_/.test(first)) {
    const fault = whyNoCommand(topic);
    if (fault !== undefined) throw usageError(fault);
    return helpOf(topic);
  }
  const said = key === undefined ? errorHelp(first) : undefined;
  if (said !== undefined) return { status: 0, stdout: filledLines(said, HELP_WIDTH) };
  throw usageError(`${quoted(topic.join(' '))} is no error of ociwrap${guess(first, knownCodes())}`);
}

function rulesHelp(key: string | undefined): string {
  if (key === undefined) {
    const how = 'An example of a key, its values, and the keys in it: ociwrap help rules KEY';
    return `${rulesOverview(HELP_WIDTH)}\n${how}\n`;
  }
  const said = ruleKeyHelp(key, HELP_WIDTH);
  if (said !== undefined) return said;
  throw usageError(`${quoted(key)} is no key of a rule${guess(key, knownRuleKeys())}`);
}

function guess(word: string, known: readonly string[]): string {
  const meant = probablyMeant(word, known);
  return meant === undefined ? '' : ` (did you mean ${quoted(meant)}?)`;
}

interface HelpArguments {
  readonly topic: readonly string[] | undefined;
}

/** `ociwrap help`. */
export function helpCommand(
  helpOf: (command: readonly string[]) => Promise<CommandOutput>,
  emit: Emit,
): CommandModule<object, HelpArguments> {
  return {
    command: 'help [topic..]',
    describe: 'Explain an error, a key of rules, or a command',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Explains an error, a key of rules, or a command.', [
            ['help ERR_VOLUME_NOT_FOUND', 'what does this error mean, and what is to do?'],
            ['help rules', 'which keys does a rule have?'],
            ['help rules then.devices', 'what does this one do? with examples'],
            ['help volume reset', 'how is this command called?'],
          ]),
        )
        // Where of two equal options the last counts, it is so with the words of a list.
        .parserConfiguration({ 'populate--': true })
        .positional('topic', {
          type: 'string',
          array: true,
          describe: 'Code of an error, "rules" and a key, or a command',
        }),
    handler: async ({ topic = [] }) => emit(await help(topic, helpOf)),
  };
}
