// What wasm2c writes of a module, rewritten for native/engine: one instance whose state is in globals, so that no function
// carries a pointer to it; tables that are constants; several units of C instead of one, so that two cores compile them.
// Everything here knows the text of wasm2c 1.0.32, and refuses a text that it does not know to the last line.

/** ENGINE_MEMORY_SLACK of native/engine/wasm-operators.h: an access stays below 4 GiB and so much, all of which the engine may reach. */
const SLACK = 0x20_0000;

/**
 * Rewrites the C and the header of a module named `quickjs`.
 *
 * @param {{ source: string, header: string, units: number }} translation what wasm2c wrote; into how many units
 * @returns {Record<string, string>} the text of each file by its name
 */
export function rewriteTranslation({ source, header, units }) {
  // Long lists of parameters go on in the next line.
  const lines = source.replace(/, \n +(?=(?:[usf]\d\d )?w2c_)/g, ', ').split('\n');
  const functions = functionsOf(lines);
  const exported = functions.filter(({ name }) => name.startsWith('Z_quickjsZ_')).map(rewriteExport);
  const internal = shortenHostCall(
    functions.filter(({ name }) => name.startsWith('w2c_')).map(rewriteFunction),
  );
  const texts = [...internal, ...exported];
  for (const { name, text } of texts) {
    const left = /\binstance\b|Z_quickjs|Z_env|Z_wasi|wasm_rt|module_instance/.exec(text);
    if (left !== null) throw new Error(`unknown text of wasm2c in ${name}: ${left[0]}`);
  }
  const declared = source.match(/^static \w+ w2c_\w+\(.*\);$/gm)?.length;
  if (declared !== internal.length) throw new Error(`${internal.length} functions of ${declared} found`);
  const imports = importsOf(header);
  const pages = Number(only(source, /wasm_rt_allocate_memory\(&instance->w2c_memory, (\d+), \d+\);/g)[1]);
  const stack = Number(only(source, /instance->w2c___stack_pointer = (\d+)u;\n\}/g)[1]);
  const { table, size } = tableOf(source);
  const declarations = internal.map(({ signature }) => `${signature};`);
  return {
    'quickjs.h': [
      '#pragma once',
      '#include "wasm-operators.h"',
      `#define ENGINE_INITIAL_PAGES ${pages}u`,
      `#define ENGINE_STACK_SIZE ${stack}u`,
      '#ifdef __cplusplus',
      'extern "C" {',
      '#endif',
      ...imports,
      ...exported.map(({ signature }) => `${signature};`),
      '#ifdef __cplusplus',
      '}',
      '#endif',
      '',
    ].join('\n'),
    'quickjs-unit.h': [
      '#pragma once',
      '#include "quickjs.h"',
      `#define ENGINE_TABLE_SIZE ${size}u`,
      '#include "wasm-unit.h"',
      'extern const EngineTableEntry engine_table[ENGINE_TABLE_SIZE];',
      ...declarations,
      '',
    ].join('\n'),
    'quickjs-table.c': `#include "quickjs-unit.h"\n${table}\n`,
    ...splitIntoUnits(texts, units),
  };
}

function only(text, pattern) {
  const found = [...text.matchAll(pattern)];
  if (found.length !== 1)
    throw new Error(`${found.length} times in the text of wasm2c, not once: ${pattern}`);
  return found[0];
}

/** Every function of the module and every export: from a line that opens one to the line `}`. */
function functionsOf(lines) {
  const functions = [];
  const opening =
    /^(?:static )?(?:void|u32|u64|f32|f64) ((?:w2c_|Z_quickjsZ_)\w+)\(Z_quickjs_instance_t\* instance.*\{$/;
  for (let at = 0; at < lines.length; at++) {
    const name = opening.exec(lines[at])?.[1];
    if (name === undefined) continue;
    const end = lines.indexOf('}', at);
    functions.push({ name, lines: lines.slice(at, end + 1) });
    at = end;
  }
  return functions;
}

const memory = '&instance->w2c_memory, ';

/** Without the instance: a global for each of its members, and no argument for it. */
function withoutInstance(line) {
  return line
    .replace(`(${memory}${memory}`, '(')
    .replace(
      /\b([if](?:32|64)_(?:load|store)\w*)\(&instance->w2c_memory, \(u64\)\((w2c_i\d+)\)(?: \+ (\d+)u?)?/,
      (_, access, address, offset = '0') => `${access}(${address}, ${checkedOffset(offset)}u`,
    )
    .replace(`memory_fill(${memory}`, 'memory_fill(')
    .replace(`wasm_rt_grow_memory(${memory}`, 'engine_memory_grow(')
    .replace('instance->w2c_memory.pages', 'engine_memory_pages')
    .replace(/\binstance->w2c___stack_pointer\b/g, 'engine_stack_pointer')
    .replace(/\(\*(Z_\w+)\)\(instance->Z_\w+_instance(?:, )?/, '$1(')
    .replace(/\bZ_envZ_/, 'import_')
    .replace(/\bZ_wasi_snapshot_preview1Z_/, 'import_')
    .replace(/\b(w2c_\w+)\(instance(?:, )?/, '$1(');
}

function checkedOffset(offset) {
  if (Number(offset) + 8 > SLACK)
    throw new Error(`an access adds ${offset} to an address, more than there is room for`);
  return offset;
}

const indirect =
  /CALL_INDIRECT\(instance->w2c___indirect_function_table, (\w+) \(\*\)\(void\*(?:, )?([^)]*)\), (\d+), (\w+), instance->w2c___indirect_function_table\.data\[\w+\]\.module_instance(?:, )?/;

function rewriteFunction({ name, lines }) {
  const text = lines.map((line) =>
    withoutInstance(
      line.replace(
        indirect,
        (_, result, parameters, kind, index) =>
          `CALL_INDIRECT(${result} (*)(${parameters || 'void'}), ${kind}, ${index}${parameters === '' ? '' : ', '}`,
      ),
    ),
  );
  const signature = signatureOf(lines[0]);
  text[0] = `${signature} {`;
  // A function that calls nothing needs no look at the stack.
  const calls = text.some((line, at) => at > 0 && /\b(?:w2c_\w+|import_\w+|CALL_INDIRECT)\(/.test(line));
  return {
    name,
    signature,
    text: text
      .filter((line) => line !== '  FUNC_EPILOGUE;' && (calls || line !== '  FUNC_PROLOGUE;'))
      .join('\n'),
  };
}

function signatureOf(line) {
  const [, result, name, parameters] =
    /^(?:static )?(\w+) (\w+)\(Z_quickjs_instance_t\* instance(?:, )?(.*)\) \{$/.exec(line);
  return `${result} ${name}(${parameters || 'void'})`;
}

function rewriteExport({ name, lines }) {
  const own = name.replace('Z_quickjsZ_', 'vm_');
  const signature = signatureOf(lines[0]).replace(name, own);
  return {
    name: own,
    signature,
    text: [`${signature} {`, ...lines.slice(1).map(withoutInstance)].join('\n'),
  };
}

function importsOf(header) {
  const pattern =
    /\/\* import: '\w+' '(\w+)' \*\/\n(\w+) Z_\w+\(struct Z_\w+_instance_t\*(?:, )?([\w, ]*)\);/g;
  return [...header.matchAll(pattern)].map(
    ([, name, result, parameters]) => `${result} import_${name}(${parameters || 'void'});`,
  );
}

/**
 * By what QuickJS calls a function of the host goes by its name, as a text of C, and by values in boxes, each of which is
 * allocated and given back. In its place the launcher is called with what QuickJS has itself: values, and the name as a value.
 */
function shortenHostCall(functions) {
  const callers = functions.filter(({ text }) => text.includes('import_host_call('));
  const expected = /^u64 \w+\(u32 w2c_p0, u64 w2c_p1, u32 w2c_p2, u32 w2c_p3, u32 w2c_p4, u32 w2c_p5\)$/;
  if (callers.length !== 1 || !expected.test(callers[0].signature)) {
    throw new Error('the function by which QuickJS calls the host is another one');
  }
  return functions.map((each) =>
    each === callers[0]
      ? {
          ...each,
          text: `${each.signature} {\n  FUNC_PROLOGUE;\n  return engine_host_call(w2c_p2, w2c_p3, w2c_p5);\n}`,
        }
      : each,
  );
}

/** The table of functions as a constant. wasm2c numbers a kind twice where the module does; the first number counts. */
function tableOf(source) {
  const first = new Map();
  const kinds = [...source.matchAll(/^ {2}func_types\[(\d+)\] = wasm_rt_register_func_type\((.*)\);$/gm)].map(
    ([, number, kind]) => {
      if (!first.has(kind)) first.set(kind, number);
      if (first.get(kind) !== number)
        throw new Error(`kind ${number} of functions is kind ${first.get(kind)}`);
      return kind;
    },
  );
  if (kinds.length === 0) throw new Error('no kinds of functions in the text of wasm2c');
  const size = only(
    source,
    /allocate_funcref_table\(&instance->w2c___indirect_function_table, (\d+), \d+\);/g,
  )[1];
  const [, count, at] = only(
    source,
    /funcref_table_init\(.*elem_segment_exprs_w2c_e0, (\d+), (\d+)u, 0, \d+, .*\);/g,
  );
  const entries = [...source.matchAll(/^ {2}\{(\d+), \(wasm_rt_function_ptr_t\)&(\w+), 0\},$/gm)];
  if (entries.length !== Number(count)) throw new Error(`${entries.length} functions in a table of ${count}`);
  const none = ENTRY_OF_NOTHING.repeat(Number(at));
  return {
    size,
    table: [
      'const EngineTableEntry engine_table[ENGINE_TABLE_SIZE] = {',
      none,
      ...entries.map(([, kind, name]) => `{${kind}, (EngineFunction)${name}},`),
      '};',
    ].join('\n'),
  };
}

// No kind has this number, so that a call of it is a trap.
const ENTRY_OF_NOTHING = '{UINT32_MAX, 0},';

/** In the order of the module: functions of one source file of QuickJS stay together, where they can be inlined. */
function splitIntoUnits(functions, count) {
  const total = functions.reduce((sum, { text }) => sum + text.length, 0);
  const units = Array.from({ length: count }, () => ['#include "quickjs-unit.h"']);
  let before = 0;
  for (const { text } of functions) {
    units[Math.min(count - 1, Math.floor((before * count) / total))].push(text);
    before += text.length;
  }
  return Object.fromEntries(units.map((texts, at) => [`quickjs-${at}.c`, `${texts.join('\n\n')}\n`]));
}
