import { printable } from '@opencontainers-ts/runtime-spec';

/** Text that is HTML already: made by {@link html} alone. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a piece of HTML. A list is put in one after another; undefined is nothing. */
type Piece = Html | string | number | undefined | readonly Piece[];

/**
 * HTML with values in it, each of which becomes text, in an element or in an attribute in double quotes: whatever is in a log, a path or a
 * configuration, no element comes of it. What could act on a reader in another way (control characters, and those that change the
 * direction of writing) is shown as its escape.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return new Html(parts.map((part, index) => part + textOf(values[index])).join(''));
}

function textOf(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return printable(String(piece)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
