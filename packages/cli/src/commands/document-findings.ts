import {
  checkExtent,
  type Finding,
  type SchemaFinding,
  SpecDocument,
  type SpecError,
  validateConfig,
  validateFeatures,
  validateState,
} from '@opencontainers-ts/runtime-spec';
import { type LintOptions, lintConfig } from '@opencontainers-ts/runtime-spec/lint';

/** The documents of the runtime specification. */
export const DOCUMENT_TYPES = ['config', 'state', 'features'] as const;

export type DocumentType = (typeof DOCUMENT_TYPES)[number];

/**
 * All findings of a document, broken JSON among them: for somebody who checks a file, a missing comma is a finding
 * like any other, with its line.
 *
 * @param judges - who is asked: the specification or runtimes, and which of these
 * @throws SpecError `ERR_SPEC_EXTENT`
 */
export function findingsOf(
  bytes: Uint8Array,
  type: DocumentType,
  name: string,
  judges: LintOptions = {},
): readonly Finding[] {
  let document: SpecDocument;
  try {
    checkExtent(bytes, name);
    document = SpecDocument.parse(bytes, name);
  } catch (error) {
    return [syntaxFinding(error)];
  }
  switch (type) {
    case 'config':
      return configFindings(document, judges);
    case 'state':
      return placed(validateState(document.spec, judges), document);
    case 'features':
      return placed(validateFeatures(document.spec, judges), document);
  }
}

/**
 * What the schema and the lint say. Where both speak of one place, the graver one stands, and of two equals the
 * lint's, which knows why.
 */
function configFindings(document: SpecDocument, judges: LintOptions): readonly Finding[] {
  const schema = validateConfig(document, judges);
  const lint = lintConfig(document, judges);
  const errorsOfSchema = placesOf(schema.filter(({ level }) => level === 'error'));
  const placesOfLint = placesOf(lint);
  return [
    ...schema.filter(({ level, pointer }) => level === 'error' || !placesOfLint.has(pointer)),
    ...lint.filter(({ pointer }) => !errorsOfSchema.has(pointer)),
  ].sort((one, other) => one.line - other.line || one.column - other.column);
}

function placesOf(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.map(({ pointer }) => pointer));
}

/** A syntax error as a finding; anything else is not about the document, and is thrown on. */
function syntaxFinding(error: unknown): Finding {
  const { code, message, details } = error as SpecError;
  if (code !== 'ERR_SPEC_SYNTAX') {
    throw error;
  }
  return {
    level: 'error',
    code,
    pointer: '',
    line: Number(details['line']),
    column: Number(details['column']),
    message,
  };
}

function placed(findings: readonly SchemaFinding[], document: SpecDocument): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, ...nearestPosition(finding.pointer, document) }));
}

/** Where a value stands; for one that is missing, where the value around it stands. */
function nearestPosition(pointer: string, document: SpecDocument): { line: number; column: number } {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const position = document.position(at);
    if (position !== undefined) {
      return position;
    }
  }
  return document.position('') ?? { line: 1, column: 1 };
}
