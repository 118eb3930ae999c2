import type { EngineFacts, HandlerFacts } from '../doctor/checks/check-engines.js';
import { LEVELS } from '../doctor/finding.js';
import { countsText } from '../doctor/findings-text.js';
import { decisionRows, isTelling, MOST_SHOWN, shortTime } from './decision-rows.js';
import { type Html, html } from './html.js';
import type { NodeReport } from './node-report.js';
import { STYLE } from './style.js';

/** Nothing is fetched and nothing is run, whatever the text of others says: the reader's browser is told so. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A node on one page, which stands for itself: no script, nothing that is fetched. */
export function reportHtml(report: NodeReport): string {
  const { node, generated, findings, worst } = report;
  const sections = sectionsOf(report);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${node}: ociwrap report</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${node === '' ? 'A node' : node}</h1>
<p class="soft">ociwrap report of <time datetime="${generated}">${shortTime(generated)}</time>; version ${report.version}</p>
<ul class="counts" aria-label="${countsText(findings)}">${LEVELS.map((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? undefined : html`<li class="${level}"><b>${count}</b> ${nameOf(level, count)}</li>`;
  })}</ul>
<p class="soft">${SUMMARIES[worst]}</p>
<nav aria-label="sections">${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>\n`)}</nav>
</header>
<main>
${sections.map(
  ({ id, title, count, body }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}${count === undefined ? undefined : html` <span class="count">${count}</span>`}</h2>
${body}
</section>
`,
)}</main>
<footer>Made by <code>ociwrap report</code> on this node. What stands in it of logs, paths and configurations is text of others.</footer>
</body>
</html>
`;
  return page.text;
}

const SUMMARIES = {
  fault:
    'Something is wrong that keeps containers from starting as they should, or lets somebody do what they should not.',
  warning: 'Nothing is broken, and something is lost that somebody will miss.',
  note: 'Nothing is wrong.',
  ok: 'Nothing is wrong.',
} as const;

function nameOf(level: string, count: number): string {
  return level === 'ok' || count === 1 ? level : `${level}s`;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly count?: number;
  readonly body: Html;
}

function sectionsOf(report: NodeReport): readonly Section[] {
  const { findings, settings, rules, engines } = report;
  const telling = report.decisions.filter(isTelling);
  return [
    { id: 'findings', title: 'Findings', count: findings.length, body: findingsTable(report) },
    { id: 'installation', title: 'Installation', body: installation(report) },
    { id: 'engines', title: 'Engines and handlers', count: engines.length, body: enginesTable(engines) },
    { id: 'rules', title: 'Rules', count: rules.length, body: rulesTable(report) },
    { id: 'decisions', title: 'Recent decisions', count: telling.length, body: decisions(report) },
    { id: 'settings', title: 'Settings', count: settings.length, body: settingsTable(report) },
  ];
}

/** A table whose cells name their column where there is no room for a head. */
function table(heads: readonly string[], rows: readonly Html[]): Html {
  return html`<table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table>`;
}

function nothing(text: string): Html {
  return html`<p class="soft">${text}</p>`;
}

function findingsTable({ findings }: NodeReport): Html {
  const rows = findings.map(
    ({ level, check, message, remedy }) => html`<tr>
<td class="level"><span class="badge ${level}">${level}</span></td>
<td class="key">${check}</td>
<td><p>${message}</p>${remedy === undefined ? undefined : html`<p class="remedy">${remedy}</p>`}</td>
</tr>
`,
  );
  return table(['level', 'check', 'what'], rows);
}

function installation({ version, program, installation: found, configuration, runtimes }: NodeReport): Html {
  const { prefix, isInstalled, current, versions } = found;
  const facts: readonly (readonly [string, string])[] = [
    ['version', version],
    ['program', program],
    ['installed', isInstalled ? `${current ?? 'no version'} below ${prefix}` : `nothing below ${prefix}`],
    ...(versions.length > 1
      ? [['kept', versions.filter((name) => name !== current).join(', ')] as const]
      : []),
    ['configuration', configuration.files.join(', ') || 'none: the defaults hold'],
    ...runtimes.map(
      ({ path, name, version: release }) =>
        ['runtime', name === null ? path : `${path}, ${name} ${release ?? ''}`] as const,
    ),
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd class="mono">${value}</dd>\n`)}</dl>`;
}

function enginesTable(engines: readonly EngineFacts[]): Html {
  if (engines.length === 0) return nothing('No container engine is seen on this node.');
  const rows = engines.flatMap((engine) => {
    const { handlers, fault } = engine;
    if (fault !== undefined) return [engineRow(engine, undefined, `${fault.code}: ${fault.message}`)];
    if (handlers.length === 0) return [engineRow(engine, undefined, 'no handler is configured')];
    return handlers.map((handler) => engineRow(engine, handler, callsOf(handler)));
  });
  return table(['engine', 'handler', 'calls', 'annotations'], rows);
}

function callsOf({ program, isOurs }: HandlerFacts): string {
  return program ?? (isOurs ? 'this program' : 'the runtime of its name');
}

function engineRow(engine: EngineFacts, handler: HandlerFacts | undefined, calls: string): Html {
  const { engine: name, distribution, configPath } = engine;
  const annotations = handler?.podAnnotations.join(', ') ?? '';
  return html`<tr>
<td data-head="engine">${distribution === 'plain' ? name : `${name} of ${distribution}`}</td>
<td data-head="handler">${handler?.name}${handler?.isDefault ? ' (default)' : undefined}${handler?.isOurs ? html` <span class="badge ok">ociwrap</span>` : undefined}</td>
<td data-head="calls"><span class="mono">${calls}</span><p class="soft mono">${handler?.path ?? configPath}</p></td>
<td data-head="annotations" class="mono">${annotations}</td>
</tr>
`;
}

function rulesTable({ rules }: NodeReport): Html {
  if (rules.length === 0) return nothing('No rule is active: every container passes.');
  const rows = rules.map(
    ({ name, kind, origin, triggers }, index) => html`<tr>
<td class="level soft">${index + 1}</td>
<td data-head="rule" class="mono">${name}</td>
<td data-head="kind">${kind}</td>
<td data-head="asked by" class="mono">${triggers === undefined ? 'every container' : triggers.join(', ') || 'nothing'}</td>
<td data-head="from" class="mono soft">${origin}</td>
</tr>
`,
  );
  return table(['', 'rule', 'kind', 'asked by', 'from'], rows);
}

function decisions({ decisions: all }: NodeReport): Html {
  const telling = all.filter(isTelling);
  const passed = all.length - telling.length;
  const more = telling.length > MOST_SHOWN ? `The last ${MOST_SHOWN} of ${telling.length} are shown. ` : '';
  const others = passed === 0 ? '' : `${passed} more in the log passed, as nothing asked for them.`;
  if (telling.length === 0)
    return nothing(`The log tells of no container that was rewritten or refused. ${others}`);
  return html`${more + others === '' ? undefined : nothing(more + others)}${table(
    ['decision', 'time', 'container', 'what'],
    decisionRows(telling),
  )}`;
}

function settingsTable({ settings }: NodeReport): Html {
  const rows = settings.map(
    ({ key, value, origin }) => html`<tr>
<td class="key">${key}</td>
<td data-head="value" class="mono">${JSON.stringify(value)}</td>
<td data-head="from" class="mono soft">${origin}</td>
</tr>
`,
  );
  return table(['key', 'value', 'from'], rows);
}
