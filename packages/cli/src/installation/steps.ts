import { printable } from '@opencontainers-ts/runtime-spec';
import type { InstalledVersion, Manifest } from './manifest.js';

/** What one step does. Each is atomic, or can be done again from its beginning. */
export type Step =
  | { readonly do: 'make-folder'; readonly path: string }
  /** The folder gets its name when the program in it is whole; one that is damaged gets another program. */
  | { readonly do: 'write-version'; readonly path: string; readonly version: InstalledVersion }
  | { readonly do: 'write-manifest'; readonly path: string; readonly manifest: Manifest }
  /** A symlink, renamed over what is there. */
  | { readonly do: 'link'; readonly path: string; readonly target: string }
  /** The program gets its second name; one that had it goes. */
  | { readonly do: 'keep-original'; readonly path: string; readonly original: string }
  | { readonly do: 'restore'; readonly path: string; readonly original: string }
  | { readonly do: 'write-configuration'; readonly path: string; readonly checksum: string }
  | { readonly do: 'remove-file'; readonly path: string }
  /** With all that is in it. */
  | { readonly do: 'remove-tree'; readonly path: string }
  /** If nothing is in it. */
  | { readonly do: 'remove-folder'; readonly path: string };

/** A step for people: what was done, or would be. */
export function stepText(step: Step): string {
  return printable(wordsOf(step));
}

function wordsOf(step: Step): string {
  switch (step.do) {
    case 'make-folder':
      return `make the folder ${step.path}`;
    case 'write-version':
      return `write the program of ${step.version.name} into ${step.path}`;
    case 'write-manifest':
      return `write ${step.path}`;
    case 'link':
      return `link ${step.path} to ${step.target}`;
    case 'keep-original':
      return `keep ${step.path} as ${step.original}`;
    case 'restore':
      return `put ${step.original} back to ${step.path}`;
    case 'write-configuration':
      return `write the configuration ${step.path}`;
    case 'remove-file':
      return `remove ${step.path}`;
    case 'remove-tree':
      return `remove ${step.path} with all that is in it`;
    case 'remove-folder':
      return `remove the folder ${step.path} if it is empty`;
  }
}
