import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, beforeEach, expect, test } from '@jest/globals';

import { browserProgram, openPage, type Page } from './browser.js';
import { describeWith, ociwrap } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script></td></table><h1>me</h1>';
const LONG = '/run/containerd/io.containerd.runtime.v2.task/k8s.io/'.concat('0123456789abcdef'.repeat(8));

/** What the wrapper would have logged of a busy day, and what somebody has put into the texts of it. */
const RECORDS = [
  ...Array.from({ length: 40 }, (_, index) => ({
    decision: 'rewrite',
    msg: 'config.json rewritten',
    namespace: 'team',
    pod: `job-${index}`,
    container: 'main',
    volume: `pvc-${index}`,
    newRoot: '/run/ociwrap/root',
    bundle: LONG,
    runtime: '/usr/bin/runc',
    patch: `[{"op":"replace","path":"/root/path","value":"/run/ociwrap/root"}]... and ${index + 2} more operations`,
  })),
  {
    decision: 'pass',
    msg: 'would have been rewritten',
    id: 'audited',
    patch: JSON.stringify([
      { op: 'replace', path: '/root/path', value: LONG },
      { op: 'remove', path: '/mounts/3' },
    ]),
  },
  {
    decision: 'refuse',
    code: 'ERR_VOLUME_NOT_FOUND',
    msg: HOSTILE,
    hint: HOSTILE,
    pod: HOSTILE,
    rule: HOSTILE,
  },
];

/** A node of its own for one program: its log, its engines and its configuration. */
const IN_PLACE = `mount --bind "$1" /etc/ociwrap && mount -t tmpfs log /var/log && cp "$2" /var/log/sgs-runtime-wrapper.log
shift 2
exec "$@"`;

describeWith([browserProgram, 'runc'], 'a report', () => {
  const pages = scratchFolder('report');
  const file = join(pages, 'node.html');
  let page: Page;

  beforeAll(async () => {
    const [config, log] = [join(pages, 'config'), join(pages, 'log')];
    mkdirSync(config, { mode: 0o755 });
    writeFileSync(
      join(config, 'config.toml'),
      '[[rule]]\nname = "kvm"\nwhen.annotation = { key = "example.org/kvm" }\nthen.env.set = { KVM = "1" }\n',
    );
    const lines = RECORDS.map((record, index) =>
      JSON.stringify({
        time: `2026-11-29T10:${String(index).padStart(2, '0')}:00.000Z`,
        level: 'info',
        ...record,
      }),
    );
    writeFileSync(log, `${lines.join('\n')}\n`);
    const made = runProgram('unshare', [
      ...['--mount', '--propagation', 'private', 'sh', '-euc', IN_PLACE, 'sh', config, log],
      ...[ociwrap, 'report', '--output', file],
    ]);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    page = await openPage(pages);
  }, 60_000);

  beforeEach(async () => {
    await page.send('Emulation.setDeviceMetricsOverride', {
      width: 1280,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await page.open('file:///tmp/pages/node.html');
  }, 30_000);

  test('tells what doctor finds, the rules, and what was refused', async () => {
    const text = await page.evaluate<string>('document.body.innerText');
    for (const part of [
      'runc',
      'kvm',
      'example.org/kvm',
      'ERR_VOLUME_NOT_FOUND',
      'job-39',
      'replace /root/path',
      '... and 41 more operations',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('what somebody has put into the log is text, and no element comes of it', async () => {
    const found = await page.evaluate<object>(
      `({ foreign: document.querySelectorAll('img, script, iframe, link, object').length, title: document.title,
          heads: document.querySelectorAll('h1').length, isShown: document.body.innerText.includes(${JSON.stringify(HOSTILE)}),
          fetched: performance.getEntriesByType('resource').length })`,
    );
    expect(found).toEqual({
      foreign: 0,
      title: expect.stringContaining(': ociwrap report'),
      heads: 1,
      isShown: true,
      fetched: 0,
    });
  });

  test.each([360, 768, 1280])('nothing is wider than a screen of %i px', async (width) => {
    await page.send('Emulation.setDeviceMetricsOverride', {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
    const wider = await page.evaluate<string[]>(
      `[...document.body.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > ${width} + 0.5)
         .map((each) => each.tagName + '.' + each.className)`,
    );
    const scrolls = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect({ wider, scrolls }).toEqual({ wider: [], scrolls: width });
  });

  test.each(['light', 'dark'])('what is %s can be read', async (value) => {
    await page.send('Emulation.setEmulatedMedia', {
      media: 'screen',
      features: [{ name: 'prefers-color-scheme', value }],
    });
    // WCAG 2.2, 1.4.3: text has a contrast of 4.5 to what it stands on.
    const low = await page.evaluate<unknown[]>(CONTRASTS);
    expect(low).toEqual([]);
  });

  test('on paper it has several pages, and no row is cut', async () => {
    const { data } = await page.send('Page.printToPDF', { preferCSSPageSize: true });
    const pdf = Buffer.from(String(data), 'base64').toString('latin1');
    const count = (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length;
    expect(count).toBeGreaterThan(2);
    await page.send('Emulation.setEmulatedMedia', { media: 'print' });
    const styles = await page.evaluate<object>(
      `({ row: getComputedStyle(document.querySelector('tbody tr')).breakInside,
          withPatch: getComputedStyle(document.querySelector('tr:has(pre.patch)')).breakInside,
          isPatchSmall: parseFloat(getComputedStyle(document.querySelector('pre.patch')).fontSize) <=
            parseFloat(getComputedStyle(document.querySelector('td')).fontSize),
          head: getComputedStyle(document.querySelector('thead')).display,
          table: document.querySelector('table').scrollWidth <= document.documentElement.clientWidth })`,
    );
    expect(styles).toEqual({
      row: 'avoid',
      withPatch: 'auto',
      isPatchSmall: true,
      head: 'table-header-group',
      table: true,
    });
  });

  test('is its owner alone to read, and complete', () => {
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  });
});

/** Every text of the page whose colour has too little contrast to the ground it stands on. */
const CONTRASTS = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = rgb(text).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (each) => {
    const color = getComputedStyle(each).backgroundColor;
    return rgb(color)[3] === 0 && each.parentElement ? ground(each.parentElement) : color;
  };
  const hasText = (each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
  return [...document.body.querySelectorAll('*')].filter(hasText).flatMap((each) => {
    const [one, other] = [light(getComputedStyle(each).color), light(ground(each))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return contrast < 4.5 ? [each.tagName + '.' + each.className + ' ' + contrast.toFixed(2)] : [];
  });
})()`;
