/** As many are told one by one: whoever fills a volume can make any number of them. */
const MOST_TOLD = 20;

/** What a command has to say besides its result. */
export interface ToldWarnings {
  /** @param message - a sentence, printable */
  add(message: string): void;
  /** For stderr: a line each. */
  text(): string;
}

/** Collects warnings. */
export function toldWarnings(): ToldWarnings {
  const told: string[] = [];
  let more = 0;
  return {
    add: (message) => {
      if (told.length < MOST_TOLD) told.push(message);
      else more += 1;
    },
    text: () => {
      const lines = more === 0 ? told : [...told, `and ${more} more of the kind`];
      return lines.map((line) => `ociwrap: warning: ${line}\n`).join('');
    },
  };
}
