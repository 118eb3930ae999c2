// What both engines run: `hashes SEED FROM COUNT` prints a line for each case, `show SEED INDEX` one case with all that was
// said of it.
import { answerText, hashOf } from './answers.js';
import { type Answered, answered } from './cases.js';

/** Runs what the words ask for; `print` is given text that ends with a line feed. */
export async function comparison(words: readonly string[], print: (text: string) => void): Promise<number> {
  const [what, seed, from, count] = [words[0], ...words.slice(1, 4).map(Number)] as const;
  if (what === 'show') {
    print(`${answerText(await answered(seed ?? 0, from ?? 0), 1)}\n`);
    return 0;
  }
  const first = from ?? 0;
  for (let index = first; index < first + (count ?? 0); index += 1) {
    print(`${index} ${hashOfCase(await answered(seed ?? 0, index))}\n`);
  }
  return 0;
}

/** Not of what was made, which takes as long again: if the two make different things, they say different things. */
function hashOfCase({ kind, answers }: Answered): string {
  return `${kind} ${hashOf(new TextEncoder().encode(answerText(answers)))}`;
}
