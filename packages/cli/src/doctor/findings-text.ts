import type { Paint } from '../commands/output.js';
import { type Finding, LEVELS, type Level } from './finding.js';

const COLORS = { fault: 'red', warning: 'yellow', note: 'cyan', ok: 'green' } as const;

const WIDTH = Math.max(...LEVELS.map((level) => level.length));

/** Findings for people: one line each, the remedy at its end, and how many there are of each level below. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  const lines = findings.map(({ level, check, message, remedy }) => {
    const head = paint(COLORS[level], level.padEnd(WIDTH));
    return `${head}  ${check}: ${message}${remedy === undefined ? '' : `; ${remedy}`}`;
  });
  return `${[...lines, '', countsText(findings)].join('\n')}\n`;
}

/** `1 fault, 2 warnings, 12 ok`. */
export function countsText(findings: readonly Finding[]): string {
  const counts = LEVELS.flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${nameOf(level, count)}`];
  });
  return counts.join(', ');
}

function nameOf(level: Level, count: number): string {
  return level === 'ok' || count === 1 ? level : `${level}s`;
}
