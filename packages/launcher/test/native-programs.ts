import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** A program that puts questions, or inputs of its own, to the parts of the launcher: `native/launcher-parts.cc`. */
export function launcherParts(): string {
  parts ??= execFileSync(process.execPath, [join(packages, 'launcher/tools/build-launcher-parts.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  return parts;
}

let parts: string | undefined;
