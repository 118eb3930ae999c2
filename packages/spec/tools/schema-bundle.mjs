import { readFileSync } from 'node:fs';

const schemaDir = new URL('../schema/', import.meta.url);

/** Calls `visit` for every schema object inside `node`, the outermost first. */
export function walkSchema(node, visit) {
  if (Array.isArray(node)) {
    for (const item of node) walkSchema(item, visit);
  } else if (node !== null && typeof node === 'object') {
    visit(node);
    for (const value of Object.values(node)) walkSchema(value, visit);
  }
}

/**
 * Reads a schema with everything it refers to, as one schema whose references are all `#/$defs/NAME`.
 *
 * References between files are relative on purpose: json-schema-to-typescript fetches absolute ones from the network.
 */
export function bundleSchema(file) {
  const files = new Map();
  const definitions = {};
  const load = (name) => {
    if (files.has(name)) return files.get(name);
    const schema = JSON.parse(readFileSync(new URL(name, schemaDir), 'utf8'));
    files.set(name, schema);
    walkSchema(schema, (node) => {
      if (typeof node.$ref === 'string') node.$ref = define(node.$ref, name);
    });
    return schema;
  };
  const origin = new Map();
  const define = (reference, from) => {
    const parts = /^([a-z-]+\.schema\.json)?#\/\$defs\/(\w+)$/.exec(reference);
    if (parts === null) throw new Error(`${from}: reference ${reference} is not FILE#/$defs/NAME`);
    const [, target = from, name] = parts;
    if ((origin.get(name) ?? target) !== target) throw new Error(`two definitions of ${name}`);
    if (!origin.has(name)) {
      origin.set(name, target);
      const definition = load(target).$defs?.[name];
      if (definition === undefined) throw new Error(`${from}: nothing at ${reference}`);
      definitions[name] = definition;
    }
    return `#/$defs/${name}`;
  };
  const { $defs: _, ...root } = load(file);
  assertDescribed(root);
  for (const definition of Object.values(definitions)) assertDescribed(definition);
  const sorted = Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...root, $defs: Object.fromEntries(sorted) };
}

function assertDescribed(definition) {
  if (!definition.title || !definition.description) {
    throw new Error(`a definition without title or description: ${JSON.stringify(definition).slice(0, 80)}`);
  }
  for (const [name, property] of Object.entries(definition.properties ?? {})) {
    if (!property.description) throw new Error(`${definition.title}.${name} has no description`);
  }
}
