import { printable } from '@opencontainers-ts/runtime-spec';
import type { Paint } from '../output.js';

/** A unified diff as lines for a terminal: printable, with colours where they are wanted. */
export function paintDiff(diff: string, paint: Paint): string[] {
  const lines = diff === '' ? [] : diff.trimEnd().split('\n');
  return lines.map((raw) => {
    const line = printable(raw);
    if (/^(?:---|\+\+\+) /.test(line)) {
      return paint('bold', line);
    }
    const color = ({ '+': 'green', '-': 'red', '@': 'cyan' } as const)[line[0] ?? ''];
    return color === undefined ? line : paint(color, line);
  });
}
