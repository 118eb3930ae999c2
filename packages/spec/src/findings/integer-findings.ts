import { OBJECT_FIELDS } from '../generated/field-names.js';
import { skipWhitespace } from '../json/json-scan.js';
import { decodeName, FieldNames } from '../json/member-names.js';
import { type OpenContainer, walkTokens } from '../json/token-walk.js';
import { formatPointer } from '../patch/pointer.js';
import { quoted } from '../printable.js';
import type { FieldShape, IntegerFormat } from './field-table.js';
import type { SchemaFinding } from './finding.js';
import type { FindingCode } from './finding-codes.js';
import { fitsInteger, INTEGER_RANGES } from './integer-range.js';

const ROOT: FieldShape = { kind: 'object', name: 'Spec' };
const PLAIN_INTEGER = /^-?\d+$/;

interface Level {
  readonly shape: FieldShape | undefined;
  name: string;
}

/**
 * What is wrong with the integers of a configuration as they are written. After JSON.parse 1.0 is 1 and
 * 18446744073709551616 is what 18446744073709551615 is, so this looks at the tokens.
 *
 * @param bytes - A configuration that JSON.parse takes.
 */
export function integerFindings(bytes: Uint8Array): SchemaFinding[] {
  const names = new FieldNames(OBJECT_FIELDS);
  const findings: SchemaFinding[] = [];
  const levels: Level[] = [];
  const currentShape = (): FieldShape | undefined => {
    const level = levels.at(-1);
    return level === undefined ? ROOT : names.shapeOf(level.shape, level.name);
  };
  walkTokens(bytes, skipWhitespace(bytes, 0), {
    enter: () => {
      levels.push({ shape: currentShape(), name: '' });
    },
    leave: () => {
      levels.pop();
    },
    name: (open) => {
      const [level, container] = [levels.at(-1), open.at(-1)];
      if (level !== undefined && container !== undefined) level.name = nameOf(bytes, container);
    },
    scalar: (open, start, end) => {
      const shape = currentShape();
      const format = shape?.kind === 'leaf' ? shape.integer : undefined;
      if (format === undefined || !startsNumber(bytes[start])) return;
      const token = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + LONGEST_TOKEN)));
      const problem = checkToken(token, format);
      if (problem === undefined) return;
      const pointer = formatPointer(
        open.map((container) => (container.kind === 'array' ? container.index : nameOf(bytes, container))),
      );
      findings.push({
        level: 'error',
        code: problem.code,
        pointer,
        message: `${quoted(pointer)} must be ${problem.allowed}, not ${token}`,
      });
    },
  });
  return findings;
}

/** Long enough for every number that is of use; a longer token is out of range by its length. */
const LONGEST_TOKEN = 40;

function checkToken(
  token: string,
  format: IntegerFormat,
): { code: FindingCode; allowed: string } | undefined {
  if (!PLAIN_INTEGER.test(token)) {
    return { code: 'SPEC_INTEGER_FORM', allowed: 'an integer written in digits only' };
  }
  if (!fitsInteger(token, format)) {
    return { code: 'SPEC_INTEGER_RANGE', allowed: INTEGER_RANGES[format].join(' to ') };
  }
  return undefined;
}

function nameOf(bytes: Uint8Array, container: OpenContainer): string {
  return decodeName(bytes, container.nameStart, container.nameEnd);
}

function startsNumber(byte: number | undefined): boolean {
  return byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39);
}
