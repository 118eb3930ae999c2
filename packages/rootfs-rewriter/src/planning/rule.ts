import type { JsonPatch, JsonValue, SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { ErrorDetails } from '../rewriter-error.js';
import type { Host, PinnedPath } from './host.js';
import type { HostAction } from './host-action.js';

/** The call of the container engine that a rule is asked about. */
export interface Call {
  /** The verbs of a runtime that read `config.json`. */
  readonly verb: 'create' | 'run' | 'restore';
  /** The bundle folder. Relative paths in the spec are relative to it. */
  readonly bundle: string;
  /** The runtime that will be started, where it is known; `realPath`: without a symlink in it. See `runtimeKind`. */
  readonly runtime?: { readonly path: string; readonly realPath?: string };
}

/** The first condition of a rule that did not hold. */
export interface RuleFailure {
  readonly kind: 'failed-condition';
  /** JSON Pointer into the definition of the rule, or what it would be for a rule that is code: `/when/annotation/equals`. */
  readonly condition: string;
  /** What it asks for; `null` where something must not be there. */
  readonly expected: JsonValue;
  /** What the spec or the call has; `null` where it is not there. */
  readonly found: JsonValue;
}

/** The rule leaves the spec as it is. */
export interface Pass {
  readonly kind: 'pass';
  /** Why, for the trace: `sandbox container`. */
  readonly reason: string;
  /** The condition that did not hold, where the rule has conditions. */
  readonly because?: RuleFailure;
  /** See {@link Rewrite.holds}: the spec has there already what the rule wants. */
  readonly holds?: readonly string[];
  /** Paths that the decision rests on, although nothing is written. */
  readonly pins?: readonly PinnedPath[];
  /** See {@link Rewrite.actions}. */
  readonly actions?: readonly HostAction[];
  /** See {@link Rewrite.warnings}. */
  readonly warnings?: readonly string[];
}

/** The container must not start. */
export interface Refuse {
  readonly kind: 'refuse';
  /** A stable name of the reason, such as `ERR_VOLUME_NOT_FOUND`: rules bring codes of their own. */
  readonly code: string;
  /** One line, lower-case, no full stop; foreign text in it went through `quoted` of runtime-spec. */
  readonly message: string;
  /** What to do about it, in the same form. */
  readonly hint?: string;
  readonly details?: ErrorDetails;
}

/** The spec is changed. */
export interface Rewrite {
  readonly kind: 'rewrite';
  /** What the patch does, for the trace. */
  readonly note: string;
  /** RFC 6902, naming the smallest places: `remove /mounts/3`, never `replace /mounts`. */
  readonly patch: JsonPatch;
  /**
   * Places that the rule decides about, whether or not its patch had to change them: JSON Pointers in which elements
   * of keyed lists go by their key (`/process/env/PATH`, `/mounts/~1sys/options/ro`). A later rule that changes one
   * of them, or one that the patch changed, conflicts with this one.
   */
  readonly holds?: readonly string[];
  /**
   * Places, named as in `holds`, that were a request to this rule: that it takes them away is no conflict with the rule
   * that put them there.
   */
  readonly consumes?: readonly string[];
  /** Paths that the decision rests on. */
  readonly pins?: readonly PinnedPath[];
  /** What is to be done on the machine before the container starts, in order. */
  readonly actions?: readonly HostAction[];
  /** What the operator should know although the container starts. */
  readonly warnings?: readonly string[];
  /** For the log record: `volume`, `newRoot`, ... */
  readonly facts?: Readonly<Record<string, string>>;
}

/** What a rule says about one spec. */
export type Outcome = Pass | Refuse | Rewrite;

/**
 * A rewrite rule: a pure function of the spec, the call and the host. The same input gives the same output; no
 * clock, no environment, no I/O but {@link Host}.
 */
export interface Rule {
  /** What the trace, the log and messages call the rule. */
  readonly name: string;
  /**
   * Texts of which one must occur in `config.json` (escapes decoded) for the rule to act. Calls without any of them
   * are let through unparsed, so name something that runtimes compare exactly, such as an annotation key: a field
   * name would not do, since Go also accepts it in other spellings. `every-create`: look at every call.
   */
  readonly triggers: readonly string[] | 'every-create';
  /**
   * JSON pointers of the subtrees that `evaluate` reads. Where one of them, or an object above, could be read in
   * two ways, the engine refuses and `evaluate` is not called.
   */
  readonly reads: readonly string[];
  /** The rule may change what rules before it have set; without it, that is a conflict (`ERR_RULE_CONFLICT`). */
  readonly override?: boolean;
  /**
   * The annotation that `key` asks this rule by: `key` itself where it does, another where `key` is probably a slip of
   * that, else `undefined`. Slips are told in the warnings of the plan. Only a
   * rule that is vouched for (`trustedRule`) is asked.
   */
  meantBy?(key: string): string | undefined;
  /**
   * Texts that a slip in the trigger leaves in `config.json`. A call in which one of them occurs, and no trigger, is
   * looked at for the warning alone, and passes whatever is wrong with it. It costs what a triggered call costs, so name
   * what other containers do not have.
   */
  readonly slipTexts?: readonly string[];
  /** Whether any reading of the document (`SpecDocument.readings`) carries the trigger. */
  claims(document: SpecDocument): boolean;
  /**
   * Why the rule does not act on a document that it does not claim, for the trace. Nothing rests on it: the document
   * may be one that can be read in two ways.
   */
  whyNot?(document: SpecDocument, call: Call): Pass | undefined;
  /**
   * Decides. It is asked only where `claims` said yes and what `reads` names can be read in one way only. What it
   * throws becomes a refusal: `ERR_HOST_UNREADABLE` for an errno error of the host, else `ERR_RULE_CRASHED`.
   */
  evaluate(document: SpecDocument, call: Call, host: Host): Outcome;
}
