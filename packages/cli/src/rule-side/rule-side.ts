import {
  answerToSend,
  type Call,
  type Host,
  isolatedRule,
  type Outcome,
  type Rule,
  type SentAnswer,
} from '@opencontainers-ts/rootfs-rewriter';
import { printable, quoted, SpecDocument } from '@opencontainers-ts/runtime-spec';

import { consoleText } from './console-text.js';
import type { HostAnswer, ModuleFault, OutsideQuestion, Question, RuleAbout } from './questions.js';
import { isOfNode, NOTHING_OF_NODE, thrownText } from './thrown-text.js';
import { fromWire, toWire } from './wire.js';

type Ask = (question: OutsideQuestion) => unknown;

/** What a promise has come to; undefined while it has not. */
interface Settled {
  readonly value?: unknown;
  readonly error?: unknown;
  readonly isRejected: boolean;
}

const WAITS = 'Error: it waits for something: what it needs must be there at once';

/**
 * The inner side of the wall around a rule module: what runs in its realm beside it, with a document and a host of that
 * realm. It is bundled into one script, which every realm evaluates (`tools/generate-rule-side.mjs`).
 *
 * Nothing rests on what it answers: a module may change what it is made of. The outer side (`config/module-rule.ts`) reads it
 * as words of the module.
 *
 * @param outside - takes a question in text, and gives text or bytes
 * @returns answers a question in text: see {@link Question}, and `stray` for a promise that was rejected and that nobody waits for
 */
export function ruleSide(
  outside: (question: string) => unknown,
): (question: string, given?: unknown) => string {
  const side = new RuleSide((question) => {
    const said = outside(toWire(question));
    return typeof said === 'string' ? fromWire(said) : said;
  });
  return (question, given) =>
    toWire(question === 'stray' ? side.stray(given) : side.answer(fromWire(question) as Question, given));
}

/** What a module does before its rule can be asked. */
type Doing = 'be loaded' | 'make its rule';

class RuleSide {
  readonly #host: Host;
  #file = '';
  #module: Settled | undefined;
  #made: Settled | undefined;
  #rule: Rule | undefined;
  #document: SpecDocument | undefined;
  #doing: Doing | 'answer' = 'be loaded';

  constructor(ask: Ask) {
    this.#host = hostOf(ask);
    const write = (...args: readonly unknown[]) => void ask({ ask: 'tell', text: `${consoleText(args)}\n` });
    const console = { log: write, info: write, warn: write, error: write, debug: write };
    Object.defineProperty(globalThis, 'console', { value: console, configurable: true, writable: true });
  }

  answer(question: Question, given: unknown): unknown {
    switch (question.ask) {
      case 'take':
        this.#file = question.file;
        settled(given, (state) => {
          this.#module = state;
        });
        return {};
      case 'make':
        return this.#make(question.name, question.options);
      case 'rule':
        return this.#about();
      case 'document':
        this.#document = SpecDocument.parse(given as Uint8Array, question.name);
        return {};
      default:
        return this.#said(question);
    }
  }

  /** Whatever the module left behind it: a fault while it is loaded, then a failure of its rule. */
  stray(reason: unknown): unknown {
    if (this.#doing !== 'answer') return this.#failed(this.#doing, reason);
    return this.#answer(() => {
      throw reason;
    });
  }

  #failed(what: Doing, thrown: unknown): ModuleFault {
    return cannot(what, thrownText(thrown, this.#file));
  }

  #make(name: string, options: unknown): ModuleFault | object {
    if (this.#module === undefined) return cannot('be loaded', WAITS);
    if (this.#module.isRejected) return this.#failed('be loaded', this.#module.error);
    this.#doing = 'make its rule';
    const exported = this.#module.value as Readonly<Record<string, unknown>>;
    try {
      const make = exported[name];
      if (typeof make !== 'function') {
        const names = Object.keys(exported).map(printable).join(', ') || 'nothing';
        return {
          fault: `export ${quoted(name)} is not a function that makes a rule; the module exports ${names}`,
        } satisfies ModuleFault;
      }
      settled(make(options), (state) => {
        this.#made = state;
      });
      return {};
    } catch (error) {
      return this.#failed('make its rule', error);
    }
  }

  #about(): ModuleFault | RuleAbout {
    if (this.#made === undefined) return cannot('make its rule', WAITS);
    if (this.#made.isRejected) return this.#failed('make its rule', this.#made.error);
    try {
      const rule = isolatedRule(this.#made.value);
      this.#rule = rule;
      this.#doing = 'answer';
      const { name, triggers, reads, override, whyNot } = rule;
      return {
        name,
        triggers,
        reads,
        ...(override === undefined ? {} : { override }),
        hasWhyNot: whyNot !== undefined,
      };
    } catch (error) {
      return this.#failed('make its rule', error);
    }
  }

  #said(question: { readonly ask: 'claims' | 'whyNot' | 'evaluate'; readonly call?: Call }): SentAnswer {
    const [rule, document] = [this.#rule, this.#document];
    const { call } = question;
    if (rule === undefined || document === undefined) throw new Error('there is nothing to ask about');
    return this.#answer(() => {
      if (call === undefined) return rule.claims(document);
      if (question.ask === 'whyNot') return rule.whyNot?.(document, call);
      return rule.evaluate(document, call, this.#host);
    });
  }

  #answer(step: () => boolean | Outcome | undefined): SentAnswer {
    const answer = answerToSend(this.#rule?.name ?? '', step);
    if (!('refusal' in answer) || !isOfNode(answer.cause)) return answer;
    return { ...answer, refusal: { ...answer.refusal, hint: NOTHING_OF_NODE } };
  }
}

/** Follows a promise, or whatever else: a value has come to itself. */
function settled(given: unknown, tell: (state: Settled) => void): void {
  Promise.resolve(given).then(
    (value) => tell({ value, isRejected: false }),
    (error) => tell({ error, isRejected: true }),
  );
}

function cannot(what: string, why: string): ModuleFault {
  return { fault: `cannot ${what}: ${why}` };
}

/** The machine, each look at which is asked of the outside. */
function hostOf(ask: Ask): Host {
  const call =
    (name: keyof Host) =>
    (...args: readonly unknown[]): never => {
      const said = ask({ ask: 'host', name, args });
      if (said instanceof Uint8Array) return said as never;
      const answer = said as HostAnswer;
      if (!('error' in answer)) return answer.value as never;
      const { message, ...more } = answer.error;
      throw Object.assign(new Error(message), more);
    };
  return {
    lstat: call('lstat'),
    realpath: call('realpath'),
    readFile: call('readFile'),
    readDirectory: call('readDirectory'),
    mountInfo: call('mountInfo'),
    resolveBeneath: call('resolveBeneath'),
  };
}
