import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { DEVICE_ERROR_CODES } from '@opencontainers-ts/device-injector';
import { ENGINE_CONFIG_ERROR_CODES } from '@opencontainers-ts/engine-config';
import { EXEC_NATIVE_ERROR_CODES } from '@opencontainers-ts/exec-native';
import { REWRITER_ERROR_CODES } from '@opencontainers-ts/rootfs-rewriter';
import { RUNTIME_CLIENT_ERROR_CODES } from '@opencontainers-ts/runtime-client';
import { RESOLVER_ERROR_CODES } from '@opencontainers-ts/runtime-resolver';
import { FINDING_CODES, SPEC_ERROR_CODES } from '@opencontainers-ts/runtime-spec';
import { LINT_CODES } from '@opencontainers-ts/runtime-spec/lint';

import { CLI_ERROR_CODES } from '../src/cli-error.js';
import { commandOf } from '../src/commands/command-names.js';
import { knownRuleKeys } from '../src/commands/help/rules-help.js';

interface Words {
  readonly summary: string;
  readonly hint: string;
}

const ERRORS: Readonly<Record<string, Words>> = {
  ...REWRITER_ERROR_CODES,
  ...DEVICE_ERROR_CODES,
  ...RESOLVER_ERROR_CODES,
  ...SPEC_ERROR_CODES,
  ...CLI_ERROR_CODES,
  ...ENGINE_CONFIG_ERROR_CODES,
  ...EXEC_NATIVE_ERROR_CODES,
  ...RUNTIME_CLIENT_ERROR_CODES,
};
const ALL: Readonly<Record<string, Words>> = { ...ERRORS, ...FINDING_CODES, ...LINT_CODES };

const packages = new URL('../../', import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, packages), 'utf8'));

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** Every name of a property, wherever in a schema. */
function propertyNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as Schema;
  return [...Object.keys(properties), ...Object.values(schema).flatMap(propertyNames)];
}

/** Keys of a configuration as they are written from the top: `volumes`, `volumes.kubelet-root`. */
function configKeys(schema: Schema, node: Schema, above = ''): string[] {
  const { properties = {} } =
    node.$ref === undefined ? node : (schema.$defs?.[node.$ref.slice('#/$defs/'.length)] ?? {});
  return Object.entries(properties).flatMap(([name, inner]) => {
    const key = above === '' ? name : `${above}.${name}`;
    return [key, ...configKeys(schema, inner, key)];
  });
}

const configSchema: Schema = json('cli/src/config/config-file.schema.json');
const KEYS = new Set(configKeys(configSchema, configSchema));
const RULE_FIELDS = new Set(propertyNames(json('rootfs-rewriter/schema/rule.schema.json')));
const SPEC_FIELDS = new Set(
  readdirSync(new URL('spec/schema/', packages)).flatMap((name) =>
    propertyNames(json(`spec/schema/${name}`)),
  ),
);
// What is of others: fields of Kubernetes' objects, NVIDIA's config.toml, functions of Node.js.
const KUBERNETES = [
  'volumeMode',
  'mountPath',
  'subPath',
  'hostUsers',
  'hostPath',
  'volumeName',
  'spec.volumeName',
];
const OTHERS = ['nvidia-container-cli.path', 'process.exit'];

/** What a library calls a key: `kubeletRoot`. */
const optionOf = (key: string) =>
  key.slice(key.lastIndexOf('.') + 1).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const OPTIONS = new Set([...KEYS].map(optionOf).filter((option) => /[A-Z]/.test(option)));

const FILE = /\.(?:json|toml|md|mjs|node|real|service|d)$/;
const DOMAIN = /^(?:io|dev|com|org)\.|\.(?:io|org|com)$/;

function isKnownKey(word: string): boolean {
  if (KEYS.has(word) || OTHERS.includes(word) || KUBERNETES.includes(word)) return true;
  return word.split('.').every((part) => SPEC_FIELDS.has(part) || RULE_FIELDS.has(part));
}

/** Words of a text that look like keys of a file, or like names of fields. */
function strangeWords(text: string): string[] {
  const plain = text.replace(/\(option \w+(?: of \w+)?\)/g, '');
  const dotted = [...plain.matchAll(/(?<![\w./*-])[a-z][\w-]*(?:\.[a-zA-Z][\w-]*)+(?![\w./*])/g)].map(
    ([word]) => word,
  );
  const camel = [...plain.matchAll(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g)].map(([word]) => word);
  return [
    ...dotted.filter((word) => !FILE.test(word) && !DOMAIN.test(word) && !isKnownKey(word)),
    ...camel.filter((word) => {
      const isField = SPEC_FIELDS.has(word) || RULE_FIELDS.has(word) || KUBERNETES.includes(word);
      return !isField && !['defineRule', 'gVisor'].includes(word);
    }),
  ];
}

test('the check of words sees the words that it is about', () => {
  expect(strangeWords('the rule needs its options kubeletRoot or hostPathFolders')).toEqual([
    'kubeletRoot',
    'hostPathFolders',
  ]);
  expect(strangeWords('set volumes.kubelet-rot, "cdi.enable" or `runtime.path.runc`')).toEqual([
    'volumes.kubelet-rot',
    'cdi.enable',
    'runtime.path.runc',
  ]);
  expect(
    strangeWords('set "volumes.kubelet-root" (option kubeletRoot of pvcRootfs) or linux.seccomp'),
  ).toEqual([]);
  expect(KEYS.size).toBeGreaterThan(25);
  expect(OPTIONS).toContain('hostPathFolders');
});

describe.each(Object.entries(ALL))('%s', (code, { summary, hint }) => {
  test('every key, field and command that it names exists', () => {
    expect(strangeWords(`${summary} ${hint}`)).toEqual([]);
    for (const [, command = ''] of `${summary} ${hint}`.matchAll(
      /["`]ociwrap ([a-z -]+?)(?: --[a-z-]+)?["`]/g,
    )) {
      const [, key] = /^help rules(?: (\S+))?$/.exec(command) ?? [];
      if (key !== undefined) expect(knownRuleKeys()).toContain(key);
      expect(commandOf(command.split(' '))).toBe(`ociwrap ${command.replace(/^help rules.*/, 'help')}`);
    }
    for (const [, option = ''] of hint.matchAll(/\(option (\w+)/g)) expect(OPTIONS).toContain(option);
  });

  test('it is a sentence, and something that one can do', () => {
    expect(summary).toMatch(/^(?:[A-Z`]|[a-z-]+ )[^\n]{15,}\.$/);
    expect(hint).toMatch(/^[^\s.][^\n]{3,}[^.\s]$/);
    expect(hint).not.toMatch(/[^\x20-\x7e]/);
  });

  test('engines find none of their phrases in it', () => {
    // podman's exit statuses; containerd and CRI-O know "does not exist" of containers (pkg/oci in both).
    expect(`${summary} ${hint}`).not.toMatch(
      /permission denied|operation not permitted|no such file or directory|not found|container .*does not exist/i,
    );
    expect(code).toMatch(/^(?:ERR|SPEC|LINT)_[A-Z0-9_]+$/);
  });
});

test('no option of a library is in a text for people but where it says so', () => {
  for (const [code, { summary, hint }] of Object.entries(ERRORS)) {
    const words = `${summary} ${hint}`.replace(/\(option \w+(?: of \w+)?\)/g, '').match(/\w+/g) ?? [];
    expect([code, words.filter((word) => OPTIONS.has(word))]).toEqual([code, []]);
  }
});
