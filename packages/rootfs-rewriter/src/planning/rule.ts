import type { JsonPatch, JsonValue, SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { ErrorDetails } from '../rewriter-error.js';
import type { Host, PinnedPath } from './host.js';
import type { HostAction } from './host-action.js';

/** The call of the container engine for which a rule is evaluated. */
export interface Call {
  /** The verbs of a runtime that read `config.json`. */
  readonly verb: 'create' | 'run' | 'restore';
  /** The absolute path of the bundle folder, which relative paths in the spec are relative to. */
  readonly bundle: string;
  /** The runtime that will be started, if known; `realPath` has all symlinks resolved. See `runtimeKind`. */
  readonly runtime?: { readonly path: string; readonly realPath?: string };
}

/** The first condition of a rule that was not met. */
export interface RuleFailure {
  readonly kind: 'failed-condition';
  /** JSON Pointer into the definition of the rule, or what it would be if the rule is code: `/when/annotation/equals`. */
  readonly condition: string;
  /** The value that it requires; `null` if the member must be absent. */
  readonly expected: JsonValue;
  /** The value in the spec or the call; `null` if absent. */
  readonly found: JsonValue;
}

/** The rule does not change the spec. */
export interface Pass {
  readonly kind: 'pass';
  /** Why, for the trace: `sandbox container`. */
  readonly reason: string;
  /** The condition that was not met, if the rule has conditions. */
  readonly because?: RuleFailure;
  /** See {@link Rewrite.holds}: the spec already has there what the rule wants. */
  readonly holds?: readonly string[];
  /** Paths that the decision depends on, although nothing is written. */
  readonly pins?: readonly PinnedPath[];
  /** See {@link Rewrite.actions}. */
  readonly actions?: readonly HostAction[];
  /** See {@link Rewrite.warnings}. */
  readonly warnings?: readonly string[];
}

/** The container must not start. */
export interface Refuse {
  readonly kind: 'refuse';
  /** A stable name of the reason, such as `ERR_VOLUME_NOT_FOUND`. A rule may have codes of its own. */
  readonly code: string;
  /** One lower-case line without a full stop. Quote text from outside with `quoted` of runtime-spec. */
  readonly message: string;
  /** What to do about it, in the same form. */
  readonly hint?: string;
  readonly details?: ErrorDetails;
}

/** The rule changes the spec. */
export interface Rewrite {
  readonly kind: 'rewrite';
  /** What the patch does, for the trace. */
  readonly note: string;
  /** RFC 6902 operations on the smallest possible places: `remove /mounts/3`, never `replace /mounts`. */
  readonly patch: JsonPatch;
  /**
   * Places that the rule decides about, whether or not its patch had to change them: JSON Pointers in which the elements of
   * keyed lists are named by their key (`/process/env/PATH`, `/mounts/~1sys/options/ro`). A later rule that changes one of
   * them, or one that the patch changed, conflicts with this rule.
   */
  readonly holds?: readonly string[];
  /**
   * Places, named as in `holds`, that were a request to this rule. To remove them is not a conflict with the rule that
   * added them.
   */
  readonly consumes?: readonly string[];
  /** Paths that the decision depends on. */
  readonly pins?: readonly PinnedPath[];
  /** What to do on the machine before the container starts, in order. */
  readonly actions?: readonly HostAction[];
  /** What the operator should know, although the container starts. */
  readonly warnings?: readonly string[];
  /** For the log record: `volume`, `newRoot`, ... */
  readonly facts?: Readonly<Record<string, string>>;
}

/** What a rule returns for a spec. */
export type Outcome = Pass | Refuse | Rewrite;

/**
 * A rewrite rule: a pure function of the spec, the call and the host. The same input gives the same output: no clock, no
 * environment, no I/O except {@link Host}.
 */
export interface Rule {
  /** The name of the rule in the trace, the log and messages. */
  readonly name: string;
  /**
   * Texts of which at least one must occur in `config.json` (with escapes decoded) for the rule to act. Calls without any of
   * them pass without being parsed, so name something that runtimes compare exactly, such as an annotation key. A field
   * name would be wrong, since Go also accepts other spellings of it. `every-create`: the rule sees every call.
   */
  readonly triggers: readonly string[] | 'every-create';
  /**
   * JSON pointers of the subtrees that `evaluate` reads. If one of them, or an object above it, is ambiguous, the engine
   * refuses and does not call `evaluate`.
   */
  readonly reads: readonly string[];
  /** Whether the rule may change what earlier rules set. Without it, that is a conflict (`ERR_RULE_CONFLICT`). */
  readonly override?: boolean;
  /**
   * Whether the rule is only tried: it is asked, and what would come of it is told (`Plan.audit`), but nothing is changed, done
   * or refused on its account.
   */
  readonly audit?: boolean;
  /**
   * The annotation of this rule that `key` is or was probably meant to be: `key` itself if it is one, another one if `key`
   * looks like a misspelling of it, otherwise `undefined`. The plan warns of misspellings. Only called for trusted rules
   * (`trustedRule`).
   */
  meantBy?(key: string): string | undefined;
  /**
   * Texts that occur in `config.json` if the trigger is misspelt. A call that contains one of them, but no trigger, is
   * examined for the warning only, and passes whatever is wrong with it. It takes as long as a call with a trigger, so
   * choose texts that do not occur in other containers.
   */
  readonly slipTexts?: readonly string[];
  /** Whether any reading of the document (`SpecDocument.readings`) carries the trigger. */
  claims(document: SpecDocument): boolean;
  /**
   * Why the rule does not act on a document that it does not claim, for the trace. Nothing depends on it: the document may be
   * ambiguous.
   */
  whyNot?(document: SpecDocument, call: Call): Pass | undefined;
  /**
   * Decides. It is called only if `claims` returned true and everything in `reads` is unambiguous. What it throws becomes a
   * refusal: `ERR_HOST_UNREADABLE` for an errno error of the host, otherwise `ERR_RULE_CRASHED`.
   */
  evaluate(document: SpecDocument, call: Call, host: Host): Outcome;
}
