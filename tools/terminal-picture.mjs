// What a terminal shows, as a picture: text in an SVG, which any size of screen and a screen reader can have, in the colours of
// the page around it, without a font of its own.

const LINE = 19;
const WIDTH_OF_CHARACTER = 8.45;
const EDGE = 16;
const HEAD = 24;
/** Above each part of the session. */
const GAP = 9;
/** Seconds until the next line is there: after what was typed, and after what a program prints. */
const DELAYS = { comment: 0.9, typed: 0.7, printed: 0.12 };

const STYLE = `
  .screen { fill: #f6f8fa; stroke: #d0d7de }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; white-space: pre }
  .title, .comment { fill: #59636e }
  .comment { font-style: italic }
  .prompt, .added { fill: #1a7f37 }
  .removed, .refused { fill: #cf222e }
  .typed { font-weight: bold }
  .line { animation: appear 0.01s both }
  @keyframes appear { from { opacity: 0 } to { opacity: 1 } }
  @media (prefers-color-scheme: dark) {
    .screen { fill: #0d1117; stroke: #3d444d }
    text { fill: #e6edf3 }
    .title, .comment { fill: #9198a1 }
    .prompt, .added { fill: #3fb950 }
    .removed, .refused { fill: #ff7b72 }
  }
  @media (prefers-reduced-motion: reduce), print { .line { animation: none } }
`;

/**
 * @param lines - each with its kind: `comment`, `typed` or `printed`
 * @returns an SVG in which they appear one after another, and stay
 */
export function terminalPicture(lines, { title, columns }) {
  const shown = lines.flatMap((line) => wrapped(line, columns));
  const width = Math.ceil(columns * WIDTH_OF_CHARACTER) + 2 * EDGE;
  const gaps = shown.filter(({ kind }) => kind === 'comment').length;
  const height = HEAD + shown.length * LINE + gaps * GAP + EDGE;
  let at = 0;
  let y = HEAD;
  const texts = shown.map((line) => {
    const delay = at;
    at += DELAYS[line.kind];
    y += line.kind === 'comment' ? LINE + GAP : LINE;
    return `<text class="line" style="animation-delay: ${delay.toFixed(2)}s" x="${EDGE}" y="${y}">${contentOf(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(title)}</title>
<style>${STYLE}</style>
<rect class="screen" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="${EDGE}" y="21">${escaped(title)}</text>
${texts.join('\n')}
</svg>
`;
}

/** A line as a terminal of that many columns breaks it. */
function wrapped({ kind, text }, columns) {
  const pieces = [];
  for (let rest = text; ; rest = rest.slice(columns)) {
    pieces.push(rest.slice(0, columns));
    if (rest.length <= columns) break;
  }
  return pieces.map((piece) => ({ kind, text: piece, whole: text }));
}

function contentOf({ kind, text, whole }) {
  if (kind === 'typed')
    return `<tspan class="prompt"># </tspan><tspan class="typed">${escaped(text)}</tspan>`;
  const color = kind === 'comment' ? 'comment' : colorOf(whole);
  return color === undefined ? escaped(text) : `<tspan class="${color}">${escaped(text)}</tspan>`;
}

/** Of a difference, and of a refusal with its code. */
function colorOf(text) {
  if (/\[ERR_\w+\]/.test(text)) return 'refused';
  if (text.startsWith('+')) return 'added';
  return text.startsWith('-') ? 'removed' : undefined;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
