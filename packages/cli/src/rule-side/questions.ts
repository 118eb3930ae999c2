import type { Call } from '@opencontainers-ts/rootfs-rewriter';
import type { JsonValue } from '@opencontainers-ts/runtime-spec';

/** What the rule side is asked, as {@link toWire} sends it. */
export type Question =
  /** Of a promise: keep it as that of the module, whose code is called `file` in a stack of calls. */
  | { readonly ask: 'take'; readonly file: string }
  /** Call what the module exports under that name. */
  | { readonly ask: 'make'; readonly name: string; readonly options: Readonly<Record<string, JsonValue>> }
  /** The rule that came of it. */
  | { readonly ask: 'rule' }
  /** Of bytes: keep them as the document that is asked about from now on. */
  | { readonly ask: 'document'; readonly name: string }
  | { readonly ask: 'claims' }
  | { readonly ask: 'whyNot'; readonly call: Call }
  | { readonly ask: 'evaluate'; readonly call: Call };

/** What the rule side says of a module that is no good. */
export interface ModuleFault {
  /** The rest of a sentence about the module. */
  readonly fault: string;
}

/** What is known of a rule without its code. */
export interface RuleAbout {
  readonly name: string;
  readonly triggers: readonly string[] | 'every-create';
  readonly reads: readonly string[];
  readonly override?: boolean;
  readonly hasWhyNot: boolean;
}

/** What the rule side asks of the outside, as {@link toWire} sends it. */
export type OutsideQuestion =
  /** A call of a function of the host; an answer that is bytes comes as bytes. */
  | { readonly ask: 'host'; readonly name: string; readonly args: readonly unknown[] }
  /** Something was written to the console. */
  | { readonly ask: 'tell'; readonly text: string };

/** What the outside says of a call of the host. */
export type HostAnswer = { readonly value?: unknown } | { readonly error: HostError };

/** What an error says, beside its message. */
export interface HostError {
  readonly message: string;
  readonly code?: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly path?: string;
  readonly hint?: string;
}
