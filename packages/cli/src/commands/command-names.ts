import { probablyMeant } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

/** The commands of `ociwrap`, and what each of them is told to do. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  explain: [],
  rewrite: [],
  validate: [],
  test: [],
  config: ['default', 'check', 'dump'],
  nvidia: ['config'],
  'nvidia-hook': [],
  hooks: ['run'],
  cdi: ['list', 'inspect', 'validate', 'inject'],
  volume: ['seed', 'status', 'diff', 'export', 'reset', 'unlock'],
  engine: ['configure', 'unconfigure', 'list'],
  run: [],
  ps: [],
  exec: [],
  kill: [],
  delete: [],
  events: [],
  doctor: [],
  report: [],
  logs: [],
  install: [],
  upgrade: [],
  uninstall: [],
  status: [],
  users: [],
  version: [],
  help: [],
  completion: [],
};

/** The command that a command line begins with, as it would be typed: `ociwrap config check`. */
export function commandOf(args: readonly string[]): string {
  const [name = '', below = ''] = args.filter((arg) => !arg.startsWith('-'));
  const known = subcommandsOf(name);
  if (known === undefined) return 'ociwrap';
  return known.includes(below) ? `ociwrap ${name} ${below}` : `ociwrap ${name}`;
}

/** What is wrong with the command that is asked for, if it is that. */
export function whyNoCommand(args: readonly string[]): string | undefined {
  const [name, below] = args.filter((arg) => !arg.startsWith('-'));
  if (name === undefined) return undefined;
  const known = subcommandsOf(name);
  if (known === undefined) return unknown('command', name, Object.keys(COMMANDS));
  return known.length === 0 || below === undefined || known.includes(below)
    ? undefined
    : unknown(`command of "${name}"`, below, known);
}

function unknown(what: string, word: string, known: readonly string[]): string {
  const meant = probablyMeant(word, known);
  const guess = meant === undefined ? '' : ` (did you mean ${quoted(meant)}?)`;
  return `${quoted(word)} is not a ${what}${guess}; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`;
}

function subcommandsOf(name: string): readonly string[] | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
}
