const LONGEST_TEXT = 500;

/** A text for a message: an annotation may have 256 KiB, and whoever wrote it chooses how much of it is one name. */
export function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
