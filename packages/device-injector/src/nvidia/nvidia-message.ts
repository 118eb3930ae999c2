import { goQuote } from '../go-quote.js';
import type { NvidiaProfile } from './profile.js';

/** A message of the hook on stderr, whether or not the hook continues. */
export interface NvidiaMessage {
  /** `current` writes a warning as a log record. Anything else is written as it is. */
  readonly level: 'info' | 'warning';
  readonly text: string;
}

/**
 * The line that upstream writes for a message.
 *
 * @param time - RFC 3339, for a log record
 *
 * @example
 * ```ts
 * import { nvidiaMessageLine } from '@opencontainers-ts/device-injector';
 *
 * const message = { level: 'warning', text: 'no such file' } as const;
 * console.log(nvidiaMessageLine(message, 'current', '2026-01-01T00:00:00Z'));
 * // time="2026-01-01T00:00:00Z" level=warning msg="no such file"
 * ```
 */
export function nvidiaMessageLine(
  { level, text }: NvidiaMessage,
  profile: NvidiaProfile,
  time: string,
): string {
  return level === 'warning' && profile === 'current'
    ? `time=${goQuote(time)} level=warning msg=${goQuote(text)}`
    : text;
}
