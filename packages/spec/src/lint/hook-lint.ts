import { quoted } from '../printable.js';
import { elementsOf, isAbsent, member, textOf, textsOf } from './json-view.js';
import type { LintTopic, Report } from './lint-topic.js';

const BEFORE_CREATED = ['prestart', 'createRuntime', 'createContainer'] as const;
const LATER = ['startContainer', 'poststart', 'poststop'] as const;

/** Hooks that run in the container's own namespaces, with files that the image brought. */
const INSIDE = new Set<string>(['createContainer', 'startContainer']);

/** Hooks (config.md, "POSIX-platform Hooks"). */
export const lintHooks: LintTopic = (spec, report) => {
  for (const kind of [...BEFORE_CREATED, ...LATER]) {
    const list = member(member(spec, 'hooks'), kind);
    for (const [index, hook] of elementsOf(list).entries()) {
      lintHook(kind, hook, ['hooks', kind, index], report);
    }
  }
};

function lintHook(kind: string, hook: unknown, path: readonly (string | number)[], report: Report): void {
  const program = textOf(member(hook, 'path')) ?? '';
  if (!program.startsWith('/')) {
    report('LINT_HOOK_PATH', [...path, 'path'], `${quoted(program)} is not an absolute path`);
  }
  const timeout = member(hook, 'timeout');
  if (timeout === 0) {
    report('LINT_HOOK_TIMEOUT_ZERO', [...path, 'timeout'], 'a timeout of 0 is over at once');
  } else if (typeof timeout === 'number' && timeout < 0) {
    report('LINT_HOOK_TIMEOUT_NEGATIVE', [...path, 'timeout'], `a timeout of ${timeout} is over at once`);
  }
  const env = member(hook, 'env');
  if (INSIDE.has(kind) && (isAbsent(env) || elementsOf(env).length === 0)) {
    const message = 'without env, older runtimes let the hook inherit the environment of the image';
    report('LINT_HOOK_ENV_MISSING', [...path, 'env'], message);
  }
  for (const [index, entry] of textsOf(env)) {
    if (entry.indexOf('=') < 1) {
      report('LINT_HOOK_ENV_FORM', [...path, 'env', index], `${quoted(entry)} is not of the form NAME=value`);
    }
  }
}
