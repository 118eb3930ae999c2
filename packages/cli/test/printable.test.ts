import { describe, expect, test } from '@jest/globals';
import { execve } from '@opencontainers-ts/exec-native';
import { resolveRuntime } from '@opencontainers-ts/runtime-resolver';
import { printable } from '@opencontainers-ts/runtime-spec';

import { launcherAnswers } from '../../launcher/test/launcher-answers.js';

/** All code points but surrogates, which no bytes are decoded to, in texts of 1024. */
const TEXTS: readonly string[] = Array.from({ length: 0x440 }, (_, block) =>
  Array.from({ length: 0x400 }, (_none, at) => String.fromCodePoint(block * 0x400 + at)).join(''),
).filter((text) => !/\p{Cs}/u.test(text));

const UNSEEN = /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/** quoted() of a text that is not shortened. */
const inQuotes = (text: string) => `"${printable(text.replace(/["\\]/g, '\\$&'))}"`;

/** There is one definition of what is printable; who cannot import it has a copy. */
describe('what runtime-spec says to be printable', () => {
  test('the launcher shows, to the byte', () => {
    const answers = launcherAnswers(TEXTS.map((text) => ['quoted', text]));
    for (const [at, text] of TEXTS.entries()) {
      expect(answers[at]).toBe(`quoted ${Buffer.from(inQuotes(text)).toString('hex')}`);
    }
  });

  test('the launcher shows of bytes that are no UTF-8, as they are decoded', () => {
    const bytes = [[0xff, 0x61], [0xc2], [0xed, 0xa0, 0x80], [0xc2, 0x9b, 0x9b], [0xf3, 0xa0, 0x81]];
    const answers = launcherAnswers(bytes.map((each) => ['quoted', Uint8Array.from(each)]));
    for (const [at, each] of bytes.entries()) {
      const shown = inQuotes(Buffer.from(each).toString());
      expect(answers[at]).toBe(`quoted ${Buffer.from(shown).toString('hex')}`);
    }
  });

  test('runtime-resolver says', () => {
    const fs = { stat: () => undefined, realpath: () => undefined, head: () => new Uint8Array() };
    const self = { path: '/opt/ociwrap/bin/oci-runtime-wrapper', dev: 1n, ino: 42n };
    for (const text of [...TEXTS, '\ud800', 'a\udfff']) {
      const env = { OCIWRAP_DEPTH: text };
      const { warnings } = resolveRuntime({ invokedAs: 'runc', cwd: '/', self, env }, fs);
      expect(warnings).toEqual([
        `OCIWRAP_DEPTH is ${inQuotes(text)}, which is not a number: counting from 0`,
      ]);
    }
  });

  test('exec-native shows nothing else as it is', () => {
    for (const text of TEXTS.map((each) => each.replaceAll('\0', ''))) {
      let message = '';
      try {
        execve(`/nowhere/${text}`, ['x'], []);
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message).toContain('/nowhere/');
      expect(message).not.toMatch(UNSEEN);
    }
  });
});
