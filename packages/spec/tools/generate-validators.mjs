import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';

import { bundleValidators } from '../../../tools/standalone-validators.mjs';
import { walkSchema } from './schema-bundle.mjs';

/** Schema keywords whose violation `x-error` can make an error. */
const levelled = ['type', 'required', 'enum', 'pattern', 'minimum', 'maximum', 'minLength', 'minItems'];
const integerFormats = ['uint8', 'uint16', 'int32', 'uint32', 'int64', 'uint64'];

/** The source of `src/generated/validators.ts`: ajv's validators as plain code, without ajv. */
export async function generateValidators(schemas) {
  const ajv = new Ajv2020({
    allErrors: true,
    // Errors carry the schema that they come from, and with it `x-error`.
    verbose: true,
    messages: false,
    // Properties may be null, see `nullable`: a list of types is what says so.
    strictTypes: false,
    allowUnionTypes: true,
    // Integer formats are told by minimum and maximum.
    formats: Object.fromEntries(integerFormats.map((format) => [format, true])),
    code: { source: true, esm: true, lines: true },
  });
  ajv.addKeyword({
    keyword: 'x-error',
    metaSchema: { type: 'array', items: { enum: levelled }, uniqueItems: true },
  });
  ajv.addKeyword({ keyword: 'x-allowed', metaSchema: { type: 'string' } });
  const names = {};
  for (const schema of schemas) {
    ajv.addSchema(forValidation(schema), schema.title);
    names[`validate${schema.title}`] = schema.title;
  }
  // ajv copies the errors so far whenever a referenced schema adds some: a minute for 100,000 wrong mounts.
  const contents = `${standaloneCode.default(ajv, names).replaceAll('vErrors.concat(', 'append(vErrors, ')}
    function append(errors, more) {
      for (const error of more) errors.push(error);
      return errors;
    }`;
  if (contents.includes('.concat(')) throw new Error('the validators still copy their errors');
  return `// @ts-nocheck\n${await bundleValidators(contents, import.meta.dirname)}`;
}

/** The schema as the validators check it: no prose, optional members may be null, alternatives told apart by type. */
function forValidation(schema) {
  const copy = structuredClone(schema);
  walkSchema(copy, (node) => {
    if (typeof node.description === 'string') delete node.description;
    if (typeof node.title === 'string') delete node.title;
    delete node.$comment;
    delete node.deprecated;
    if (node.type === 'object' && node.properties !== undefined) allowNull(node);
    if (node.anyOf !== undefined) Object.assign(node, alternatives(node));
  });
  return copy;
}

/** Go reads null as "absent" for every member, and so do crun and runsc. */
function allowNull(node) {
  for (const [name, property] of Object.entries(node.properties)) {
    if (node.required?.includes(name)) continue;
    if (property.anyOf?.some(({ type }) => type === 'null')) continue;
    node.properties[name] = nullable(property);
  }
}

function nullable(property) {
  if (property.type === undefined || property.enum !== undefined) {
    return { anyOf: [property, { type: 'null' }] };
  }
  return { ...property, type: [...new Set([property.type, 'null'].flat())] };
}

/** `anyOf` as a chain of conditions, so that a violation is told once, against the alternative that was meant. */
function alternatives(node) {
  const [first, ...others] = node.anyOf;
  delete node.anyOf;
  return others.reduce(
    (rest, { type, ...more }) => ({
      if: { type },
      ...(Object.keys(more).length > 0 && { then: more }),
      else: rest,
    }),
    first,
  );
}
