// Writes docs/rules-reference.md from the schema of the configuration, and what `ociwrap help rules` prints from the same text;
// with --check only says whether they are up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { parse } from 'smol-toml';

import { root } from './workspace.mjs';

const schema = JSON.parse(readFileSync(join(root, 'packages/cli/schema/config.schema.json'), 'utf8'));
const EXAMPLES = 'tools/rule-examples.toml';
const examples = parse(readFileSync(join(root, EXAMPLES), 'utf8'));

const PAGE = 'docs/rules-reference.md';
const MODULE = 'packages/cli/src/commands/help/generated/rule-reference.ts';

/** The parts of the page: the keys of which definition, and what is said before them. */
const PARTS = [
  {
    title: 'A rule as data',
    of: 'RuleDefinition',
    above: '',
    says: 'When it acts, and what it changes. Fields of `config.json` have the names that they have there.',
  },
  {
    title: 'A rule that comes with ociwrap',
    of: 'BuiltInRule',
    above: '',
    says: 'A `[[rule]]` with `use`. It stands here in the place that the profile gives it otherwise.',
  },
  {
    title: 'Options of `pvc-rootfs`',
    of: 'PvcRootfsOptions',
    above: 'options.',
    says: 'For `use = "pvc-rootfs"`. What is left out is as `[volumes]` says for the node.',
  },
  {
    title: 'Options of `cdi-devices`',
    of: 'CdiDevicesOptions',
    above: 'options.',
    says: 'For `use = "cdi-devices"`. What is left out is as `[cdi]` says for the node.',
  },
  {
    title: 'A rule in JavaScript',
    of: 'RuleModule',
    above: '',
    says: 'A `[[rule]]` with `module`: [configuration.md](configuration.md#rules-in-javascript) says how one is written.',
  },
];

const INTRODUCTION = `# Reference of rules

<!-- Written by tools/rule-reference.mjs from the schema of the configuration and ${EXAMPLES}: change those. -->

Every key of a \`[[rule]]\` in [\`config.toml\`](configuration.md) or a drop-in: what it means, which values it takes, and an
example that a test checks. On a node, \`ociwrap help rules KEY\` prints the same. How rules are written and tested is in
[rules.md](rules.md).

An example stands in a \`[[rule]]\` with a \`name\`; one without \`then\` needs a \`then\` as well.
`;

const definitionOf = ({ $ref }) => schema.$defs[$ref.slice('#/$defs/'.length)];

/** A schema with what it refers to, and the words of the outer one where both have some. */
function resolved(node) {
  const inner = node.$ref === undefined ? node.allOf?.[0] : definitionOf(node);
  if (inner === undefined) return node;
  const { $ref: _, allOf: __, ...own } = node;
  return { ...resolved(inner), ...own };
}

/** The words of a schema: "See volumes.strategy." means those of that key. */
function descriptionOf(node) {
  const { description = '' } = node;
  const [, path] = /^See ([a-z]+\.[a-z-]+)\.$/.exec(description) ?? [];
  if (path === undefined) return description;
  const there = path.split('.').reduce((at, name) => resolved(at.properties[name]), schema);
  return `${there.description} Left out: as \`${path}\`.`;
}

function valuesOf(node) {
  const { type, enum: choices, anyOf, items, additionalProperties, pattern } = node;
  if (choices !== undefined) return choices.map((each) => `\`${JSON.stringify(each)}\``).join(', ');
  if (anyOf !== undefined) return anyOf.map((each) => valuesOf(resolved(each))).join('; or ');
  switch (type) {
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
      return integersOf(node);
    case 'array':
      return `a list of ${manyOf(resolved(items ?? {}))}`;
    case 'object':
      if (typeof additionalProperties !== 'object') return 'a table';
      return `a table of names, each with ${valuesOf(resolved(additionalProperties))}`;
    case 'string':
      return pattern === '^/' ? 'an absolute path' : 'a text';
    default:
      return 'any value';
  }
}

/** The values of a list: `a text` is one of `texts`. */
function manyOf(item) {
  return valuesOf(item)
    .replace(/^an? (absolute path|text|table|number)/, '$1s')
    .replace(/^any value/, 'any values');
}

function integersOf({ minimum, maximum }) {
  // Those of 64 bits are rounded here; what their ends are nobody asks.
  if (Math.abs(maximum) <= 2 ** 32) return `a number from ${minimum} to ${maximum}`;
  return minimum === 0 ? 'a number, 0 or more' : 'a number';
}

/** Where each definition is told whole; everywhere else it is referred to. */
const told = new Map();

/** The keys of a schema, each before those in it. */
function* keysOf(node, above) {
  const required = new Set(node.required ?? []);
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    const inner = resolved(property);
    if (inner.deprecated === true) continue;
    const key = `${above}${name}`;
    const below = belowOf(inner, key);
    const seen = below && told.get(below.title);
    const isDeprecated = /Deprecated/.test(inner.description ?? '');
    const isTold = below !== undefined && seen === undefined && !isDeprecated;
    if (isTold) told.set(below.title, below.at);
    yield { key, node: inner, isRequired: required.has(name), as: seen, hasKeys: isTold && below.at === key };
    if (!isTold) continue;
    yield* keysOf(below.node, `${below.at}.`);
  }
}

/** What has keys of its own in a value: itself, each of a list, or each of a table. */
function belowOf(node, key) {
  if (node.properties !== undefined) return { node, title: node.title, at: key };
  const [each, at] =
    node.type === 'array' ? [node.items, `${key}[]`] : [node.additionalProperties, `${key}.NAME`];
  if (typeof each !== 'object') return undefined;
  const inner = resolved(each);
  return inner.properties === undefined ? undefined : { node: inner, title: inner.title, at };
}

const missing = [];

function section({ key, node, isRequired, as, hasKeys }, of) {
  const example = examples[of]?.[key];
  if (example === undefined && !hasKeys) missing.push(`${of} ${key}`);
  const values = hasKeys ? 'the keys below' : valuesOf(node);
  const said = [
    `Values: ${values}.`,
    ...(node.default === undefined ? [] : [`Default: \`${JSON.stringify(node.default)}\`.`]),
    ...(isRequired ? ['Required.'] : []),
    ...(as === undefined ? [] : [`The keys in it are those of \`${as}\`.`]),
  ];
  const block = example === undefined ? '' : `\n\`\`\`toml\n${example}\n\`\`\`\n`;
  return `### \`${key}\`\n\n${descriptionOf(node)}\n\n${said.join(' ')}\n${block}`;
}

function partText({ title, of, above, says }) {
  const sections = [...keysOf(schema.$defs[of], above)].map((key) => section(key, of));
  return `## ${title}\n\n${says}\n\n${sections.join('\n')}`;
}

function pageText() {
  return [INTRODUCTION, ...PARTS.map(partText)].join('\n');
}

const page = pageText();
if (missing.length > 0) {
  console.error(`${EXAMPLES} has no example of: ${missing.join(', ')}`);
  process.exit(1);
}

/** The parts of the page, without what is about the page: one text, so that it lies apart from what calls touch. */
const text = page.slice(page.indexOf('\n## ') + 1);
const files = {
  [PAGE]: page,
  [MODULE]: `// Generated by tools/rule-reference.mjs: do not edit.\n\n/** ${PAGE} from its first part on. */\nexport const RULE_REFERENCE = ${JSON.stringify(text)};\n`,
};
for (const [name, content] of Object.entries(files)) {
  const path = join(root, name);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== content) {
    console.error(`${name} is out of date: run node tools/rule-reference.mjs`);
    process.exitCode = 1;
  }
}
