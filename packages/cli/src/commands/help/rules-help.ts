import { filledLines } from './filled-lines.js';
import { RULE_REFERENCE } from './generated/rule-reference.js';

/** A key of a rule, as docs/rules-reference.md tells it. */
interface RuleKey {
  readonly part: string;
  readonly key: string;
  /** Its paragraphs, the first of which says what it means. */
  readonly paragraphs: readonly string[];
  /** Lines of TOML. */
  readonly example: string;
}

/** Read where somebody asks: no other call touches the text. */
function ruleKeys(): readonly RuleKey[] {
  return RULE_REFERENCE.split(/^## /m)
    .slice(1)
    .flatMap((part) => {
      const [head = '', ...sections] = part.split(/^### /m);
      const title = plain(head.split('\n', 1)[0] ?? '');
      return sections.map((section) => keyOf(title, section));
    });
}

function keyOf(part: string, section: string): RuleKey {
  const [head = '', block = ''] = section.split('```toml\n');
  const [key = '', ...paragraphs] = head.trim().split('\n\n');
  return {
    part,
    key: plain(key),
    paragraphs: paragraphs.map(plain),
    example: block.split('\n```', 1)[0] ?? '',
  };
}

/** Without what marks code in Markdown. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** Every key that can be asked about. */
export function knownRuleKeys(): readonly string[] {
  return [...new Set(ruleKeys().map(({ key }) => key))];
}

/** Every key in a line, with what it means. */
export function rulesOverview(width: number): string {
  const keys = ruleKeys();
  const parts = [...new Set(keys.map(({ part }) => part))];
  const lines = parts.flatMap((part) => [
    '',
    part,
    ...keys.filter((key) => key.part === part).map((key) => `  ${lineOf(key, width - 2)}`),
  ]);
  return `${lines.slice(1).join('\n')}\n`;
}

/** What fits in a line is told of its meaning. */
function lineOf({ key, paragraphs: [meaning = ''] }: RuleKey, width: number): string {
  const line = `${key}  ${meaning}`;
  return line.length <= width ? line : `${line.slice(0, width - 3).trimEnd()}...`;
}

/** A key and those in it, each with its values and an example; nothing where there is no such key. */
export function ruleKeyHelp(asked: string, width: number): string | undefined {
  const within = ruleKeys().filter(({ key }) => key === asked || startsWithKey(key, asked));
  if (within.length === 0) return undefined;
  return within.map((key) => sectionText(key, width)).join('\n');
}

function startsWithKey(key: string, above: string): boolean {
  return key.startsWith(above) && ['.', '['].includes(key.charAt(above.length));
}

function sectionText({ key, paragraphs, example }: RuleKey, width: number): string {
  const text = filledLines([key, ...paragraphs], width);
  const lines = example === '' ? [] : ['', ...example.split('\n').map((line) => `    ${line}`)];
  return `${text}${lines.map((line) => `${line}\n`).join('')}`;
}
