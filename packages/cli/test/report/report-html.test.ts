import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import type { LoggedDecision } from '../../src/doctor/facts/logged-decisions.js';
import { decisionRows, isTelling, shortTime } from '../../src/report/decision-rows.js';
import { html } from '../../src/report/html.js';
import type { NodeReport } from '../../src/report/node-report.js';
import { reportHtml } from '../../src/report/report-html.js';
import { writeReport } from '../../src/report/write-report.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const scratch = temporaryFolder();

describe('html', () => {
  test.each([
    ['a<b>&"c\'', 'a&lt;b&gt;&amp;&quot;c&#39;'],
    ['&lt;', '&amp;lt;'],
    ['\u202eevil\u0007', '\\u202eevil\\u0007'],
    [7, '7'],
    [undefined, ''],
    [['<', html`<i>${'<'}</i>`, ['>']], '&lt;<i>&lt;</i>&gt;'],
  ])('%p', (value, text) => {
    expect(html`(${value})`.text).toBe(`(${text})`);
  });
});

const HOSTILE = '<img src=x onerror="alert(1)"></td></table><script>alert(2)</script>\u202e&amp;\'';

const REPORT: NodeReport = {
  node: 'n1',
  generated: '2026-11-29T10:00:00Z',
  version: '1.2.3',
  program: '/opt/ociwrap/bin/ociwrap',
  worst: 'fault',
  findings: [
    { check: 'runtime', level: 'fault', message: 'an old one', remedy: 'install another' },
    { check: 'log', level: 'ok', message: 'sound' },
  ],
  runtimes: [{ path: '/usr/bin/runc', name: 'runc', version: '1.1.5', faults: [] }],
  installation: {
    prefix: '/opt/ociwrap',
    isInstalled: true,
    current: '1.2.3-a',
    versions: ['1.2.3-a', '1.2.2-b'],
    programs: [],
    faults: [],
  },
  configuration: {
    files: ['/etc/ociwrap/config.toml'],
    lints: [],
    rules: ['pvc-rootfs'],
    lastGood: 'on-disk',
  },
  engines: [
    {
      engine: 'containerd',
      distribution: 'k3s',
      configPath: '/etc/c.toml',
      criDisabled: false,
      handlers: [
        {
          name: 'pvc',
          program: '/opt/w',
          isOurs: true,
          isDefault: true,
          podAnnotations: ['a/*'],
          path: '/etc/c.toml',
        },
      ],
    },
  ],
  decisions: [
    {
      time: '2026-11-29T09:59:00.500Z',
      msg: 'no volume',
      decision: 'refuse',
      code: 'ERR_VOLUME_NOT_FOUND',
      hint: 'name one',
      pod: 'p',
      namespace: 'n',
      container: 'c',
    },
    {
      time: '2026-11-29T09:58:00.500Z',
      msg: 'rewritten',
      decision: 'rewrite',
      newRoot: '/run/ociwrap/root',
      id: 'x',
    },
    { time: '2026-11-29T09:57:00.500Z', msg: 'passed through', decision: 'pass', id: 'y' },
  ],
  settings: [{ key: 'log.level', value: 'info', origin: 'default' }],
  rules: [
    { name: 'pvc-rootfs', kind: 'built-in', origin: 'default', triggers: ['sgs.snucse.org/os-volume'] },
  ],
};

/** Every text of a value replaced. */
function withText<T>(value: T, text: string, key = ''): T {
  // Words of ours, of which the page chooses its look; and a time that is shown as one.
  if (['level', 'check', 'decision', 'worst', 'lastGood', 'distribution'].includes(key)) return value;
  if (typeof value === 'string') return text as T;
  if (Array.isArray(value)) return value.map((each) => withText(each, text)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withText(each, text, name)]),
  ) as T;
}

/** The tags of a page, in order. */
const tagsOf = (page: string) => page.match(/<\/?[a-z][a-z0-9]*/g);

describe('a report', () => {
  const page = reportHtml(REPORT);

  test.each([
    ['the node', '<h1>n1</h1>'],
    ['the time', '<time datetime="2026-11-29T10:00:00Z">2026-11-29 10:00:00Z</time>'],
    ['the counts', '<b>1</b> fault<'],
    ['the remedy', 'install another'],
    ['the version', '1.2.3-a below /opt/ociwrap'],
    ['an older version', '1.2.2-b'],
    ['a runtime', '/usr/bin/runc, runc 1.1.5'],
    ['an engine', 'containerd of k3s'],
    ['a handler', 'pvc (default)'],
    ['a trigger', 'sgs.snucse.org/os-volume'],
    ['a refusal', '<code>ERR_VOLUME_NOT_FOUND</code> no volume'],
    ['its hint', 'name one'],
    ['its pod', '&quot;c&quot; of &quot;n/p&quot;'],
    ['a rewrite', '/run/ociwrap/root'],
    ['what passed, as a number', '1 more in the log passed'],
    ['a setting', 'log.level'],
  ])('tells %s', (_, text) => {
    expect(page).toContain(text);
  });

  test('a row and a section for each thing, and what passed is in none', () => {
    expect(page.match(/<h2 /g)).toHaveLength(6);
    expect(page).not.toContain('passed through');
    expect(page.match(/<table>/g)).toHaveLength(5);
  });

  test('fetches nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|src=|href="[^#]| on[a-z]+=/);
    expect(page).toContain(`default-src &#39;none&#39;`);
  });

  test('no element comes of a text of others', () => {
    const hostile = reportHtml(withText(REPORT, HOSTILE));
    const plain = reportHtml(withText(REPORT, 'x'));
    // One is a text that is no time, and one that is no code: neither changes what elements there are.
    expect(tagsOf(hostile)).toEqual(tagsOf(plain));
    expect(hostile).not.toContain('\u202e');
    expect(hostile).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  });

  test('a node with nothing', () => {
    const nothing = reportHtml({
      ...REPORT,
      node: '',
      findings: [],
      engines: [],
      decisions: [],
      rules: [],
      settings: [],
      runtimes: [],
    });
    expect(nothing).toContain('<h1>A node</h1>');
    expect(nothing).toContain('No container engine is seen');
    expect(nothing).toContain('No rule is active');
    expect(nothing).toContain('no container that was rewritten or refused');
  });

  test.each<[string, Partial<NodeReport>, string]>([
    [
      'an engine without a handler',
      { engines: [{ ...(REPORT.engines[0] as NodeReport['engines'][0]), handlers: [] }] },
      'no handler is configured',
    ],
    [
      'an engine whose files are broken',
      {
        engines: [
          {
            ...(REPORT.engines[0] as NodeReport['engines'][0]),
            fault: { code: 'ERR_E', message: 'line 3', hint: '' },
          },
        ],
      },
      'ERR_E: line 3',
    ],
    [
      'a rule that is asked always',
      { rules: [{ name: 'r', kind: 'module', origin: 'f', triggers: undefined }] },
      'every container',
    ],
    [
      'a rule that is never asked',
      { rules: [{ name: 'r', kind: 'module', origin: 'f', triggers: [] }] },
      '>nothing<',
    ],
    [
      'nothing installed',
      { installation: { ...REPORT.installation, isInstalled: false } },
      'nothing below /opt/ociwrap',
    ],
  ])('%s', (_, changes, text) => {
    expect(reportHtml({ ...REPORT, ...changes })).toContain(text);
  });
});

describe('decisions', () => {
  const rewrite: LoggedDecision = { time: 't', msg: 'm', decision: 'rewrite' };
  const row = (changes: Partial<LoggedDecision>) => decisionRows([{ ...rewrite, ...changes }])[0]?.text ?? '';

  test('a patch, a line for each operation', () => {
    const patch = JSON.stringify([
      { op: 'add', path: '/a', value: { b: '<' } },
      { op: 'remove', path: '/c' },
    ]);
    expect(row({ patch })).toContain(
      '<span class="add">add /a {&quot;b&quot;:&quot;&lt;&quot;}</span>\n<span class="remove">remove /c</span>',
    );
  });

  test('a patch of which a record left something out', () => {
    const patch = '[{"op":"remove","path":"/c"}]... and 7 more operations';
    expect(row({ patch })).toContain(
      '<pre class="patch"><span class="remove">remove /c</span>\n... and 7 more operations</pre>',
    );
  });

  test.each([
    'no patch <',
    '[{"op":1}]... and 7 more operations',
    '[]... and more',
    '[1]',
    '{}',
    '[{"op":1,"path":"/a"}]',
  ])('what is none is shown as it is: %s', (patch) => {
    expect(row({ patch })).toContain(html`<pre class="patch">${patch}</pre>`.text);
  });

  test('the youngest first, and no more than fifty', () => {
    const many = Array.from({ length: 60 }, (_, index) => ({ ...rewrite, msg: `number ${index}` }));
    const rows = decisionRows(many);
    expect(rows).toHaveLength(50);
    expect(rows[0]?.text).toContain('number 59');
  });

  test.each([
    [{ decision: 'pass' } as const, false],
    [{ decision: 'pass', patch: '[]' } as const, true],
    [{ decision: 'refuse' } as const, true],
  ])('%j', (changes, isTold) => {
    expect(isTelling({ ...rewrite, ...changes })).toBe(isTold);
  });

  test.each([
    ['2026-11-29T09:59:00.500Z', '2026-11-29 09:59:00Z'],
    ['2026-11-29T09:59:00Z', '2026-11-29 09:59:00Z'],
    ['yesterday', 'yesterday'],
  ])('%s', (time, shown) => {
    expect(shortTime(time)).toBe(shown);
  });
});

describe('a file', () => {
  const system = nodeSystem();

  test('is replaced whole, and is its owner alone to read', () => {
    const folder = mkdtempSync(join(scratch, 'out-'));
    writeFileSync(join(folder, 'report.html'), 'old');
    chmodSync(join(folder, 'report.html'), 0o644);
    writeReport(system, join(folder, 'report.html'), 'new');
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'report.html')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['report.html']);
  });

  test('stays as it was where there is no room', () => {
    const folder = mkdtempSync(join(scratch, 'out-'));
    writeFileSync(join(folder, 'report.html'), 'old');
    const full = { ...system, write: () => ({ errno: 'ENOSPC' }) };
    expect(() => writeReport(full, join(folder, 'report.html'), 'new')).toThrow(
      expect.objectContaining({ code: 'ERR_OUTPUT_UNWRITABLE' }),
    );
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['report.html']);
  });

  test('in no folder', () => {
    expect(() => writeReport(system, join(scratch, 'none/report.html'), 'new')).toThrow(/ENOENT/);
  });

  test('what is no file is written to', () => {
    symlinkSync('/dev/null', join(scratch, 'sink'));
    writeReport(system, join(scratch, 'sink'), 'new');
    expect(statSync(join(scratch, 'sink')).isCharacterDevice()).toBe(true);
  });
});
