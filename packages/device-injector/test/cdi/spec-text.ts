import { type CdiSpec, checkSpecText } from '../../src/index.js';

const PATH = '/etc/cdi/v.yaml';
const PARSING = `failed to parse CDI Spec "${PATH}": failed to unmarshal CDI Spec: `;

/** The spec that a text is, or what is wrong with it, without the words that every message begins with. */
export function checked(text: string): CdiSpec | string {
  const found = checkSpecText(PATH, new TextEncoder().encode(text));
  if ('spec' in found) return found.spec;
  return found.message
    .replace('failed to load CDI Spec ', '')
    .replace('invalid CDI Spec: ', '')
    .replace(PARSING, '')
    .replace('error unmarshaling JSON: while decoding JSON: ', '')
    .replace('error converting YAML to JSON: ', '');
}

/** A spec of one device `d` with the given edits. */
export function specWith(edits: object, more: object = {}): string {
  return JSON.stringify({
    cdiVersion: '1.1.0',
    kind: 'vendor.com/device',
    devices: [{ name: 'd', containerEdits: edits }],
    ...more,
  });
}
