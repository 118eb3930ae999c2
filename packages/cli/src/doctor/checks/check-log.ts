import { quoted } from '@opencontainers-ts/runtime-spec';

import { bytesText } from '../bytes-text.js';
import type { LogFacts } from '../facts/log-facts.js';
import type { Finding } from '../finding.js';

const MIB = 1024n * 1024n;

/** Less is used up by the records of a busy day, and by whatever else fills that file system. */
const LITTLE_SPACE = 100n * MIB;
const FEW_INODES = 100n;

/** A log that nobody rotates and that has grown to this size will fill the disk. */
const LARGE = 100n * MIB;

/** Whether decisions are recorded, and will be tomorrow. */
export function checkLog(facts: LogFacts): readonly Finding[] {
  const { file, unwritable, space, size, maxSize, exists, level } = facts;
  if (unwritable !== undefined) {
    return [
      {
        check: 'log',
        level: 'warning',
        message: `the log ${quoted(file)} cannot be written (${unwritable}): containers start, and nobody learns why one was refused`,
        remedy: 'make its folder, or name another file (log.file in /etc/ociwrap/config.toml)',
      },
    ];
  }
  const told = [...spaceFindings(facts), ...sizeFindings(facts)];
  if (told.length > 0) return told;
  const what = exists
    ? `${bytesText(size)}${maxSize > 0 ? ` of ${bytesText(BigInt(maxSize))}` : ''}`
    : 'not begun yet';
  const left = space === undefined ? '' : `; ${bytesText(space.freeBytes)} left on its file system`;
  return [{ check: 'log', level: 'ok', message: `${quoted(file)}: ${what}, level ${level}${left}` }];
}

function spaceFindings({ file, space }: LogFacts): readonly Finding[] {
  if (space === undefined) return [];
  const { freeBytes, freeInodes, inodes } = space;
  const isFull = freeBytes === 0n || (inodes > 0n && freeInodes === 0n);
  const isShort = freeBytes < LITTLE_SPACE || (inodes > 0n && freeInodes < FEW_INODES);
  if (!isShort) return [];
  const left =
    freeBytes < LITTLE_SPACE ? `${bytesText(freeBytes)} are left` : `${freeInodes} files can be made`;
  return [
    {
      check: 'log',
      level: isFull ? 'fault' : 'warning',
      message: `the file system of the log ${quoted(file)} is ${isFull ? 'full' : 'nearly full'}: ${left}`,
      remedy: 'make room there: what fills it hurts the whole node',
    },
  ];
}

function sizeFindings({ file, size, maxSize }: LogFacts): readonly Finding[] {
  if (maxSize > 0 || size < LARGE) return [];
  return [
    {
      check: 'log',
      level: 'warning',
      message: `the log ${quoted(file)} is ${bytesText(size)} large, and nothing rotates it`,
      remedy:
        'set log.max-size in /etc/ociwrap/config.toml, which is 10 MiB by default, or let logrotate do it',
    },
  ];
}
