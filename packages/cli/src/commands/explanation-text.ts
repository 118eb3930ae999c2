import { printable } from '../printable.js';
import { paintDiff } from './diff-text.js';
import type { ExplainedRule, Explanation } from './explanation.js';
import type { Paint } from './output.js';

/**
 * An explanation for people, in the order in which the call is worked on. Everything that comes from a spec or from
 * arguments is made printable: a config.json must not drive the terminal of whoever looks at it.
 */
export function explanationText(explanation: Explanation, paint: Paint): string {
  const sections = [
    section('call', callLines(explanation), paint),
    section('runtime', runtimeLines(explanation), paint),
    section('warnings', explanation.warnings, paint),
    section('rules', explanation.rules.map(ruleLine), paint),
    section('patch', explanation.patch.map(patchLine), paint),
    section('config.json (indented for reading)', paintDiff(explanation.diff, paint), paint),
    section('decision', decisionLines(explanation, paint), paint),
  ];
  return sections.filter((lines) => lines !== '').join('\n');
}

function section(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? '' : `${paint('bold', title)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function callLines({ call }: Explanation): string[] {
  const { certain, ...known } = call;
  const lines = Object.entries(known).map(([name, value]) => `${name}: ${printable(value)}`);
  return certain ? lines : [...lines, 'not every argument was understood'];
}

function runtimeLines({ mode, trail }: Explanation): string[] {
  const candidates = trail.map(({ candidate, from, verdict, detail }) => {
    const why = detail === undefined ? '' : ` (${printable(detail)})`;
    return `${printable(candidate)}, from ${from}: ${verdict}${why}`;
  });
  return [`mode: ${mode}`, ...candidates];
}

/** Why a rule refused stands with the decision, which it is. */
function ruleLine({ rule, outcome, reason, code }: ExplainedRule): string {
  return printable(code === undefined ? `${rule}: ${outcome}: ${reason}` : `${rule}: ${outcome} [${code}]`);
}

function patchLine(operation: Explanation['patch'][number]): string {
  const text = JSON.stringify(operation, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return printable(text);
}

function decisionLines({ decision, reason, refusal, pins, exec }: Explanation, paint: Paint): string[] {
  if (refusal !== undefined) {
    const hint = refusal.hint === undefined ? [] : [`hint: ${refusal.hint}`];
    return [`${paint('red', 'refuse')} [${refusal.code}]: ${refusal.message}`, ...hint];
  }
  const why = decision === 'rewrite' ? 'config.json is rewritten, then the runtime starts' : (reason ?? '');
  const checked = pins.map(
    ({ path, dev, ino }) => `checked before the start: ${printable(path)}, device ${dev}, inode ${ino}`,
  );
  const started =
    exec === undefined
      ? []
      : [`exec: ${printable(exec.file)}`, `argv: ${printable(JSON.stringify(exec.argv))}`];
  return [`${paint('green', decision)}: ${why}`, ...checked, ...started];
}
