import { describe, expect, test } from '@jest/globals';
import { planRewrite, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import { knownFiles, type ParsedFiles, toKeep } from '../../src/config/parsed-files.js';
import { configuredSettings } from '../../src/config/settings/configured-settings.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { configFiles } from './config-text.js';

const MAIN = '/etc/ociwrap/config.toml';
const DROP_IN = '/etc/ociwrap/conf.d/1.toml';
const PROGRAM = '1 2 3 4';

const WHEN = 'when.annotation = { key = "example.org/a" }';
const rule = (name: string, then: string) => `[[rule]]\nname = "${name}"\n${WHEN}\n${then}\n`;

const configurations: readonly Readonly<Record<string, string>>[] = [
  { [MAIN]: 'profile = "none"\nlog.level = "debug"\n' },
  { [MAIN]: rule('env', 'then.env.set = { A = "1", "B" = "é\\u0001" }') },
  { [MAIN]: rule('limits', 'then.rlimits.set.nofile = { soft = 1, hard = "unlimited" }') },
  { [MAIN]: rule('capabilities', 'then.capabilities = { add = ["kill"], drop = ["ALL"] }\noverride = true') },
  { [MAIN]: rule('hooks', 'then.hooks.poststop.append = [{ path = "/h", args = ["h", "x"], timeout = 3 }]') },
  { [MAIN]: rule('raw', 'then.patch = [{ op = "add", path = "/process/x", value = [1, { a = false }] }]') },
  {
    [MAIN]: `[[rule]]\nuse = "pvc-rootfs"\nwhen.verb = "create"\noptions.annotation = "example.org/v"\n`,
    [DROP_IN]: `log.file = "/var/log/x"\n${rule('a', 'then.cwd = "/"')}${rule('b', 'then.oomScoreAdj = -5')}`,
  },
];

/** What was kept, as the next call reads it. */
const keptOf = (parsed: ParsedFiles | undefined): ParsedFiles => JSON.parse(JSON.stringify(parsed));

const INPUT = { env: {}, invokedAs: 'runc' };
const settingsOf = (
  texts: Readonly<Record<string, string>>,
  known?: readonly ParsedFiles['files'][number][],
) => configuredSettings(nodeSystem(), configFiles(texts), INPUT, {}, known);

function said(rules: readonly Rule[]): unknown {
  const spec = makeSpec(withAnnotation('example.org/a', '1'));
  const { patch, trace } = planRewrite(
    documentOf(spec),
    rules,
    { verb: 'create', bundle: '/b' },
    memoryHost(),
  );
  const asked = rules.map(({ name, triggers, reads, override }) => ({ name, triggers, reads, override }));
  return { patch, trace, asked };
}

describe('files that this program has read before', () => {
  test.each(configurations)('give the same settings: %j', async (texts) => {
    const made = await settingsOf(texts);
    const known = knownFiles(keptOf(toKeep(PROGRAM, made.files)), PROGRAM, configFiles(texts).texts);
    expect(known).toEqual(made.files);
    const again = await settingsOf(texts, known);
    const { rules, ...settings } = made.settings;
    expect(again).toMatchObject({ lastGood: made.lastGood, files: made.files, settings });
    expect(said(again.settings.rules)).toEqual(said(rules));
  });

  const kept = async (texts: Readonly<Record<string, string>>) =>
    keptOf(toKeep(PROGRAM, (await settingsOf(texts)).files));
  const [TEXTS = {}] = configurations.slice(-1);

  test.each<[what: string, texts: Readonly<Record<string, string>>]>([
    ['another byte', { ...TEXTS, [MAIN]: `${TEXTS[MAIN]} ` }],
    ['one file less', { [MAIN]: TEXTS[MAIN] ?? '' }],
    ['one file more', { ...TEXTS, '/etc/ociwrap/conf.d/2.toml': '' }],
    ['another name', { [MAIN]: TEXTS[MAIN] ?? '', '/etc/ociwrap/conf.d/2.toml': TEXTS[DROP_IN] ?? '' }],
  ])('are read anew with %s', async (_what, texts) => {
    expect(knownFiles(await kept(TEXTS), PROGRAM, configFiles(TEXTS).texts)).toBeDefined();
    expect(knownFiles(await kept(TEXTS), PROGRAM, configFiles(texts).texts)).toBeUndefined();
  });

  test('are read anew by another program, in whatever shape that kept them', async () => {
    const { texts } = configFiles(TEXTS);
    expect(knownFiles(await kept(TEXTS), '1 2 3 5', texts)).toBeUndefined();
    for (const strange of [undefined, null, 1, {}, { program: '1 2 3 5', files: 7 }]) {
      expect(knownFiles(strange as unknown as ParsedFiles, PROGRAM, texts)).toBeUndefined();
    }
  });

  test.each([
    [
      'an integer that a number does not hold',
      `then.patch = [{ op = "add", path = "/x", value = 9007199254740993 }]`,
    ],
    ['a negative zero', 'then.patch = [{ op = "add", path = "/x", value = -0.0 }]'],
    ['a long text', `then.cwd = "/${'a'.repeat(65_536)}"`],
  ])('are not kept with %s', async (_what, then) => {
    const { files } = await settingsOf({ [MAIN]: rule('a', then) });
    expect(toKeep(PROGRAM, files)).toBeUndefined();
  });
});
