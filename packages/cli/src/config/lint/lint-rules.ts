import {
  declarativeRule,
  type Host,
  planRewrite,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';
import { sameJson } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { type JsonValue, quoted, SpecDocument } from '@opencontainers-ts/runtime-spec';

import { bytesOf } from '../../system/text.js';
import type { WrittenRule } from '../merge-config.js';
import type { ConfigLint } from './lint-values.js';

const REQUESTS = /^\/(?:var\/)?run\/nvidia-container-devices\//;

/** Mounts that a rule adds and that runtimes refuse: LINT_MOUNT_TYPE and LINT_MOUNT_BIND_OPTION of a spec. */
export function lintAddedMounts({ table, origin }: WrittenRule): readonly ConfigLint[] {
  const { add } = objectIn(objectIn(table['then'])['mounts']);
  return (Array.isArray(add) ? add : []).flatMap((mount, index): ConfigLint[] => {
    const { type = '', options, destination } = objectIn(mount);
    const names = Array.isArray(options) ? options : [];
    const hasKind =
      names.includes('bind') || names.includes('rbind') || !['', 'bind', 'none'].includes(String(type));
    // What asks for a device is taken away before the runtime sees it.
    if (hasKind || (typeof destination === 'string' && REQUESTS.test(destination))) return [];
    const says = type === '' ? 'has no type' : `has the type ${quoted(String(type))}`;
    const message = `the mount ${says} and neither the option "bind" nor "rbind": runc and crun refuse the container`;
    return [{ level: 'error', message, path: [...origin.path, 'then', 'mounts', 'add', index] }];
  });
}

/** The table that stands in a place; an empty one where there is something else. */
function objectIn(value: JsonValue | undefined): Readonly<Record<string, JsonValue>> {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isTable ? (value as Readonly<Record<string, JsonValue>>) : {};
}

/** A rule without its condition, so that only what it does counts. */
interface Unconditional {
  readonly written: WrittenRule;
  readonly rule: Rule;
  readonly conditions: readonly JsonValue[];
}

/** A conflict that every container runs into which one of two rules is about. */
export interface RuleConflict extends ConfigLint {
  readonly file: string;
}

/**
 * Pairs of rules of which the one never acts without the other, and which set one place to two values. What rules do is
 * tried on a spec that has nothing, and so everything is theirs to add.
 */
export function lintConflicts(rules: readonly WrittenRule[]): readonly RuleConflict[] {
  const known = rules.flatMap((written) => unconditional(written) ?? []);
  return known.flatMap((second, index) =>
    known.slice(0, index).flatMap((first): RuleConflict[] => {
      const why = together(first, second);
      const place = why === undefined ? undefined : conflictOf(first.rule, second.rule);
      if (place === undefined) return [];
      const message = `${why}, and both set ${quoted(place)}, to different values: each such container is refused (ERR_RULE_CONFLICT); correct one of them, or give the one that shall win "override = true" and the later place`;
      const { file, path } = second.written.origin;
      return [{ level: 'error', message, file, path }];
    }),
  );
}

function unconditional(written: WrittenRule): Unconditional | undefined {
  const { when, ...rest } = written.table;
  if ('use' in rest || 'module' in rest) return undefined;
  try {
    const rule = declarativeRule(rest as unknown as RuleDefinition);
    return { written, rule, conditions: conditionsOf(when) };
  } catch (error) {
    // It is told as a fault.
    if ((error as { readonly code?: unknown }).code === 'ERR_RULE_INVALID') return undefined;
    throw error;
  }
}

/** All that must hold, one by one. A condition in another form is told as a fault. */
function conditionsOf(when: JsonValue | undefined): readonly JsonValue[] {
  const { all, ...others } = objectIn(when);
  return [...Object.entries(others), ...(Array.isArray(all) ? all : []).flatMap(conditionsOf)];
}

/** How it comes that one rule never acts without the other. */
function together(first: Unconditional, second: Unconditional): string | undefined {
  const isPart = (some: readonly JsonValue[], all: readonly JsonValue[]) =>
    some.every((one) => all.some((other) => sameJson(one, other)));
  const name = quoted(first.rule.name);
  if (isPart(first.conditions, second.conditions)) return `wherever it acts, ${name} has acted before`;
  if (isPart(second.conditions, first.conditions)) return `it acts wherever ${name} has acted before`;
  return undefined;
}

const EMPTY = '{"ociVersion":"1.0.0","process":{"args":["a"],"cwd":"/"},"root":{"path":"r"}}';

function conflictOf(first: Rule, second: Rule): string | undefined {
  const document = SpecDocument.parse(bytesOf(EMPTY));
  const { refusal } = planRewrite(document, [first, second], { verb: 'create', bundle: '/' }, NOTHING);
  const place = refusal?.code === 'ERR_RULE_CONFLICT' ? refusal.details?.['path'] : undefined;
  return typeof place === 'string' ? place : undefined;
}

/** A machine of which nothing is known: a rule that needs to look at it is refused, which is no conflict. */
const NOTHING: Host = {
  lstat: () => undefined,
  realpath: () => undefined,
  readFile: () => undefined,
  readDirectory: () => undefined,
  mountInfo: () => [],
  resolveBeneath: (_, path) => {
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  },
};
