const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a step gives, or what it throws. */
export function attempt(step: () => unknown): unknown {
  try {
    return step();
  } catch (error) {
    return { thrown: error };
  }
}

/**
 * How JSON shows what it does not know. What an error came from is left out: it is for people with a debugger, and each engine has
 * words of its own for it.
 */
const SHOWN: readonly (readonly [object, (this: never, key: string) => unknown])[] = [
  [BigInt.prototype, shownBy((value: bigint) => `${value}n`)],
  [Map.prototype, shownBy((map: ReadonlyMap<unknown, unknown>) => [...map])],
  [
    Uint8Array.prototype,
    shownBy((bytes: Uint8Array) => ({ text: decoder.decode(bytes), hash: hashOf(bytes) })),
  ],
  [
    Error.prototype,
    function (this: Error & Readonly<Record<string, unknown>>, key: string) {
      if (key === 'cause') return undefined;
      const { name, message, code, hint, details, faults } = this;
      return { name, message, code, hint, details, faults };
    },
  ],
];

function shownBy<T>(show: (value: T) => unknown): (this: T) => unknown {
  return function () {
    return show(this);
  };
}

/** Answers as text: the prototypes say how only while it is made, for what is compared here makes JSON too. */
export function answerText(answers: unknown, indent?: number): string {
  for (const [prototype, toJSON] of SHOWN) Object.assign(prototype, { toJSON });
  try {
    return JSON.stringify(answers, undefined, indent);
  } finally {
    for (const [prototype] of SHOWN) Reflect.deleteProperty(prototype, 'toJSON');
  }
}

/** FNV-1a over words of 32 bits and then over the bytes that are left: an interpreter takes its time for each step. */
export function hashOf(bytes: Uint8Array): string {
  const whole = bytes.length >>> 2;
  // A view must begin at a multiple of four.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, whole);
  let [one, other] = [0x811c9dc5, 0x1000193];
  for (let at = 0; at < whole; at += 1) {
    const word = words[at] ?? 0;
    one = Math.imul(one ^ word, 0x01000193);
    other = Math.imul(other ^ (word >>> 13) ^ one, 0x5bd1e995);
  }
  for (let at = whole * 4; at < bytes.length; at += 1) one = Math.imul(one ^ (bytes[at] ?? 0), 0x01000193);
  one = Math.imul(one ^ bytes.length, 0x01000193);
  return [one, other ^ one].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
