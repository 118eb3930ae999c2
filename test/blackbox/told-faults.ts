import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const TOLD = '/run/ociwrap-told';

/** The marks that are left where it was told that a file cannot be written; tests of other files have marks of their own. */
export function toldMarks(file: string): readonly string[] {
  const names = existsSync(TOLD) ? readdirSync(TOLD) : [];
  return names.map((name) => join(TOLD, name)).filter((path) => fileOf(path) === file);
}

/** As if nothing had been told of a file. */
export function forgetTold(file: string): void {
  for (const path of toldMarks(file)) rmSync(path, { force: true });
}

function fileOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).file;
  } catch {
    return undefined; // another test's, and gone, or not whole yet
  }
}
