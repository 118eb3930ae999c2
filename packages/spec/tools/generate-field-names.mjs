/** The source of `src/generated/field-names.ts`: what stands where in a configuration, see `src/findings/field-table.ts`. */
export function generateFieldNames(config) {
  const objects = new Map();
  const shapes = new Map();

  // One constant per distinct shape: the module is read by the wrapper at every start of a container.
  const constant = (name, source) => {
    shapes.set(name, source);
    return name;
  };

  const addObject = (schema) => {
    if (objects.has(schema.title)) return;
    const members = {};
    objects.set(schema.title, members);
    for (const [name, property] of Object.entries(schema.properties)) members[name] = shape(property);
  };

  const object = (schema) => {
    addObject(schema);
    return constant(`object${schema.title}`, `{ kind: 'object', name: '${schema.title}' }`);
  };

  const shape = (schema) => {
    if (schema.$ref !== undefined) return shape(config.$defs[schema.$ref.slice('#/$defs/'.length)]);
    if (schema.allOf !== undefined) return shape(schema.allOf[0]);
    // The first alternative is the form of today; `null` and older forms come after it.
    if (schema.anyOf !== undefined) return shape(schema.anyOf[0]);
    const types = [schema.type].flat();
    if (types.includes('array')) return container('array', shape(schema.items));
    if (types.includes('object')) {
      if (schema.properties !== undefined) return object(schema);
      if (typeof schema.additionalProperties === 'object') {
        return container('map', shape(schema.additionalProperties));
      }
    }
    if (types.includes('integer')) {
      if (schema.format === undefined) throw new Error('an integer without a format');
      return constant(schema.format, `{ kind: 'leaf', integer: '${schema.format}' }`);
    }
    return constant('leaf', "{ kind: 'leaf' }");
  };

  const container = (kind, of) =>
    constant(`${kind}Of${of[0].toUpperCase()}${of.slice(1)}`, `{ kind: '${kind}', of: ${of} }`);

  addObject(config);
  const order = [...shapes].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return [
    "import type { FieldShape, FieldTable } from '../findings/field-table.js';",
    '',
    ...order.map(([name, source]) => `const ${name}: FieldShape = ${source};`),
    '',
    '/** The known members of every typed object in a configuration; the root is `Spec`. */',
    'export const OBJECT_FIELDS: FieldTable = {',
    ...[...objects]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, members]) => [
        `  ${name}: {`,
        ...Object.entries(members).map(([member, of]) => `    ${member}: ${of},`),
        '  },',
      ]),
    '};',
    '',
  ].join('\n');
}

/** How deep a shape's name nests, so that a constant is defined before those that use it. */
function rank(name) {
  return (name.match(/(array|map)Of/gi) ?? []).length;
}
