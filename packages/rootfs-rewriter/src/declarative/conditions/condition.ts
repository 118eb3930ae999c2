import { formatPointer, type JsonValue, quoted } from '@opencontainers-ts/runtime-spec';
import type {
  AnnotationTest,
  ArgsTest,
  Condition,
  EnvTest,
  MountTest,
} from '../../generated/rule-definition.js';
import type { RuleFailure } from '../../planning/rule.js';
import { matchesGlob } from '../glob.js';
import type { ConditionSubject } from './condition-subject.js';

/** Why a condition does not hold: for machines, and for people. */
export interface Failed {
  readonly failure: RuleFailure;
  /** `annotation "example.org/kvm" is "false", wanted is "true"` */
  readonly reason: string;
}

type Place = readonly (string | number)[];
type Check<Test> = (test: Test, subject: ConditionSubject, place: Place) => Failed | undefined;
type Checks = { readonly [Name in keyof Condition]-?: Check<NonNullable<Condition[Name]>> };

/** One check for each member of a condition, in the order in which they are made: the cheap ones first. */
const CHECKS: Checks = {
  verb: (wanted, { verb }, place) => {
    const verbs = typeof wanted === 'string' ? [wanted] : wanted;
    return verbs.includes(verb) ? undefined : failed(place, 'the verb', verbs.join(' or '), verb);
  },
  annotation: (test, subject, place) =>
    checkText(test, subject.annotation(test.key), `annotation ${quoted(test.key)}`, place),
  containerType: (wanted, subject, place) => {
    const found = subject.containerType();
    return found === wanted ? undefined : failed(place, 'the container type', wanted, found);
  },
  podNamespace: (glob, subject, place) =>
    checkGlob(glob, subject.names().podNamespace, 'the namespace of the pod', place),
  containerName: (glob, subject, place) =>
    checkGlob(glob, subject.names().containerName, 'the name of the container', place),
  imageName: (glob, subject, place) =>
    checkGlob(glob, subject.names().imageName, 'the name of the image', place),
  env: (test, subject, place) =>
    checkText(test, subject.env(test.name), `variable ${quoted(test.name)}`, place),
  args: checkArgs,
  mount: checkMount,
  all: (conditions, subject, place) => {
    for (const [index, condition] of conditions.entries()) {
      const found = findFailed(condition, subject, [...place, index]);
      if (found !== undefined) return found;
    }
    return undefined;
  },
  any: (conditions, subject, place) => {
    const found = conditions.map((condition, index) => findFailed(condition, subject, [...place, index]));
    return found.includes(undefined) ? undefined : found[0];
  },
  not: (condition, subject, place) =>
    findFailed(condition, subject, place) === undefined
      ? {
          failure: {
            kind: 'failed-condition',
            condition: formatPointer(place),
            expected: false,
            found: true,
          },
          reason: `what ${formatPointer(place)} excludes is so`,
        }
      : undefined,
};

const MEMBERS = Object.keys(CHECKS) as (keyof Condition)[];

/** The first member of a condition that does not hold; `undefined` where all of them do. */
export function findFailed(
  condition: Condition,
  subject: ConditionSubject,
  place: Place,
): Failed | undefined {
  for (const name of MEMBERS) {
    // Most are not there, and an interpreter takes longer to call than to look.
    if (condition[name] === undefined) continue;
    const found = checkMember(name, condition, subject, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkMember<Name extends keyof Condition>(
  name: Name,
  condition: Condition,
  subject: ConditionSubject,
  place: Place,
): Failed | undefined {
  const test = condition[name];
  return test === undefined
    ? undefined
    : (CHECKS[name] as Check<typeof test>)(test, subject, [...place, name]);
}

function checkText(
  { present, equals, glob }: AnnotationTest | EnvTest,
  found: string | undefined,
  subject: string,
  place: Place,
): Failed | undefined {
  if (present === false) {
    return found === undefined ? undefined : failed([...place, 'present'], subject, undefined, found);
  }
  if (equals !== undefined) {
    return found === equals ? undefined : failed([...place, 'equals'], subject, equals, found);
  }
  return checkGlob(glob ?? '*', found, subject, glob === undefined ? place : [...place, 'glob']);
}

function checkGlob(
  glob: string,
  found: string | undefined,
  subject: string,
  place: Place,
): Failed | undefined {
  return found !== undefined && matchesGlob(glob, found) ? undefined : failed(place, subject, glob, found);
}

function checkArgs(
  { at, equals, glob }: ArgsTest,
  subject: ConditionSubject,
  place: Place,
): Failed | undefined {
  const args = subject.args();
  const candidates = at === undefined ? args : args.slice(Number(at), Number(at) + 1);
  const wanted = equals ?? glob ?? '*';
  const isMatch = (arg: string) => (equals === undefined ? matchesGlob(wanted, arg) : arg === equals);
  if (candidates.some(isMatch)) return undefined;
  return at === undefined
    ? failed(place, 'an argument', wanted, args)
    : failed(place, `argument ${at}`, wanted, candidates[0]);
}

function checkMount(test: MountTest, subject: ConditionSubject, place: Place): Failed | undefined {
  const { destination = '*', source = '*', type = '*', option } = test;
  const mounts = subject.mounts();
  const isMatch = mounts.some(
    (mount) =>
      matchesGlob(destination, mount.destination) &&
      matchesGlob(source, mount.source) &&
      matchesGlob(type, mount.type) &&
      (option === undefined || mount.options.some((each) => matchesGlob(option, each))),
  );
  return isMatch
    ? undefined
    : failed(
        place,
        'a mount',
        { ...test },
        mounts.map((mount) => mount.destination),
      );
}

/** `undefined` is what is not there. */
function failed(
  place: Place,
  subject: string,
  expected: JsonValue | undefined,
  found: JsonValue | undefined,
): Failed {
  const condition = formatPointer(place);
  return {
    failure: { kind: 'failed-condition', condition, expected: expected ?? null, found: found ?? null },
    reason: `${subject} is ${shown(found)}, wanted is ${shown(expected)}`,
  };
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'not there';
  if (typeof value === 'string') return quoted(value);
  if (!Array.isArray(value)) return quoted(JSON.stringify(value));
  return value.length === 0 ? 'not there' : `one of ${quoted(value.join(' '))}`;
}
