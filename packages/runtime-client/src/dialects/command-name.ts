/** The commands of runtimes that the client calls. */
export const COMMAND_NAMES = [
  'create',
  'start',
  'run',
  'state',
  'exec',
  'kill',
  'delete',
  'pause',
  'resume',
  'ps',
  'list',
  'events',
  'update',
  'checkpoint',
  'restore',
  'features',
] as const;

/** A command of a runtime, by the name that it has on the command line. */
export type CommandName = (typeof COMMAND_NAMES)[number];
