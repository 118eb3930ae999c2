import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import type { Finding } from '../finding.js';

/** A handler of an engine: a name by which it calls a program as its runtime. */
export interface HandlerFacts {
  readonly name: string;
  /** Undefined where the engine looks for one by itself. */
  readonly program?: string;
  readonly isOurs: boolean;
  readonly isDefault: boolean;
  /** Patterns of the annotations of a pod that reach the runtime (path.Match of Go). */
  readonly podAnnotations: readonly string[];
  /** The file that says so. */
  readonly path: string;
  /** Whether the program can be executed; of one that the engine looks for by itself, nobody has asked. */
  readonly programFound?: boolean;
}

/** An engine of a node, and how it calls us. */
export interface EngineFacts {
  /** `containerd`, `cri-o`, ... */
  readonly engine: string;
  /** `plain`, `k3s`, ... */
  readonly distribution: string;
  readonly configPath: string;
  readonly criDisabled: boolean;
  readonly handlers: readonly HandlerFacts[];
  /** Why its files cannot be read. */
  readonly fault?: { readonly code: string; readonly message: string; readonly hint: string };
  /** A file that has changed since the engine was started, which reads it only then. */
  readonly changedSinceStart?: string;
  /** The arguments of `systemctl` that make it read its files. */
  readonly restart?: string;
}

/** Engines that hand only those annotations of a pod to the runtime that their configuration names. */
const SELECT_ANNOTATIONS: readonly string[] = ['containerd'];

/**
 * Whether engines call us, with what our rules go by.
 *
 * @param keys - of the annotations that rules act on
 */
export function checkEngines(engines: readonly EngineFacts[], keys: readonly string[]): readonly Finding[] {
  if (engines.length === 0) {
    return [
      {
        check: 'engine',
        level: 'note',
        message: 'no container engine is seen on this node',
        remedy: 'in a container, name the root of the node: ociwrap doctor --host-root /host',
      },
    ];
  }
  return engines.flatMap((engine) => findingsOf(engine, keys));
}

function findingsOf(engine: EngineFacts, keys: readonly string[]): readonly Finding[] {
  const { fault, criDisabled, handlers, changedSinceStart, restart, configPath } = engine;
  const who = nameOf(engine);
  const finding = (level: Finding['level'], message: string, remedy?: string): Finding => ({
    check: 'engine',
    level,
    message: `${who}: ${message}`,
    ...(remedy === undefined ? {} : { remedy }),
  });
  if (fault !== undefined) {
    return [
      finding(
        'fault',
        `its configuration cannot be read [${fault.code}]: ${printable(fault.message)}`,
        printable(fault.hint),
      ),
    ];
  }
  const ours = handlers.filter(({ isOurs }) => isOurs);
  const others = handlers.map(({ name }) => name);
  const told: Finding[] = [];
  if (criDisabled) {
    told.push(
      finding(
        'warning',
        `${quoted(configPath)} turns the CRI plugin off, so the kubelet cannot use this engine`,
        'take "cri" out of disabled_plugins, if the kubelet is to use it',
      ),
    );
  }
  if (ours.length === 0) {
    const known = others.length === 0 ? '' : ` (handlers: ${others.map(printable).join(', ')})`;
    return [
      ...told,
      finding(
        'note',
        `no handler of it calls this program${known}`,
        `ociwrap engine configure ${engine.engine}`,
      ),
    ];
  }
  for (const handler of ours) told.push(...handlerFindings(handler, engine, { keys, finding }));
  if (engine.engine === 'containerd' && !handlers.some(({ isDefault }) => isDefault)) {
    told.push(
      finding(
        'fault',
        'the handler of containers that name none (default_runtime_name) is not defined: its CRI plugin does not start',
        `define it in ${quoted(configPath)} ([plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc])`,
      ),
    );
  }
  if (changedSinceStart !== undefined) {
    told.push(
      finding(
        'warning',
        `${quoted(changedSinceStart)} has changed since it was started, and it reads that only then`,
        restart === undefined ? 'start it anew' : `systemctl ${restart}: containers go on running meanwhile`,
      ),
    );
  }
  return told;
}

interface HandlerContext {
  readonly keys: readonly string[];
  readonly finding: (level: Finding['level'], message: string, remedy?: string) => Finding;
}

function handlerFindings(
  handler: HandlerFacts,
  { engine }: EngineFacts,
  { keys, finding }: HandlerContext,
): readonly Finding[] {
  const { name, program, podAnnotations, path, isDefault, programFound } = handler;
  const calls = `the handler ${quoted(name)} calls ${program === undefined ? 'this program' : quoted(program)}`;
  if (programFound === false) {
    return [
      finding(
        'fault',
        `${calls}, which is not there or not executable: no container of it starts`,
        'ociwrap install, or ociwrap engine unconfigure',
      ),
    ];
  }
  const missing = SELECT_ANNOTATIONS.includes(engine)
    ? keys.filter((key) => !podAnnotations.some((pattern) => matchesPattern(pattern, key)))
    : [];
  if (missing.length > 0) {
    return [
      finding(
        'fault',
        `${calls}, and keeps ${missing.map(quoted).join(', ')} from it (pod_annotations in ${quoted(path)}): pods that ask by it start on their image`,
        `add it there, or run ociwrap engine configure ${engine} --handler ${printable(name)}`,
      ),
    ];
  }
  return [finding('ok', `${calls}${isDefault ? ', for every container that names no other' : ''}`)];
}

function nameOf({ engine, distribution }: EngineFacts): string {
  return distribution === 'plain' ? engine : `${engine} of ${distribution}`;
}

/**
 * Whether a pattern of path.Match of Go matches a text: `*` and `?` do not match a slash, and a pattern that is not well formed matches
 * nothing (containerd, internal/cri/annotations: PassThroughAnnotations).
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.replace(/\\(.)|\[\^?(?:\\.|[^\]\\])+\]|[*?]|[.+^${}()|[\]\\]/g, (part, escaped) => {
    if (escaped !== undefined) return escaped.replace(/[^A-Za-z0-9_]/g, '\\$&');
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.startsWith('[') && part.length > 1 ? part : `\\${part}`;
  });
  try {
    return new RegExp(`^(?:${source})$`).test(text);
  } catch {
    return false;
  }
}
