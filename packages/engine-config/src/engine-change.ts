import type { FoundEngine } from './found-engine.js';

/** What is wanted of an engine: a handler, which is a name by which it calls a program as its runtime. */
export interface HandlerRequest {
  /** Name of the handler, as a RuntimeClass or `--runtime` has it. */
  readonly handler: string;
  /** Absolute path of the program that the engine calls. */
  readonly program: string;
  /** Patterns of the annotations of a pod that the engine hands to the runtime (containerd: path.Match of Go). */
  readonly podAnnotations: readonly string[];
  /** The same for annotations of a container, which only a plugin of the kubelet can set. */
  readonly containerAnnotations?: readonly string[];
  /** Whether containers that name no handler are to have this one. */
  readonly setDefault: boolean;
  /** `as-runc`: whether systemd makes the cgroups is what the engine's own runtime has. */
  readonly systemdCgroup: 'as-runc';
}

/** A file that has to change. */
export interface FileChange {
  readonly path: string;
  /** Its text as it was read; undefined for no file. */
  readonly before: string | undefined;
  /** Its text to be; undefined for no file. */
  readonly after: string | undefined;
}

/** What makes an engine read its configuration again. */
export interface EngineReload {
  /** `none`: it reads it at each start of a container. */
  readonly action: 'restart' | 'reload' | 'none';
  /** The arguments of `systemctl`, such as `restart containerd.service`; empty for `none`. */
  readonly systemctl: readonly string[];
}

/** What has to be done to an engine. Without files there is nothing to do. */
export interface EngineChange {
  readonly engine: FoundEngine;
  readonly handler: string;
  readonly files: readonly FileChange[];
  readonly reload: EngineReload;
  /** What an operator should know, a sentence each. */
  readonly notes: readonly string[];
}

/** A handler that an engine has. */
export interface ConfiguredHandler {
  readonly name: string;
  /** The program that is called; undefined where the engine looks for one by itself (containerd's `runc`). */
  readonly program: string | undefined;
  readonly podAnnotations: readonly string[];
  readonly containerAnnotations: readonly string[];
  readonly isDefault: boolean;
  /** Whether it stands between our marks, or calls our program. */
  readonly isOurs: boolean;
  /** The file that says so. */
  readonly path: string;
}
