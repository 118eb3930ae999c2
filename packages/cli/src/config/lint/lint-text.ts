import { quoted } from '@opencontainers-ts/runtime-spec';

/** What a check of the configuration tells beside faults: `error` for what can never do what it says. */
export interface TextLint {
  readonly level: 'error' | 'warning';
  readonly message: string;
}

/** Blanks at an end, which nobody sees, and control characters. */
export function lintText(text: string, level: TextLint['level']): readonly TextLint[] {
  if (text !== text.trim()) return [{ level, message: `${quoted(text)} begins or ends with a blank` }];
  // A script in an argument has lines.
  const control = level === 'warning' ? /(?![\n\t])\p{Cc}/u : /\p{Cc}/u;
  return control.test(text) ? [{ level, message: `${quoted(text)} has a control character in it` }] : [];
}

/**
 * What in an absolute path stands for itself, though its author most probably meant something else by it: nothing here
 * is a pattern, and no shell looks at it.
 *
 * @param isFile - it names a file, not a folder
 */
export function lintPath(path: string, isFile: boolean): readonly TextLint[] {
  if (!path.startsWith('/')) return [];
  const error = (message: string): readonly TextLint[] => [{ level: 'error', message }];
  const warning = (message: string): readonly TextLint[] => [{ level: 'warning', message }];
  const [pattern] = /[*?]|\[[^/]*\]|\{[^/]*,[^/]*\}/.exec(path) ?? [];
  if (pattern !== undefined) {
    return error(
      `${quoted(path)} is not a pattern: ${quoted(pattern)} stands for itself; name each path in full`,
    );
  }
  const [variable] = /\$\{?[A-Za-z_]\w*\}?|\$\(|%[A-Za-z]/.exec(path) ?? [];
  if (variable !== undefined) {
    return error(`${quoted(path)} stands as it is: ${quoted(variable)} is not replaced by anything`);
  }
  if (path.includes('/~')) return error(`${quoted(path)} stands as it is: "~" is nobody's home here`);
  if (isFile && path.endsWith('/')) return error(`${quoted(path)} names a folder, for it ends with "/"`);
  if (path.split('/').includes('..')) {
    return warning(`${quoted(path)} climbs with "..": where a symlink stands before it, it leads elsewhere`);
  }
  return /\/\/|\/\.(?:\/|$)|.\/$/.test(path)
    ? warning(
        `${quoted(path)} is not in its shortest form: take out doubled slashes, "/./" and one at the end`,
      )
    : [];
}
