import type { Rule } from '@opencontainers-ts/rootfs-rewriter';

import { fnv1a } from '../system/fnv1a.js';
import { bytesOf, joinBytes } from '../system/text.js';

/** What of a file changes when the file does. */
export interface FileStamp {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly ctimeNs: bigint;
}

/** A file, folder or symlink that the rules depend on, as lstat(2) saw it before they were read; without `stamp` it was not there. */
export interface WatchedFile {
  readonly path: string;
  readonly stamp?: FileStamp;
}

/** What a table says, and what it was computed from. */
export interface FastPathTable {
  readonly launcher: FileStamp;
  readonly watched: readonly WatchedFile[];
  /** Undefined when no search can tell that nothing is to be rewritten: every `create` is for the engine. */
  readonly triggers: readonly string[] | undefined;
}

const FORMAT = 'ociwrap-fast-path 2';

// The launcher has room for this much (fast-path-table.h of packages/launcher, trigger-scan.h).
const MAX_SIZE = 16 * 1024;
const MAX_TRIGGERS = 64;
const MAX_PATH = 4095;

/**
 * A text that raw bytes can be searched for: each of these characters has one spelling in JSON but for `\u` escapes and
 * `\/`, which the launcher knows, and no encoder escapes them by habit.
 */
const PLAIN_TRIGGER = /^[A-Za-z0-9 ._/:@=~+-]{1,256}$/;

/**
 * The texts of which one must occur for any rule to act, or for one to know its trigger in a misspelt one; undefined when
 * no search can tell. A text that has another one in it need not be searched for.
 */
export function plainTriggers(
  rules: readonly Pick<Rule, 'triggers' | 'slipTexts'>[],
): readonly string[] | undefined {
  const triggers = rules.flatMap((rule) => (rule.triggers === 'every-create' ? [''] : rule.triggers));
  if (!triggers.every((trigger) => PLAIN_TRIGGER.test(trigger))) return undefined;
  const slips = rules.flatMap(({ slipTexts = [] }) => slipTexts).filter((text) => PLAIN_TRIGGER.test(text));
  const all = shortest([...triggers, ...slips]);
  // Nothing but a warning depends on the slips, and all calls would have to do without a table.
  return all.length > MAX_TRIGGERS ? shortest(triggers) : all;
}

function shortest(texts: readonly string[]): readonly string[] {
  const once = [...new Set(texts)];
  return once.filter((text) => !once.some((other) => other !== text && text.includes(other)));
}

/**
 * The bytes of a table: lines, of which the launcher compares the stamps as they stand. The sum at the end tells a file
 * that is not whole; who may write one is for owner and mode to say.
 *
 * @returns undefined when the launcher would not believe it: too long, too many, a path of more than one line
 */
export function encodeTable(
  { launcher, watched, triggers }: FastPathTable,
  checksum = fnv1a,
): Uint8Array | undefined {
  const lines = [
    FORMAT,
    `launcher ${stampText(launcher)}`,
    ...watched.map(({ path, stamp }) =>
      stamp === undefined ? `absent ${path}` : `present ${stampText(stamp)} ${path}`,
    ),
    ...(triggers?.map((trigger) => `trigger ${trigger}`) ?? ['every create']),
  ];
  if ((triggers?.length ?? 0) > MAX_TRIGGERS || !watched.every(({ path }) => isPlainPath(path)))
    return undefined;
  const body = bytesOf(lines.map((line) => `${line}\n`).join(''));
  const table = joinBytes([body, bytesOf(`end ${checksum(body)}\n`)]);
  return table.length > MAX_SIZE ? undefined : table;
}

function isPlainPath(path: string): boolean {
  return path.startsWith('/') && !/[\n\0\ufffd]/.test(path) && bytesOf(path).length <= MAX_PATH;
}

function stampText({ dev, ino, size, ctimeNs }: FileStamp): string {
  return `${dev} ${ino} ${size} ${ctimeNs}`;
}
