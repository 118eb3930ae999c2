import { formatPointer } from '@opencontainers-ts/runtime-spec';
import type { AnnotationTest, Condition, EnvTest } from '../../generated/rule-definition.js';
import { NAME_KEYS } from '../../spec-edit/container-names.js';
import { literalOf } from '../glob.js';

/**
 * What a document must hold for a condition to hold: one of these texts, anywhere in it; and where `annotations` is
 * given, one of these annotations.
 */
export interface Need {
  readonly texts: readonly string[];
  readonly annotations?: readonly string[];
}

type NeedOf<Test> = (test: Test) => Need | undefined;
type Needs = { readonly [Name in keyof Condition]-?: NeedOf<NonNullable<Condition[Name]>> };

const CONTAINER_TYPE_KEYS = ['io.kubernetes.cri.container-type', 'io.kubernetes.cri-o.ContainerType'];

// `undefined`: the condition can hold for a document without any particular text.
const NEEDS: Needs = {
  verb: () => undefined,
  not: () => undefined,
  annotation: (test) => (isPositive(test) ? annotationsNeeded([test.key]) : undefined),
  containerType: () => annotationsNeeded(CONTAINER_TYPE_KEYS),
  podNamespace: () => annotationsNeeded(NAME_KEYS.podNamespace),
  containerName: () => annotationsNeeded(NAME_KEYS.containerName),
  imageName: () => annotationsNeeded(NAME_KEYS.imageName),
  env: (test) => (isPositive(test) ? { texts: [test.name] } : undefined),
  args: ({ equals, glob }) => textNeeded(equals ?? literalOf(glob ?? '*')),
  // Paths are compared tidied, `/sys` is `//sys/`: what lies between the slashes is there however it is spelt.
  mount: ({ destination = '', source = '', type = '', option = '' }) =>
    textNeeded(
      longest([literalOf(destination, '/'), literalOf(source, '/'), literalOf(type), literalOf(option)]),
    ),
  all: (conditions) => best(conditions.map(needOf)),
  any: (conditions) => either(conditions.map(needOf)),
};

/** What must be in a document for the condition to hold; `undefined` where nothing must. */
export function needOf(condition: Condition): Need | undefined {
  let need: Need | undefined;
  for (const name of MEMBERS) {
    // Most are not there, and an interpreter takes longer to call than to look.
    if (condition[name] !== undefined) need = better(need, memberNeed(name, condition));
  }
  return need;
}

const MEMBERS = Object.keys(NEEDS) as (keyof Condition)[];

/** Annotations that a condition asks about, those that engines write left out: who writes a pod may misspell one. */
export function annotationsAskedAbout(condition: Condition): readonly string[] {
  const { all = [], any = [], not, annotation } = condition;
  const inner = [...all, ...any, ...(not === undefined ? [] : [not])].flatMap(annotationsAskedAbout);
  const own = annotation === undefined || annotation.key.startsWith('io.kubernetes.') ? [] : [annotation.key];
  return [...new Set([...own, ...inner])];
}

/** JSON Pointers of what a condition looks at. */
export function readsOf(condition: Condition): readonly string[] {
  const { all, any, not, annotation, containerType, podNamespace, containerName, imageName } = condition;
  const reads: string[] = [];
  for (const inner of [all, any, not && [not]]) {
    if (inner !== undefined) reads.push(...inner.flatMap(readsOf));
  }
  if (annotation !== undefined) reads.push(formatPointer(['annotations', annotation.key]));
  const namesOfEngine = containerType ?? podNamespace ?? containerName ?? imageName;
  if (namesOfEngine !== undefined) reads.push('/annotations');
  if (condition.env !== undefined) reads.push('/process/env');
  if (condition.args !== undefined) reads.push('/process/args');
  if (condition.mount !== undefined) reads.push('/mounts');
  return reads;
}

function memberNeed<Name extends keyof Condition>(name: Name, condition: Condition): Need | undefined {
  const test = condition[name];
  return test === undefined ? undefined : (NEEDS[name] as NeedOf<typeof test>)(test);
}

function isPositive({ present }: AnnotationTest | EnvTest): boolean {
  return present !== false;
}

function annotationsNeeded(keys: readonly string[]): Need {
  return { texts: keys, annotations: keys };
}

function textNeeded(text: string): Need | undefined {
  return text === '' ? undefined : { texts: [text] };
}

function longest(texts: readonly string[]): string {
  return texts.reduce((one, other) => (other.length > one.length ? other : one), '');
}

/** All hold, so that any one need is enough: the one that fewest documents meet, as far as that can be told. */
function best(needs: readonly (Need | undefined)[]): Need | undefined {
  return needs.reduce(better, undefined);
}

function better(one: Need | undefined, other: Need | undefined): Need | undefined {
  return one === undefined || (other !== undefined && isRarer(other, one)) ? other : one;
}

function isRarer(one: Need, other: Need): boolean {
  // An annotation of somebody's own says more than those that engines write on every container, or a word.
  const rank = ({ texts, annotations }: Need) =>
    (annotations === undefined ? 0 : 2) + (texts.some((text) => text.startsWith('io.kubernetes.')) ? -1 : 0);
  return rank(one) > rank(other);
}

/** One holds, nobody knows which: the texts of each, and no filter where one needs none. */
function either(needs: readonly (Need | undefined)[]): Need | undefined {
  const known = needs.filter((need) => need !== undefined);
  if (known.length < needs.length) return undefined;
  const texts = [...new Set(known.flatMap((need) => need.texts))];
  return known.every(({ annotations }) => annotations !== undefined)
    ? { texts, annotations: [...new Set(known.flatMap((need) => need.annotations ?? []))] }
    : { texts };
}
