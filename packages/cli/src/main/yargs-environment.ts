import type { World } from '../commands/world.js';

let current: World['env'] = {};

/** Lets yargs see the environment of a call, where it runs in an engine that has no `process.env`. */
export function useYargsEnvironment(env: World['env']): void {
  current = env;
}

/** A variable of that environment: by SHELL and ZSH_NAME yargs knows the shell that it completes words for. */
export function yargsEnvironment(name: string): string | undefined {
  return current[name];
}
