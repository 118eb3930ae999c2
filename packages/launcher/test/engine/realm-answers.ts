import type { ModuleHost, RealmFailure } from '../../../cli/src/system/module-host.js';

/**
 * An inner side for tests: evaluates text that is asked, hands on what the module exports, and tells of strays. What it
 * gives back is JSON.
 */
const INNER_SIDE = `(() => {
  let exported;
  const told = (value) => JSON.stringify(value, (_, member) => {
    if (typeof member === 'function') return String(member());
    return member instanceof Error ? ['error', member.message] : member;
  });
  return (outside) => {
    globalThis.ask = outside;
    return (question, given) => {
      if (question === 'stray') return told(['stray', given]);
      if (question === 'take') {
        given.then((namespace) => { exported = { ...namespace }; }, (error) => { exported = error; });
        return 'taken';
      }
      if (question === 'exported') return told(exported);
      if (question === 'no text') return 5;
      if (question === 'bytes') return told([...given]);
      return told((0, eval)(question));
    };
  };
})()`;

/** What realms say, step by step: the same from every implementation of {@link ModuleHost}. */
export async function realmAnswers(modules: ModuleHost): Promise<unknown[]> {
  const answers: unknown[] = [];
  const asked: string[] = [];
  const open = () =>
    modules.open(INNER_SIDE, 8 << 20, (question) => {
      asked.push(question);
      return question === 'bytes' ? Uint8Array.of(1, 255, 0) : `${question}!`;
    });
  const realm = await open();
  const other = await open();
  const note = (answer: string | RealmFailure) => answers.push(answer);
  const source = (text: string) => new TextEncoder().encode(text);
  const module = (text: string) => {
    realm.grant(60_000);
    note(realm.evaluate('take', 'rule.mjs', source(text)));
    note(realm.ask('exported'));
  };
  module('export const a = 1; export default [a, "é"];');
  module('export const a = await Promise.resolve(5);');
  module('import fs from "node:fs"; export const a = fs;');
  module('export const a = await import("./other.mjs");');
  module('export { x } from "./again.mjs";');
  module('throw new RangeError("its own");');
  module('export const a = ;');
  module('export const a = [typeof require, typeof process, typeof host, typeof console];');
  module('Promise.reject(new Error("nobody waits")); export const a = 1;');
  realm.grant(60_000);
  for (const text of [
    '1 + 1',
    'ask("a question")',
    'ask("é\ud83d\ude00")',
    '[...ask("bytes")]',
    'new TextDecoder().decode(new TextEncoder().encode("é✓"))',
    'new Date(0).getHours()',
    'Array.prototype.map = 5; globalThis.here = 1; [1].map',
    'throw new TypeError("of its own")',
    'throw "no error"',
    'Promise.reject(new Error("stray")); 1',
    'Promise.reject(new Error("not stray")).catch(() => 0); 1',
    'let deep = 0; const down = () => { deep += 1; down(); }; try { down(); } catch (error) { error.name + (deep > 100) }',
  ]) {
    note(realm.ask(text));
  }
  note(realm.ask('bytes', Uint8Array.of(5, 0, 7)));
  note(realm.ask('bytes', new Uint8Array(0)));
  note(other.ask('[typeof Array.prototype.map, typeof here]'));
  note(endOf(realm.ask('const all = []; for (;;) all.push(new Uint8Array(65536).fill(1));')));
  note(realm.ask('2 + 2'));
  const endless = [
    'for (;;) { try { for (;;); } catch { 1; } finally { 2; } }',
    '/^(a+)+$/.test("a".repeat(40) + "b")',
    'Promise.resolve().then(() => { for (;;); }); 1',
    'new Promise((resolve) => { const again = () => Promise.resolve().then(again); again(); }); 1',
  ];
  for (const text of endless) {
    realm.grant(30);
    note(realm.ask(text));
  }
  realm.grant(30);
  note(realm.evaluate('take', 'endless.mjs', source('for (;;);')));
  // A module that leaves an endless chain of promises takes what it may, and nothing of the others.
  const hungry = await open();
  hungry.grant(60_000);
  note(
    endOf(
      hungry.evaluate(
        'take',
        'chain.mjs',
        source('const on = () => Promise.resolve().then(on); await on();'),
      ),
    ),
  );
  const third = await open();
  third.grant(60_000);
  note(third.ask('3 + 3'));
  note(third.ask('no text'));
  answers.push(asked);
  return answers;
}

/** What the engine says of memory differs. */
function endOf(answer: string | RealmFailure): string {
  return typeof answer === 'string' ? answer : answer.ended;
}
