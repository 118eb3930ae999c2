import type { FieldShape } from '../findings/field-table.js';
import { OBJECT_FIELDS } from '../generated/field-names.js';
import { FieldNames } from '../json/member-names.js';
import { quoted } from '../printable.js';
import type { LintTopic, Report } from './lint-topic.js';
import { nearestName } from './nearest-name.js';

const NAMES = new FieldNames(OBJECT_FIELDS);

/** A hostile document could hold a million names, each of which is compared with thirty. */
const MOST_NAMES = 10_000;

type Path = readonly (string | number)[];

/**
 * Members that the specification does not have. It lets runtimes ignore them (config.md, "Extensibility"), so that a
 * misspelt one says nothing to anybody: `noNewPrivilege` leaves the process its privileges.
 */
export const lintMemberNames: LintTopic = (spec, report) => {
  let left = MOST_NAMES;
  const lintName = (name: string, fields: readonly string[], path: Path): void => {
    left -= 1;
    const near = left < 0 ? undefined : nearestName(name, fields);
    if (near !== undefined) tell(name, near, path, report);
  };
  // By a list of what is left to look at: a document may be nested deeper than the stack.
  const open: { value: unknown; shape: FieldShape | undefined; path: Path }[] = [
    { value: spec, shape: { kind: 'object', name: 'Spec' }, path: [] },
  ];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, shape, path } = place;
    if (typeof value !== 'object' || value === null || shape === undefined) continue;
    // An older form of a member can be a list where today's is an object, and the other way round.
    if (Array.isArray(value) !== (shape.kind === 'array')) continue;
    const fields = shape.kind === 'object' ? Object.keys(OBJECT_FIELDS[shape.name] ?? {}) : [];
    for (const [key, inner] of Object.entries(value)) {
      const step = shape.kind === 'array' ? Number(key) : key;
      if (shape.kind === 'object' && NAMES.fieldFor(shape, key) === undefined) {
        lintName(key, fields, path);
      } else {
        open.push({ value: inner, shape: NAMES.shapeOf(shape, key), path: [...path, step] });
      }
    }
  }
};

function tell(name: string, near: string, path: Path, report: Report): void {
  const message = `${quoted(name)} is ignored by every runtime; the specification has ${quoted(near)}`;
  report('LINT_MEMBER_MISSPELT', [...path, name], message);
}
