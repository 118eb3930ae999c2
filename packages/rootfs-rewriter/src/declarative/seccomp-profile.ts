import { type JsonObject, quoted, SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { Host } from '../planning/host.js';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';
import { messageOf } from '../planning/thrown-error.js';
import { exactSpec } from '../spec-edit/spec-tree.js';

/** A whole system call filter out of a file of the host. */
export function readSeccompProfile(path: string, host: Host): JsonObject {
  const bytes = host.readFile(path);
  if (bytes === undefined) throw bad(path, 'is not there');
  const profile = parse(bytes, path);
  if (typeof profile['defaultAction'] !== 'string') throw bad(path, 'has no defaultAction');
  // Docker's form chooses entries by architecture, kernel and capabilities as the engine starts the container.
  const entries: unknown = profile['syscalls'];
  const isDockers =
    Object.hasOwn(profile, 'archMap') ||
    (Array.isArray(entries) &&
      entries.some((entry) => Object.keys(Object(entry)).some((key) => /^(in|ex)cludes$/.test(key))));
  if (isDockers)
    throw bad(path, "is in Docker's form (archMap, includes, excludes), not in that of the runtime spec");
  return profile;
}

function parse(bytes: Uint8Array, path: string): JsonObject {
  try {
    const value = exactSpec(SpecDocument.parse(bytes, path));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw bad(path, `cannot be read: ${messageOf(error)}`);
  }
  throw bad(path, 'holds no JSON object');
}

function bad(path: string, what: string): Refuse {
  return refuse('ERR_RULE_SECCOMP_PROFILE', `the seccomp profile ${quoted(path)} ${what}`, { path });
}
