import type { JSValueHandle, QuickJS } from 'quickjs-wasi';

import type { ModuleHost, ModuleRealm, Outside, RealmFailure } from './module-host.js';

/**
 * Of the stack inside the engine. It has to be used up before that of Node.js is, which ends the realm; functions that call
 * each other get about 480 deep.
 */
const STACK_BYTES = 128 * 1024;

/** A WebAssembly.Module. Its types are those of a browser, which this package is not compiled with. */
type Wasm = object;

/** What is loaded of the package, once for all realms. */
interface Engine {
  readonly package: typeof import('quickjs-wasi');
  readonly wasm: Wasm;
  /** TextEncoder and TextDecoder. */
  readonly encoding: Wasm;
}
let engine: Engine | undefined;

/**
 * The engine for rule modules under Node.js: quickjs-ng in WebAssembly, a sandbox for each module, which has no way out but the
 * one function that it is given. It is loaded when a module asks for it, and not before.
 */
export function nodeModuleHost(): ModuleHost {
  return {
    open: async (ruleSide, bytes, outside) => {
      engine ??= await loadEngine();
      const { package: loaded, wasm, encoding } = engine;
      const limits = new Limits();
      const strays = new Map<number, Stray>();
      const vm = await loaded.QuickJS.create({
        wasm,
        extensions: [{ name: 'encoding', wasm: encoding }],
        maxStackSize: STACK_BYTES,
        timezoneOffset: 0,
        interruptHandler: () => limits.isOver(),
        onUnhandledRejection: (promise: JSValueHandle, reason: JSValueHandle, isHandled: boolean) => {
          const { identity } = promise;
          strays.get(identity)?.promise.dispose();
          strays.get(identity)?.reason.dispose();
          strays.delete(identity);
          // The promise is kept too, or another may come to be at its place, which is its identity.
          if (!isHandled) strays.set(identity, { promise: promise.dup(), reason: reason.dup() });
        },
        moduleLoader: {
          normalize: (_base: string, specifier: string) => specifier,
          load: (specifier: string) => {
            throw new SyntaxError(`import "${specifier}"`);
          },
        },
      });
      return new NodeRealm(loaded, vm, { limits, strays, bytes, ruleSide, outside });
    },
  };
}

async function loadEngine(): Promise<Engine> {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { resolve } = createRequire(import.meta.url);
  const { Module } = (
    globalThis as unknown as { readonly WebAssembly: { readonly Module: new (bytes: Uint8Array) => Wasm } }
  ).WebAssembly;
  const compiled = (name: string): Wasm => new Module(readFileSync(resolve(`quickjs-wasi/${name}`)));
  return {
    package: await import('quickjs-wasi'),
    wasm: compiled('quickjs.wasm'),
    encoding: compiled('encoding.so'),
  };
}

/** A promise that was rejected and that nobody waits for. */
interface Stray {
  readonly promise: JSValueHandle;
  readonly reason: JSValueHandle;
}

/** The time of the steps of a realm. */
class Limits {
  #end = Number.POSITIVE_INFINITY;

  grant(milliseconds: number): void {
    this.#end = performance.now() + milliseconds;
  }

  isOver(): boolean {
    return performance.now() > this.#end;
  }
}

interface RealmParts {
  readonly limits: Limits;
  readonly strays: Map<number, Stray>;
  readonly bytes: number;
  readonly ruleSide: string;
  readonly outside: Outside;
}

class NodeRealm implements ModuleRealm {
  readonly #package: typeof import('quickjs-wasi');
  readonly #vm: QuickJS;
  readonly #parts: RealmParts;
  readonly #answer: JSValueHandle;
  /** Why there is no realm any more. */
  #end: RealmFailure | undefined;

  constructor(loaded: typeof import('quickjs-wasi'), vm: QuickJS, parts: RealmParts) {
    this.#package = loaded;
    this.#vm = vm;
    this.#parts = parts;
    const outside = vm.newFunction('outside', (question) => {
      const said = parts.outside(question?.toString() ?? '');
      return typeof said === 'string' ? vm.newString(said) : vm.newUint8Array(said);
    });
    const open = vm.evalCode(parts.ruleSide, 'rule-side.js');
    this.#answer = vm.callFunction(open, vm.undefined, outside);
    limitMemory(vm, parts.bytes);
  }

  grant(milliseconds: number): void {
    this.#parts.limits.grant(milliseconds);
  }

  evaluate(question: string, name: string, source: Uint8Array): string | RealmFailure {
    return this.#step(() => {
      const promise = this.#promiseOf(name, new TextDecoder().decode(source));
      return this.#call(question, promise);
    });
  }

  ask(question: string, bytes?: Uint8Array): string | RealmFailure {
    return this.#step(() =>
      this.#call(question, ...(bytes === undefined ? [] : [this.#vm.newUint8Array(bytes)])),
    );
  }

  #promiseOf(name: string, source: string): JSValueHandle {
    const { JSException, EvalFlags } = this.#package;
    try {
      return this.#vm.evalCode(source, name, EvalFlags.TYPE_MODULE);
    } catch (error) {
      if (!(error instanceof JSException) || isUncatchable(this.#vm, error.handle)) throw error;
      const { handle, reject } = this.#vm.newPromise();
      reject(error.handle);
      return handle;
    }
  }

  #call(question: string, ...given: readonly JSValueHandle[]): string | RealmFailure {
    const vm = this.#vm;
    const answer = vm.callFunction(this.#answer, vm.undefined, vm.newString(question), ...given);
    return answer.isString ? answer.toString() : { ended: 'crash', message: 'the answer is not a text' };
  }

  #step(step: () => string | RealmFailure): string | RealmFailure {
    const { limits, strays } = this.#parts;
    if (this.#end !== undefined) return this.#end;
    try {
      return this.#vm.withScope(() => {
        const answer = step();
        this.#vm.executePendingJobs();
        const [stray] = strays.values();
        const said = stray === undefined ? answer : this.#call('stray', stray.reason);
        // A built-in that runs by itself for long is not interrupted.
        return limits.isOver() ? { ended: 'time', message: 'interrupted' } : said;
      });
    } catch (error) {
      return this.#failureOf(error);
    } finally {
      // Their handles are those of the scope above.
      strays.clear();
    }
  }

  #failureOf(error: unknown): RealmFailure {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof this.#package.JSException)) {
      // Of WebAssembly: its memory may be in any state.
      this.#end = { ended: 'crash', message };
      return this.#end;
    }
    const isOurs = isUncatchable(this.#vm, error.handle);
    error.handle.dispose();
    if (!isOurs) return { ended: 'crash', message };
    // Nobody but the engine makes one that cannot be caught, and it does so for two reasons.
    return { ended: message === 'interrupted' ? 'time' : 'memory', message };
  }
}

/** What the types of the package keep to themselves: both are functions that the file exports for whoever embeds it. */
interface Exports {
  readonly qjs_is_uncatchable_error: (value: number) => number;
  readonly qjs_set_memory_limit: (bytes: number) => void;
}
const exportsOf = (vm: QuickJS): Exports => (vm as unknown as { readonly exports: Exports }).exports;

function isUncatchable(vm: QuickJS, error: JSValueHandle): boolean {
  return exportsOf(vm).qjs_is_uncatchable_error(error.ptr) !== 0;
}

function limitMemory(vm: QuickJS, bytes: number): void {
  exportsOf(vm).qjs_set_memory_limit(vm.getAllocatedSize() + bytes);
}
