import { type Document, isCollection, type YAMLParseError } from 'yaml';

import { lineNumbers } from '../line-numbers.js';
import { SpecFault } from '../spec-fault.js';

/** What makes a text no YAML, told as go-yaml tells it. */
export function yamlSyntaxFault(document: Document.Parsed, text: string): SpecFault | undefined {
  const { contents } = document;
  // go-yaml reads no further than the first value: what follows a complete { } or [ ] is never looked at.
  const isFlow = isCollection(contents) && contents.flow === true;
  const end = isFlow ? (contents.range?.[1] ?? 0) : text.length;
  const first = document.errors.find(({ pos, code }) => pos[0] < end || !isFlow || code === 'MISSING_CHAR');
  if (first === undefined) return undefined;
  const message = goMessage(first, text);
  const [offset] = first.pos;
  const where = `line ${lineNumbers(text)(offset)}`;
  return new SpecFault(`error converting YAML to JSON: yaml: ${where}: ${message}`, [], offset);
}

/** go-yaml's words for a bracket that is never closed; for the rest, those of the library. */
function goMessage({ code, message }: YAMLParseError, text: string): string {
  if (code === 'MISSING_CHAR' && /[[{,:]$/.test(text.trimEnd())) return 'did not find expected node content';
  return message.charAt(0).toLowerCase() + message.slice(1);
}
