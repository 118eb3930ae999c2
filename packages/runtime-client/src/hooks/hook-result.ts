import { quoted } from '@opencontainers-ts/runtime-spec';

import type { RuntimeClientError } from '../runtime-client-error.js';
import type { HookStage } from './hook-stage.js';

/** What a hook has written to stdout or to stderr. */
export interface HookOutput {
  /** The beginning, as UTF-8; what is none of it is U+FFFD. */
  readonly text: string;
  /** How many bytes it wrote until it ended. */
  readonly size: number;
  /** Whether `text` lacks what came after the bound. */
  readonly isCut: boolean;
}

/** How a hook ended. */
export type HookEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** It took longer than its timeout, and was killed. */
  | { readonly kind: 'timed-out' }
  /** The caller gave up, and it was killed. */
  | { readonly kind: 'aborted' }
  /** There was nothing to start, or the kernel did not start it. */
  | { readonly kind: 'not-started'; readonly why: string }
  /** It was not tried: a hook before it failed, or the caller gave up. */
  | { readonly kind: 'skipped' };

/** What came of one hook. */
export interface HookRun {
  /** Its place in the list, from 0. */
  readonly index: number;
  /** As `config.json` has it; empty where that is no text. */
  readonly path: string;
  readonly end: HookEnd;
  /** How long it ran. */
  readonly milliseconds: number;
  readonly stdout: HookOutput;
  readonly stderr: HookOutput;
}

/** What came of the hooks of a stage. */
export interface HooksRun {
  readonly stage: HookStage;
  /**
   * `succeeded`: all of them did. `failed`: one did not, and the command of the runtime has to fail. `warned`: some did not, and the
   * specification lets the container go on. `aborted`: the caller gave up.
   */
  readonly outcome: 'succeeded' | 'failed' | 'warned' | 'aborted';
  /** Each of the list, in its order. */
  readonly hooks: readonly HookRun[];
  /** `ERR_HOOK_FAILED` for each that failed. */
  readonly failures: readonly RuntimeClientError[];
}

/** Of a hook that wrote nothing. */
export const NO_OUTPUT: HookOutput = { text: '', size: 0, isCut: false };

/** Whether a hook ended as it should. */
export const hasSucceeded = ({ end }: HookRun): boolean => end.kind === 'exited' && end.exitCode === 0;

/**
 * How a hook ended, in words: `ended with exit status 7`.
 *
 * @example
 * ```ts
 * import { hookEndText } from '@opencontainers-ts/runtime-client';
 *
 * console.log(hookEndText({ kind: 'exited', exitCode: 7 })); // ended with exit status 7
 * ```
 */
export function hookEndText(end: HookEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with exit status ${end.exitCode}`;
    case 'signalled':
      return `was killed by ${end.signal}`;
    case 'timed-out':
      return 'took longer than its timeout, and was killed';
    case 'aborted':
      return 'was killed, because the run was aborted';
    case 'not-started':
      return `was not started: ${end.why}`;
    case 'skipped':
      return 'was not tried';
  }
}

/** The hook and its end as a sentence: `prestart hook 0 ("/bin/x") ended with exit status 7`. */
export function hookRunText(stage: string, { index, path, end }: HookRun): string {
  return `${stage} hook ${index} (${quoted(path)}) ${hookEndText(end)}`;
}
