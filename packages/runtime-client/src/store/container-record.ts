import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';

/** Of the record's layout. A record of another version is left alone: a newer client has written it. */
export const RECORD_VERSION = 1;

/** What was about to be done when the record was written: `creating`, `starting` and so on are intents, not facts. */
export const CONTAINER_STEPS = [
  'creating',
  'created',
  'starting',
  'started',
  'restoring',
  'destroying',
] as const;

/**
 * What was about to be done, or was done last, when a record was written. What is true of the container now is asked of its runtime.
 */
export type ContainerStep = (typeof CONTAINER_STEPS)[number];

/** A process that cannot be taken for another one which has its pid by now. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/PID/stat` (proc(5)): clock ticks since the machine was started. */
  readonly startTime: bigint;
  /** `/proc/sys/kernel/random/boot_id`: after another start of the machine ticks are counted anew. */
  readonly bootId: string;
}

/** What is kept of a container on disk. */
export interface ContainerRecord {
  readonly id: string;
  /** Absolute path of its bundle. */
  readonly bundle: string;
  /** The program that created it, and the folder of that one's own state where it is not the default. */
  readonly runtime: string;
  readonly runtimeRoot?: string | undefined;
  /** What that program was given before its command, where it was. */
  readonly runtimeArgs?: readonly string[] | undefined;
  readonly step: ContainerStep;
  /** When the record was first written, as RFC 3339 has it. */
  readonly createdAt: string;
  /** Its init, as soon as the runtime has written its pid. */
  readonly init?: ProcessIdentity | undefined;
  /** Folders that the runtime would make as its cgroups, and that were not there before: absolute paths. */
  readonly cgroups: readonly string[];
}

/** The bytes of a record. */
export function recordText({ init, ...record }: ContainerRecord): string {
  const process = init && { ...init, startTime: init.startTime.toString() };
  return `${JSON.stringify({ version: RECORD_VERSION, ...record, init: process }, undefined, 2)}\n`;
}

/**
 * The record that a file holds; members that are not known are kept out.
 *
 * @param path - of the file, for the message
 * @param id - the folder's name, which has to be what the record says
 * @throws RuntimeClientError `ERR_CONTAINER_RECORD`
 */
export function parseRecord(text: string, path: string, id: string): ContainerRecord {
  const members = new Members(path, parseJson(text, path));
  const version = members.of('version');
  if (version !== RECORD_VERSION) {
    const found = quoted(JSON.stringify(version) ?? 'none');
    throw broken(path, `is of version ${found}, and not ${RECORD_VERSION}`);
  }
  if (members.of('id') !== id) throw broken(path, 'is the record of another container');
  const { init, runtimeRoot, runtimeArgs } = {
    init: members.of('init'),
    runtimeRoot: members.of('runtimeRoot'),
    runtimeArgs: members.of('runtimeArgs'),
  };
  return {
    id,
    bundle: members.path('bundle'),
    runtime: members.text('runtime'),
    ...(runtimeRoot === undefined ? {} : { runtimeRoot: members.text('runtimeRoot') }),
    ...(runtimeArgs === undefined ? {} : { runtimeArgs: members.words('runtimeArgs') }),
    step: members.step('step'),
    createdAt: members.text('createdAt'),
    ...(init === undefined ? {} : { init: identityOf(new Members(path, init, 'init.')) }),
    cgroups: members.paths('cgroups'),
  };
}

function identityOf(members: Members): ProcessIdentity {
  return {
    pid: members.pid('pid'),
    startTime: members.ticks('startTime'),
    bootId: members.text('bootId'),
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RuntimeClientError('ERR_CONTAINER_RECORD', `the record ${quoted(path)} is not JSON`, {
      cause,
      details: { path },
    });
  }
}

/** An object of the record, each member of which is checked as it is read. */
class Members {
  readonly #path: string;
  readonly #prefix: string;
  readonly #object: object;

  constructor(path: string, value: unknown, prefix = '') {
    this.#path = path;
    this.#prefix = prefix;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw broken(
        path,
        prefix === '' ? 'is not an object' : `has a member ${quoted(prefix)} of another type`,
      );
    }
    this.#object = value;
  }

  of(name: string): unknown {
    return Object.getOwnPropertyDescriptor(this.#object, name)?.value;
  }

  text(name: string): string {
    return this.#checked(name, (value) => typeof value === 'string' && value !== '') as string;
  }

  words(name: string): readonly string[] {
    return this.#checked(name, (value) => Array.isArray(value) && value.every(isWord)) as readonly string[];
  }

  path(name: string): string {
    return this.#checked(name, isPath) as string;
  }

  paths(name: string): readonly string[] {
    return this.#checked(name, (value) => Array.isArray(value) && value.every(isPath)) as readonly string[];
  }

  step(name: string): ContainerStep {
    return this.#checked(name, (value) => CONTAINER_STEPS.includes(value as never)) as ContainerStep;
  }

  pid(name: string): number {
    return this.#checked(name, (value) => Number.isSafeInteger(value) && Number(value) > 0) as number;
  }

  ticks(name: string): bigint {
    return BigInt(
      this.#checked(name, (value) => typeof value === 'string' && /^\d{1,20}$/.test(value)) as string,
    );
  }

  #checked(name: string, isRight: (value: unknown) => boolean): unknown {
    const value = this.of(name);
    if (!isRight(value)) {
      throw broken(this.#path, `has no usable ${quoted(`${this.#prefix}${name}`)}`);
    }
    return value;
  }
}

/** A word of a command line, which cannot carry a NUL. */
const isWord = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');

/** A path goes to system calls: a NUL would end it early, and a relative one would depend on where the caller stands. */
const isPath = (value: unknown): boolean =>
  typeof value === 'string' && value.startsWith('/') && !value.includes('\0');

function broken(path: string, fault: string): RuntimeClientError {
  return new RuntimeClientError('ERR_CONTAINER_RECORD', `the record ${quoted(path)} ${fault}`, {
    details: { path },
  });
}
