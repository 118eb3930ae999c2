import { printable } from '@opencontainers-ts/runtime-spec';

import type { CaseResult } from './try-case.js';

/** The results as JUnit XML, which CI systems read. The name of a case gives the class (its folder) and the test. */
export function junitReport(suite: string, results: readonly CaseResult[]): string {
  const failures = results.filter(({ kind }) => kind === 'failed').length;
  const counts = `tests="${results.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xmlText(suite)}" ${counts}>`,
    ...results.map((result) => testCase(suite, result)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, result: CaseResult): string {
  const slash = result.name.lastIndexOf('/');
  const className = slash === -1 ? suite : result.name.slice(0, slash);
  const open = `    <testcase classname="${xmlText(className)}" name="${xmlText(result.name.slice(slash + 1))}"`;
  if (result.kind !== 'failed') return `${open}/>`;
  const { message, diff = '' } = result;
  return `${open}>\n      <failure message="${xmlText(message)}">${xmlText(diff)}</failure>\n    </testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Text for an element or an attribute. What is not printable, or what XML 1.0 (section 2.2) has no way to write, becomes
 * the escape that JSON has for it; tabs and line ends stay.
 */
export function xmlText(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(/[^\t\n\r]+/g, printable)
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
