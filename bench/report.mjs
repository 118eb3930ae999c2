// The figures as text, as Markdown and as a plot.

const decimals = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));
const spread = ({ low, high }) => `${decimals(low)} to ${decimals(high)}`;
const times = (value) => `${value.toFixed(value < 0.1 ? 3 : 2)} ×`;

function columnsOf({ rows }) {
  const has = (key) => rows.some((row) => row[key] !== undefined);
  return [
    { head: 'what', cell: (row) => row.name },
    { head: 'median', cell: (row) => `${decimals(row.median)} ms`, right: true },
    { head: 'half of all', cell: (row) => `${spread(row)} ms`, right: true },
    ...(has('parse')
      ? [{ head: 'JSON.parse', cell: (row) => `${decimals(row.parse)} ms`, right: true }]
      : []),
    { head: 'ratio', cell: (row) => times(row.ratio), right: true },
    ...(has('peak')
      ? [{ head: 'peak memory', cell: (row) => `${row.peak.toFixed(1)} MiB`, right: true }]
      : []),
  ];
}

/** A ratio, unless the target has a unit. */
const figure = (value, { unit }) => (unit === undefined ? times(value) : `${decimals(value)} ${unit}`);
const verdict = ({ value, atMost }) => (value <= atMost ? 'reached' : 'not reached');

/** For the terminal. */
export function asText({ title, note, rows, targets }) {
  const columns = columnsOf({ rows });
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index].length)));
  return [
    title,
    ...note,
    ...cells.map((line) =>
      line
        .map((cell, index) =>
          columns[index].right ? cell.padStart(widths[index]) : cell.padEnd(widths[index]),
        )
        .join('  '),
    ),
    ...targets.map(
      (target) =>
        `${figure(target.value, target).padStart(8)}  ${target.what}: ${verdict(target)} (${target.atMost})`,
    ),
    '',
  ].join('\n');
}

/** For docs/performance.md. */
export function asMarkdown({ title, note, rows, targets }) {
  const table = (columns, lines) => [
    `| ${columns.map(({ head }) => head).join(' | ')} |`,
    `|${columns.map(({ right }) => (right ? '---:' : '---')).join('|')}|`,
    ...lines.map((line) => `| ${columns.map(({ cell }) => cell(line)).join(' | ')} |`),
    '',
  ];
  const targetColumns = [
    { head: 'target', cell: (target) => target.what },
    { head: 'at most', cell: (target) => figure(target.atMost, target), right: true },
    { head: 'measured', cell: (target) => figure(target.value, target), right: true },
    { head: '', cell: verdict },
  ];
  return [
    `### ${title}`,
    '',
    ...note.flatMap((line) => [line, '']),
    ...(rows.length > 0 ? table(columnsOf({ rows }), rows) : []),
    ...(targets.length > 0 ? table(targetColumns, targets) : []),
  ].join('\n');
}

const ROW = 26;
const LABELS = 330;
const WIDTH = 860;

/** Medians as bars on a logarithmic axis, with a line over the middle half of all rounds. */
export function asPlot({ title, rows }) {
  const sorted = [...rows].sort((one, other) => one.median - other.median);
  const least = 10 ** Math.floor(Math.log10(Math.min(...sorted.map(({ low }) => low))));
  const most = Math.max(...sorted.map(({ high }) => high)) * 1.4;
  const x = (value) => LABELS + ((WIDTH - LABELS - 60) * Math.log(value / least)) / Math.log(most / least);
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].filter(
    (tick) => tick >= least && tick <= most,
  );
  const height = sorted.length * ROW + 70;
  const xml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const at = (value) => x(value).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${xml(title)}: median wall time of each program</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="22" font-size="15" fill="#222222">${xml(title)}: median wall time, milliseconds, logarithmic</text>`,
    ...ticks.flatMap((tick) => [
      `<line x1="${at(tick)}" x2="${at(tick)}" y1="36" y2="${height - 26}" stroke="#dddddd"/>`,
      `<text x="${at(tick)}" y="${height - 10}" text-anchor="middle" fill="#555555">${tick}</text>`,
    ]),
    ...sorted.flatMap(({ name, low, median, high }, index) => {
      const y = 40 + index * ROW;
      const fill = name.startsWith('wrapper') ? '#1f6f8b' : '#b8c4cc';
      return [
        `<text x="${LABELS - 10}" y="${y + 15}" text-anchor="end" fill="#222222">${xml(name)}</text>`,
        `<rect x="${LABELS}" y="${y + 3}" width="${(x(median) - LABELS).toFixed(1)}" height="${ROW - 8}" fill="${fill}"/>`,
        `<line x1="${at(low)}" x2="${at(high)}" y1="${y + 12}" y2="${y + 12}" stroke="#222222" stroke-width="1.5"/>`,
        `<text x="${(x(high) + 6).toFixed(1)}" y="${y + 16}" fill="#222222">${decimals(median)}</text>`,
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}
