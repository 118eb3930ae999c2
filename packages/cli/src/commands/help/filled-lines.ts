/** Paragraphs as lines that are no wider than `width`, with an empty line between them; a longer word has its own line. */
export function filledLines(paragraphs: readonly string[], width: number): string {
  return paragraphs.map((paragraph) => `${filled(paragraph, width)}\n`).join('\n');
}

function filled(paragraph: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
