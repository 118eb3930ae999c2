import { type JsonObject, quoted } from '@opencontainers-ts/runtime-spec';
import type { HookEntry, HookListEdit, HooksEdit } from '../../generated/rule-definition.js';
import type { Host } from '../../planning/host.js';
import { refuse } from '../../planning/refuse.js';
import { putByKey } from '../../spec-edit/keyed-list.js';
import { hookKey } from '../../spec-edit/keyed-lists.js';
import { objectsAt, textOf, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

/** In the order in which a runtime runs them. */
const KINDS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const;
type Kind = (typeof KINDS)[number];

// Runtimes run these two with the container's environment where the hook has none of its own: the image could name a
// library in LD_PRELOAD that the host's program then loads as root (CVE-2025-23266).
const INHERITS: ReadonlySet<Kind> = new Set(['createContainer', 'startContainer']);
const OWN_ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

const keyOf = (hook: JsonObject) => hookKey(hook) ?? '';

/** Changes the hooks. */
export const thenHooks: EditKind<HooksEdit> = {
  reads: (edit) => KINDS.filter((kind) => edit[kind] !== undefined).map((kind) => `/hooks/${kind}`),
  holds: (edit) =>
    KINDS.flatMap((kind) => {
      const { remove = [], prepend = [], append = [] } = edit[kind] ?? {};
      const keys = [...prepend, ...append].map((entry) => keyOf(hookOf(kind, entry)));
      return placesIn(['hooks', kind], [...remove, ...keys]);
    }),
  apply: (spec, edit, host) => {
    checkPresent(edit, host);
    return KINDS.reduce((before, kind) => changeList(before, kind, edit[kind] ?? {}), spec);
  },
};

function changeList(spec: JsonObject, kind: Kind, edit: HookListEdit): JsonObject {
  const { remove = [], prepend = [], append = [] } = edit;
  const path = ['hooks', kind];
  const appended = append.map((entry) => hookOf(kind, entry));
  const prepended = prepend.map((entry) => hookOf(kind, entry));
  const wanted = new Set([...prepended, ...appended].map(keyOf));
  const kept = objectsAt(spec, path).filter(
    (hook) => !remove.includes(textOf(hook, 'path', path)) || wanted.has(keyOf(hook)),
  );
  const present = new Set(kept.map(keyOf));
  const isNew = (hook: JsonObject) => !present.has(keyOf(hook));
  const put = (before: readonly JsonObject[], hook: JsonObject) => putByKey(before, hook, keyOf);
  const front = prepended.filter(isNew).reduce(put, []);
  return withList(
    spec,
    path,
    [...prepended.filter((hook) => !isNew(hook)), ...appended].reduce(put, [...front, ...kept]),
  );
}

function hookOf(kind: Kind, { path, args, env, timeout }: HookEntry): JsonObject {
  const own = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`);
  const given = own.length === 0 && INHERITS.has(kind) ? OWN_ENV : own;
  return {
    path,
    ...(args === undefined ? {} : { args }),
    ...(given.length === 0 ? {} : { env: given }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

function checkPresent(edit: HooksEdit, host: Host): void {
  const required = KINDS.flatMap((kind) =>
    [...(edit[kind]?.prepend ?? []), ...(edit[kind]?.append ?? [])].filter(({ require }) => require === true),
  );
  const missing = required.filter(({ path }) => !isFile(path, host)).map(({ path }) => path);
  if (missing.length === 0) return;
  throw refuse(
    'ERR_RULE_HOOK_MISSING',
    `the host lacks a program that it adds as a hook: ${missing.map(quoted).join(', ')}`,
    { paths: missing },
  );
}

function isFile(path: string, host: Host): boolean {
  const real = host.realpath(path);
  return real !== undefined && host.lstat(real)?.type === 'file';
}
