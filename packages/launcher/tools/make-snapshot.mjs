// Evaluates a bundle once, and keeps what the engine's memory is then: dist/engine/snapshot.bin, which the launcher maps at
// each call instead of reading the bundle again.
//
//   node tools/make-snapshot.mjs BUNDLE.js FOLDER
//
// The snapshot is made on the machine that packages and used on all others. So nothing of this machine may be in it: clock,
// random numbers and time zone are refused while the bundle is evaluated, and no host function works. The same bundle
// gives the same bytes. It holds no source text: the bundle is compiled in one engine and evaluated, as bytecode without it,
// in another; names and line numbers stay, for messages.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { CompileFlags, QuickJS } from 'quickjs-wasi';

const folder = dirname(fileURLToPath(import.meta.url));
const textGlobals = readFileSync(join(folder, '../engine/text-globals.js'), 'utf8');
const PAGE = 4096;
/**
 * QuickJS keeps the hidden classes of objects (js_new_shape2) in a table, doubles it when it is half full, and links each of them
 * anew, on all the pages that they lie on. With so many at first it has room for those of the bundle and of a call.
 */
const HIDDEN_CLASSES = 1100;

// Before the bundle. The seed of random numbers would be the snapshot's, the same on every machine.
const GROUND = `(${textGlobals.trimEnd().replace(/;$/, '')})(host.encodeUtf8, host.decodeUtf8);
Math.random = () => { throw new Error('there are no random numbers here'); };
Array.from({ length: ${HIDDEN_CLASSES} }, () => Object.create(Object.create(null)));`;
const WASM_PAGE = 65_536;

/** Garbage in cycles is collected once the bundle and what a call makes take this much more than the bundle alone. */
const ROOM_BEFORE_COLLECTION = 64 << 20;

/** What a bundle makes when it is evaluated takes less than this many times its bytecode. */
const ROOM_FOR_BYTECODE = 6;

/** Each piece costs a system call; fewer zeros than these are cheaper. */
const LEAST_GAP = 65_536;

const LARGEST_HOLE = 2 << 20;
const SMALLEST_HOLE = 8;
/** js_malloc of quickjs-ng 0.18: what takes more with its header of eight bytes is malloc's. */
const LARGEST_SMALL = 504;

/** The engine's module: the file that the launcher is translated from. */
export const engineModule = createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm');

/** The names of the functions that the launcher offers, read from the list it is compiled with. */
export function hostFunctionNames(file = join(folder, '../native/port/host-functions.h')) {
  return [...readFileSync(file, 'utf8').matchAll(/^HOST_FUNCTION\((\w+)\)/gm)].map(([, name]) => name);
}

/**
 * Makes the snapshot of a bundle.
 *
 * @param {{ source: string, fileName: string, hostFunctions: string[], rehearsal?: string }} bundle
 *   a script; the name by which stacks call it; the members of the global object `host`; what its function `main` is called with
 *   once, so that what a call makes at first is there
 * @returns {Promise<{ pieces: { start: number, bytes: Uint8Array }[], pages: number, stackPointer: number,
 *   runtime: number, context: number, allocated: number }>} the parts of memory that are not zero, in whole pages of
 *   4096 bytes; how many pages of WebAssembly the memory has; where its stack and its structures are; bytes in use
 * @throws where the bundle throws, or where its evaluation asks for something of this machine
 */
export async function makeSnapshot({ source, fileName, hostFunctions, rehearsal }) {
  const wasm = await WebAssembly.compile(readFileSync(engineModule));
  const scripts = [
    { source: GROUND, fileName: 'ground.js' },
    { source, fileName },
  ];
  const bytecodes = await compiled(wasm, scripts);
  const asked = [];
  let evaluating = false;
  const vm = await QuickJS.create({
    wasm,
    // That it is told of rejections is part of the snapshot; the launcher has an import of its own for it.
    onUnhandledRejection: () => undefined,
    // The same for the modules that a module imports.
    moduleLoader: { load: refuseImport, normalize: refuseImport },
    ...machineOfNobody((what) => {
      if (evaluating) asked.push(what);
    }),
  });
  const host = vm.newObject();
  const pure = pureFunctions(vm);
  for (const name of hostFunctions) {
    const refuse = () => {
      throw new Error(`host.${name} is called while the bundle is evaluated`);
    };
    vm.setProp(host, name, vm.newFunction(name, pure[name] ?? refuse));
  }
  vm.setProp(vm.global, 'host', host);
  evaluating = true;
  evaluateInOnePiece(vm, bytecodes);
  if (rehearsal !== undefined) rehearse(vm, rehearsal);
  evaluating = false;
  if (asked.length > 0) {
    throw new Error(`the bundle reads ${[...new Set(asked)].join(', ')} while it is evaluated`);
  }
  host.dispose();
  vm.runGC();
  const allocated = vm.getAllocatedSize();
  vm.gcThreshold = allocated + ROOM_BEFORE_COLLECTION;
  fillHoles(vm);
  const { memory, stackPointer, runtimePtr, contextPtr } = vm.snapshot();
  // What lies below the stack pointer is what calls left there. The stack grows down to address 0.
  memory.fill(0, 0, stackPointer);
  return {
    pieces: piecesOf(memory),
    pages: memory.length / WASM_PAGE,
    stackPointer,
    runtime: runtimePtr,
    context: contextPtr,
    allocated,
  };
}

function rehearse(vm, name) {
  vm.withScope(() => {
    const main = vm.global.getProp('main');
    let status;
    try {
      status = vm.callFunction(main, vm.undefined, vm.newString(name)).toNumber();
    } catch (error) {
      // What it throws shows the whole engine, and not what was said.
      throw new Error(`${name} failed: ${error.handle.getProp('message').toString()}`);
    }
    if (status !== 0) throw new Error(`${name} ended with status ${status}`);
  });
}

function refuseImport() {
  throw new Error('the bundle imports a module while it is evaluated');
}

async function compiled(wasm, scripts) {
  const vm = await QuickJS.create({ wasm, ...machineOfNobody(() => undefined) });
  const bytecodes = scripts.map(({ source, fileName }) =>
    vm.compile(source, fileName, 0, CompileFlags.STRIP_SOURCE),
  );
  vm.dispose();
  return bytecodes;
}

/**
 * Evaluates what was compiled, so that what it makes lies in one piece: the bytecode is put far above it, where it leaves
 * no hole when it is given back.
 */
function evaluateInOnePiece(vm, bytecodes) {
  const { malloc, free } = vm._getExports();
  const room = malloc(bytecodes.reduce((sum, { length }) => sum + length, 0) * ROOM_FOR_BYTECODE);
  const copies = bytecodes.map((bytecode) => {
    const at = malloc(bytecode.length);
    new Uint8Array(vm._getMemory().buffer, at, bytecode.length).set(bytecode);
    return { at, length: bytecode.length };
  });
  free(room);
  for (const { at, length } of copies) evaluated(vm, at, length);
  vm.executePendingJobs();
  for (const { at, length } of copies) {
    new Uint8Array(vm._getMemory().buffer, at, length).fill(0);
    free(at);
  }
}

/**
 * Takes all memory that was given back between what is used, for good. A call would put each of its small things
 * into another hole, and have the kernel copy a page for each of them; so they lie beside one another, behind everything.
 */
function fillHoles(vm) {
  const { malloc, free, js_malloc_rt: mallocSmall, js_free_rt: freeSmall, memory } = vm._getExports();
  const runtime = vm._getExports().qjs_get_runtime_ptr();
  const end = endOfHeap({ malloc, free });
  const fill = (size, take, giveBack) => {
    let at = take(size);
    for (; at < end; at = take(size)) new Uint8Array(memory.buffer, at, size).fill(0);
    giveBack(at);
  };
  for (let size = LARGEST_HOLE; size >= SMALLEST_HOLE; size = size > 1024 ? size >> 1 : size - 8) {
    fill(size, malloc, free);
  }
  // QuickJS has blocks of its own for what is small, one for each size, and takes a new block when those are full.
  for (let size = 8; size <= LARGEST_SMALL; size += 8) {
    fill(
      size,
      (wanted) => mallocSmall(runtime, wanted),
      (at) => freeSmall(runtime, at),
    );
  }
  clearEnd({ malloc, free, memory });
}

/** What is behind the heap may hold what was there before; its pages had to be copied, and not only be made. */
function clearEnd({ malloc, free, memory }) {
  const size = memory.buffer.byteLength - endOfHeap({ malloc, free }) - PAGE;
  const at = malloc(size);
  new Uint8Array(memory.buffer, at, size).fill(0);
  free(at);
}

/** Where the heap goes on: a piece that fits into no hole. */
function endOfHeap({ malloc, free }) {
  const at = malloc(2 * LARGEST_HOLE);
  free(at);
  return at;
}

function evaluated(vm, at, length) {
  const { qjs_eval_bytecode: evaluate, qjs_is_exception: isException } = vm._getExports();
  if (!isException(evaluate(at, length))) return;
  const thrown = vm.getException();
  throw new Error(`the bundle cannot be evaluated: ${thrown}\n${thrown.getProp('stack')}`);
}

/** Host functions that depend on nothing but what they are given work while the bundle is evaluated, too. */
function pureFunctions(vm) {
  return {
    encodeUtf8: (text) => vm.newUint8Array(new TextEncoder().encode(text.toString())),
    decodeUtf8: (bytes, how) => {
      const options = { fatal: (how.toNumber() & 1) !== 0, ignoreBOM: (how.toNumber() & 2) !== 0 };
      return vm.newString(new TextDecoder('utf-8', options).decode(bytes.toUint8Array()));
    },
  };
}

/** A clock that stands still, random bytes that are zero, UTC: each of them told when it is asked for. */
function machineOfNobody(tell) {
  return {
    timezoneOffset: () => {
      tell('the time zone');
      return 0;
    },
    wasi: (memory) => ({
      clock_time_get(_clock, _precision, at) {
        tell('the clock');
        new DataView(memory.buffer).setBigUint64(at, 0n, true);
        return 0;
      },
      random_get(at, length) {
        tell('random numbers');
        new Uint8Array(memory.buffer, at, length).fill(0);
        return 0;
      },
    }),
  };
}

/** Without the zeros of which there are many in a row. */
function piecesOf(memory) {
  const pieces = [];
  const isZero = (at) => memory.subarray(at, at + PAGE).every((byte) => byte === 0);
  for (let at = 0; at < memory.length; at += PAGE) {
    if (isZero(at)) continue;
    const last = pieces.at(-1);
    if (last !== undefined && at - last.end < LEAST_GAP) last.end = at + PAGE;
    else pieces.push({ start: at, end: at + PAGE });
  }
  return pieces.map(({ start, end }) => ({ start, bytes: memory.slice(start, end) }));
}

/** The snapshot as the launcher is compiled with it: its bytes, and a header with its numbers. */
export function writeSnapshot(snapshot, into) {
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, 'snapshot.bin'), Buffer.concat(snapshot.pieces.map(({ bytes }) => bytes)));
  writeFileSync(join(into, 'text-globals.js'), textGlobals);
  const numbers = {
    PAGES: snapshot.pages,
    STACK_POINTER: snapshot.stackPointer,
    RUNTIME: snapshot.runtime,
    CONTEXT: snapshot.context,
  };
  const lines = [
    '// By tools/make-snapshot.mjs. SNAPSHOT_PIECES has the start of each piece of memory and its size.',
    '#pragma once',
    ...Object.entries(numbers).map(([name, value]) => `#define SNAPSHOT_${name} ${value}u`),
    `#define SNAPSHOT_PIECES ${snapshot.pieces.map(({ start, bytes }) => `{${start}u, ${bytes.length}u}`).join(', ')}`,
    '',
  ];
  writeFileSync(join(into, 'snapshot.h'), lines.join('\n'));
  writeWrittenPages([], into);
}

/**
 * Which pages of the snapshot the launcher has copied before a call writes to them, one by one.
 *
 * @param {{ first: number, count: number }[]} ranges in pages of 4096 bytes
 */
export function writeWrittenPages(ranges, into) {
  const pairs = ranges.map(({ first, count }) => `{${first}u, ${count}u}, `).join('');
  writeFileSync(
    join(into, 'written-pages.h'),
    `// WRITTEN_PAGES has the first page of each range, and how many there are.\n#pragma once\n#define WRITTEN_PAGES ${pairs}\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [bundle, into] = process.argv.slice(2);
  const snapshot = await makeSnapshot({
    source: readFileSync(bundle, 'utf8'),
    fileName: 'ociwrap',
    hostFunctions: hostFunctionNames(),
  });
  writeSnapshot(snapshot, into);
}
