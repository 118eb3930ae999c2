import { printable } from '@opencontainers-ts/runtime-spec';

/**
 * Log levels, least important first.
 *
 * @example
 * ```ts
 * import { LOG_LEVELS } from '@opencontainers-ts/cli';
 *
 * console.log(LOG_LEVELS.join(' < ')); // debug < info < warn < error
 * ```
 */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * What a log record may say. No environment, no argument list, no content of the spec beyond these; but what a rule that is only tried
 * would have given a container is told whole.
 */
export interface LogFields {
  /** The container, as the engine calls it towards the runtime. */
  readonly id?: string | undefined;
  /** The names that the engine's annotations give: of a container that some rule had to look at, and only from the engine itself. */
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  /** What the runtime was asked for; `rewrite` for `ociwrap rewrite`. */
  readonly verb?: string | undefined;
  readonly decision?: 'pass' | 'rewrite' | 'refuse' | undefined;
  /** What would have become of the call by rules that are only tried. */
  readonly audit?: 'rewrite' | 'refuse' | undefined;
  /** The JSON Patch that was applied to config.json, or that such rules would have applied, as far as it is short. */
  readonly patch?: string | undefined;
  /** Why a call passes. */
  readonly reason?: string | undefined;
  /** Why a call was refused: one of docs/errors.md, or a rule's own. */
  readonly code?: string | undefined;
  /** What to do about a refusal. */
  readonly hint?: string | undefined;
  /** The rule that refused. */
  readonly rule?: string | undefined;
  /** The rules that changed something, in order, separated by commas. */
  readonly rules?: string | undefined;
  /** The bundle folder, as the call names it. */
  readonly bundle?: string | undefined;
  /** The name of the volume that the root is on. */
  readonly volume?: string | undefined;
  /** Where that volume was to be mounted in the container. */
  readonly destination?: string | undefined;
  /** `root.path` after the rewrite. */
  readonly newRoot?: string | undefined;
  /** The CDI devices that were injected, separated by commas. */
  readonly cdiDevices?: string | undefined;
  /** The path of the real runtime. */
  readonly runtime?: string | undefined;
  /** Milliseconds from the start of the JavaScript engine to the record. */
  readonly durationMs?: number | undefined;
  /** The version of this program. */
  readonly version?: string | undefined;
}

/** One record of a log. */
export interface LogRecord extends LogFields {
  readonly time: Date;
  /** `warning` is how logrus, and so every reader of a runtime's log, spells `warn`. */
  readonly level: LogLevel | 'warning';
  readonly msg: string;
}

/**
 * One log record as one line. `json` is what containerd, CRI-O and podman read out of the file given by `--log`
 * (`level`, `msg`, and `time` in RFC 3339); `text` is the form that runc writes when no `--log-format` is given.
 *
 * Every record of this program is made here, so that the log of the wrapper, that of `ociwrap` and the record
 * in the runtime's own log can never differ in form, and so that no text from outside gets into one but through
 * `printable`: names of members too, for a rule chooses those of its facts.
 *
 * @returns the line with its line feed
 * @example
 * ```ts
 * import { formatRecord } from '@opencontainers-ts/cli';
 *
 * console.log(formatRecord({ time: new Date(0), level: 'error', msg: 'no volume' }, 'json'));
 * ```
 */
export function formatRecord(record: LogRecord, format: 'json' | 'text'): string {
  const { time, level, msg, ...fields } = record;
  if (format === 'json') {
    const line = JSON.stringify({ time: timeText(time), level, msg, ...fields });
    // Nearly every record: nothing in it is to be escaped, and so nothing of it needs a look of its own.
    if (PLAIN_RECORD.test(line)) return `${line}\n`;
  }
  const given = Object.entries({ level, msg, ...fields })
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        [printable(name), typeof value === 'number' ? value : printable(String(value))] as const,
    );
  const members = [['time', timeText(time)] as const, ...given];
  return format === 'json'
    ? `${JSON.stringify(Object.fromEntries(members))}\n`
    : `${members.map(([name, value]) => `${bareName(name)}=${quoteWhereNeeded(String(value))}`).join(' ')}\n`;
}

/** Printable ASCII, in which no character is escaped. */
const PLAIN_RECORD = /^[ -[\]-~]*$/;

/** A member's name can be quoted by no reader of logfmt: what would end it, or begin another member, is left out. */
export function bareName(name: string): string {
  return name.replace(/[\s="]/g, '');
}

/** What toISOString gives, which asks ICU for the machine's time zone, and that is a quarter of a millisecond each start. */
function timeText(time: Date): string {
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  const date = `${digits(time.getUTCFullYear(), 4)}-${digits(time.getUTCMonth() + 1, 2)}-${digits(time.getUTCDate(), 2)}`;
  const seconds = `${digits(time.getUTCSeconds(), 2)}.${digits(time.getUTCMilliseconds(), 3)}`;
  return `${date}T${digits(time.getUTCHours(), 2)}:${digits(time.getUTCMinutes(), 2)}:${seconds}Z`;
}

/** The quoting of logfmt: bare words stay bare, everything else becomes a JSON string, which holds no line feed. */
function quoteWhereNeeded(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}
