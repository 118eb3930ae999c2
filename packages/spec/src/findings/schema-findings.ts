import { formatPointer } from '../patch/pointer.js';
import { quoted } from '../printable.js';
import type { SchemaFinding } from './finding.js';
import type { FindingCode } from './finding-codes.js';

/** The part of a schema that a message and a level come from. */
interface SchemaPart {
  /** Keywords whose violation is an error; with `required` in it, absence is one. */
  readonly 'x-error'?: readonly string[];
  /** What a `pattern` allows, in words. */
  readonly 'x-allowed'?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaPart | undefined>>;
}

/** One error as the generated validators report it. */
export interface SchemaViolation {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly parentSchema: SchemaPart;
  readonly data: unknown;
  readonly schemaPath: string;
  readonly propertyName?: string;
}

/** A validator of the generated module. */
export interface SchemaValidator {
  (value: unknown): boolean;
  readonly errors?: readonly SchemaViolation[] | null;
}

const CODES: Readonly<Record<string, FindingCode>> = {
  type: 'SPEC_SCHEMA_TYPE',
  required: 'SPEC_SCHEMA_REQUIRED',
  enum: 'SPEC_SCHEMA_ENUM',
  pattern: 'SPEC_SCHEMA_PATTERN',
  minLength: 'SPEC_SCHEMA_EMPTY',
  minItems: 'SPEC_SCHEMA_EMPTY',
  minimum: 'SPEC_SCHEMA_RANGE',
  maximum: 'SPEC_SCHEMA_RANGE',
};

/** Keywords that only say that something inside them failed, which is reported by itself. */
const ENCLOSING = new Set(['if', 'propertyNames']);

/** Runs a generated validator: one finding for each thing that is wrong with the value. */
export function schemaFindings(validate: SchemaValidator, value: unknown): SchemaFinding[] {
  if (validate(value)) return [];
  const findings = new Map<string, SchemaFinding>();
  for (const violation of validate.errors ?? []) {
    if (ENCLOSING.has(violation.keyword)) continue;
    const finding = toFinding(violation);
    // A place can be checked by more than one part of a schema.
    const key = `${finding.code} ${finding.pointer}`;
    if (findings.get(key)?.level !== 'error') findings.set(key, finding);
  }
  return [...findings.values()];
}

function toFinding(violation: SchemaViolation): SchemaFinding {
  const { instancePath, keyword, parentSchema, propertyName } = violation;
  if (propertyName !== undefined) {
    const pointer = instancePath + formatPointer([propertyName]);
    return {
      level: 'warn',
      code: 'SPEC_SCHEMA_NAME',
      pointer,
      message: nameMessage(violation, propertyName),
    };
  }
  const code = CODES[keyword];
  if (code === undefined) throw new TypeError(`the schemas use ${keyword}, for which there is no finding`);
  if (keyword === 'required') {
    const name = String(violation.params['missingProperty']);
    const pointer = instancePath + formatPointer([name]);
    const isError = parentSchema.properties?.[name]?.['x-error']?.includes('required') ?? false;
    return { level: isError ? 'error' : 'warn', code, pointer, message: `${quoted(pointer)} is missing` };
  }
  // Go reads null as "absent" and leaves the empty value: an error only where absence is one. In a list or a map nothing
  // is absent: runc reads an empty text, and crun falls over it (a segmentation fault in 1.28).
  const isEntry = /\/\d+$/.test(instancePath) || /\/additionalProperties\/\w+$/.test(violation.schemaPath);
  const decisive = violation.data === null && !isEntry ? 'required' : keyword;
  const level = parentSchema['x-error']?.includes(decisive) ? 'error' : 'warn';
  return { level, code, pointer: instancePath, message: `${place(instancePath)} must ${demand(violation)}` };
}

function place(pointer: string): string {
  return pointer === '' ? 'the document' : quoted(pointer);
}

function nameMessage({ instancePath, parentSchema }: SchemaViolation, name: string): string {
  const allowed =
    parentSchema.enum === undefined ? 'must not be empty' : `must be ${oneOf(parentSchema.enum)}`;
  return `a name in ${place(instancePath)} ${allowed}, not ${quoted(name)}`.replace(/, not ""$/, '');
}

function demand(violation: SchemaViolation): string {
  const { keyword, params, parentSchema, data } = violation;
  switch (keyword) {
    case 'type':
      return `be ${typeNames(params['type'])}, not ${shown(data, 'kind')}`;
    case 'enum':
      return `be ${oneOf(parentSchema.enum ?? [])}, not ${shown(data)}`;
    case 'minLength':
    case 'minItems':
      return 'not be empty';
    case 'pattern':
      return `be ${parentSchema['x-allowed'] ?? `text of the form ${String(params['pattern'])}`}, not ${shown(data)}`;
    default:
      return `be ${range(parentSchema)}, not ${shown(data)}`;
  }
}

function typeNames(type: unknown): string {
  const names = [type].flat().map(String);
  const articles = names
    .filter((name) => name !== 'null')
    .map((name) => `${/^[aio]/.test(name) ? 'an' : 'a'} ${name}`);
  return articles.join(' or ');
}

function oneOf(values: readonly unknown[]): string {
  const listed = values.filter((value) => value !== null).map((value) => quoted(String(value)));
  return listed.length === 1 ? listed.join() : `one of ${listed.join(', ')}`;
}

function range({ minimum, maximum }: SchemaPart): string {
  if (maximum === undefined) return `at least ${minimum}`;
  return `${exact(minimum ?? 0)} to ${exact(maximum)}`;
}

/** The bound that was meant: as a double, 2^63-1 and 2^64-1 are one too large. */
function exact(bound: number): string {
  return Number.isSafeInteger(bound) || bound < 0
    ? BigInt(bound).toString()
    : (BigInt(bound) - 1n).toString();
}

function shown(value: unknown, as: 'value' | 'kind' = 'value'): string {
  if (typeof value === 'string') return as === 'kind' ? 'a string' : quoted(value);
  if (Array.isArray(value)) return 'an array';
  return value !== null && typeof value === 'object' ? 'an object' : String(value);
}
