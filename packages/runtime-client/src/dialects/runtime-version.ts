import { DIALECT_NAMES, type DialectName } from './dialect-name.js';

/** What a runtime says of itself with `--version`. */
export interface RuntimeVersion {
  readonly dialect: DialectName;
  /** As the runtime writes it: `1.1.15+ds1` of runc, `0.0~20240729.0` of a packaged runsc. */
  readonly version?: string;
  /** The version of the runtime specification that it names. */
  readonly spec?: string;
  /** What crun was built with: `CRIU` of `+CRIU`. Empty where the runtime does not tell. */
  readonly builtWith: readonly string[];
  /** All that was printed. */
  readonly text: string;
}

/**
 * Reads what `RUNTIME --version` printed. A text of no runtime that is known gives the dialect `unknown`.
 *
 * The first line is `NAME version VERSION` of runc, crun and runsc, and `youki version VERSION` or `youki VERSION` of youki.
 *
 * @example
 * ```ts
 * import { parseRuntimeVersion } from '@opencontainers-ts/runtime-client';
 *
 * const { dialect, version, builtWith } = parseRuntimeVersion('crun version 1.21\nspec: 1.0.0\n+SECCOMP +CRIU\n');
 * console.log(dialect, version, builtWith); // crun 1.21 [ 'SECCOMP', 'CRIU' ]
 * ```
 */
export function parseRuntimeVersion(text: string): RuntimeVersion {
  const lines = text.split('\n').map((line) => line.trim());
  const [, name, version] =
    /^(\S+) (?:version )?(?:release-)?(\d\S*|VERSION_MISSING)$/.exec(lines[0] ?? '') ?? [];
  const dialect = DIALECT_NAMES.find((known) => known === name) ?? 'unknown';
  const spec = lines
    .find((line) => line.startsWith('spec:'))
    ?.slice('spec:'.length)
    .trim();
  const builtWith = lines
    .filter((line) => /^[+-][A-Z]/.test(line))
    .flatMap((line) => line.split(/\s+/))
    .filter((word) => word.startsWith('+'))
    .map((word) => word.slice(1));
  return {
    dialect,
    ...(version !== undefined && version !== 'VERSION_MISSING' && { version }),
    ...(spec !== undefined && spec !== '' && { spec }),
    builtWith,
    text,
  };
}
