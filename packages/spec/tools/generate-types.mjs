import { compile } from 'json-schema-to-typescript';
import { walkSchema } from './schema-bundle.mjs';

/** The source of `src/generated/types.ts`: one interface per named object, with the descriptions as TSDoc. */
export async function generateTypes(schemas) {
  const sources = [];
  const seen = new Set();
  for (const schema of schemas) {
    const source = await compile(closed(schema), schema.title, {
      bannerComment: '',
      // The schemas are open, the types are not: an index signature would take every misspelt name.
      additionalProperties: false,
      ignoreMinAndMaxItems: true,
      style: { singleQuote: true, printWidth: 110 },
    });
    for (const declaration of source.split(/^(?=\/\*\*|export )/m)) {
      const name = /^export (?:interface|type) (\w+)/m.exec(declaration)?.[1];
      if (name !== undefined && /\d$/.test(name) && !/(16|32|64)$/.test(name)) {
        throw new Error(`two types would share a name: ${name}`);
      }
      if (seen.has(declaration)) continue;
      seen.add(declaration);
      sources.push(declaration);
    }
  }
  return sources.join('');
}

function closed(schema) {
  const copy = structuredClone(schema);
  walkSchema(copy, (node) => {
    // Conditions say which members must be there; as types they would come out as unions of near copies.
    delete node.if;
    delete node.then;
    delete node.else;
    delete node.propertyNames;
    // Would become a tag that TSDoc does not have.
    delete node.minItems;
    // A form that only drafts of the specification had is checked, but would make every reader tell the two apart.
    if (node.anyOf !== undefined) node.anyOf = node.anyOf.filter(({ deprecated }) => deprecated !== true);
  });
  return copy;
}
