import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { type JSValueHandle, QuickJS } from 'quickjs-wasi';

import type { System } from '../../src/system/system.js';
import { fromWire, toWire } from './wire.js';

const { resolve } = createRequire(import.meta.url);
const { Module } = (
  globalThis as unknown as { readonly WebAssembly: { readonly Module: new (bytes: Uint8Array) => object } }
).WebAssembly;
const compiled = (name: string) => new Module(readFileSync(resolve(`quickjs-wasi/${name}`)));
const options = {
  wasm: compiled('quickjs.wasm'),
  extensions: [{ name: 'encoding', wasm: compiled('encoding.so') }],
};
const tool = new URL('../../tools/engine-bundle.mjs', import.meta.url).href;

/** Runs `ociwrap` in quickjs-ng, from a snapshot of what it is when its files have been evaluated. */
export async function engineProgram(): Promise<(system: System) => Promise<number>> {
  const { engineBundle } = await import(tool);
  const { code } = await engineBundle(fileURLToPath(new URL('engine-main.ts', import.meta.url)));
  const first = await QuickJS.create(options);
  first.setProp(
    first.global,
    'ask',
    first.newFunction('ask', () => first.undefined),
  );
  // What encodes is no part of the snapshot: in this engine it is an extension, whose objects a snapshot does not keep.
  first
    .evalCode(`const whole = { encoder: TextEncoder, decoder: TextDecoder };
    for (const name of ['TextEncoder', 'TextDecoder']) globalThis[name] = class {
      #whole; #args;
      constructor(...args) { this.#args = args; }
      #fresh() { return Reflect.construct(whole[name.slice(4).toLowerCase()], this.#args); }
      #now() { return whole.isCalled ? (this.#whole ??= this.#fresh()) : this.#fresh(); }
      encode(...args) { return this.#now().encode(...args); }
      decode(...args) { return this.#now().decode(...args); }
    };`)
    .dispose();
  first.evalCode(code, 'program.js').dispose();
  first.evalCode('whole.isCalled = true').dispose();
  const snapshot = first.snapshot();
  first.dispose();
  return async (system) => {
    const vm = await QuickJS.restore(snapshot, options);
    try {
      const calls = Object.entries(system).filter(([, call]) => typeof call === 'function');
      vm.registerHostCallback('ask', (name: JSValueHandle, args: JSValueHandle) => {
        const call = Reflect.get(system, name.toString()) as (...given: readonly unknown[]) => unknown;
        const answer = call(...(fromWire(args.toString()) as readonly unknown[]));
        return answer === undefined ? vm.undefined : vm.newString(toWire(answer));
      });
      const status = vm.evalCode(`main(ask, ${JSON.stringify(calls.map(([name]) => name))})`);
      vm.executePendingJobs();
      const settled = await vm.resolvePromise(status);
      if ('error' in settled) throw new Error(settled.error.toString());
      return settled.value.toNumber();
    } finally {
      vm.dispose();
    }
  };
}
