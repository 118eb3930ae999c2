import { type Call, distantRule, type Host, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../../cli-error.js';
import type {
  HostAnswer,
  HostError,
  OutsideQuestion,
  Question,
  RuleAbout,
} from '../../rule-side/questions.js';
import { fromWire, toWire } from '../../rule-side/wire.js';
import type { ModuleHost, ModuleRealm, RealmFailure } from '../../system/module-host.js';
import { RULE_SIDE } from '../generated/rule-side.js';
import type { ModuleOutput } from './module-output.js';

/** How much memory a module may take. No rule comes near it; it is less than what a container is given to start in. */
const MOST_BYTES = 64 * 1024 * 1024;

type HostCall = Exclude<keyof Host, 'runtimeVersion'>;

/** What the machine is asked for on behalf of a rule. To tell a version starts a program, which is not for a module to name. */
const HOST_CALLS = {
  lstat: 1,
  realpath: 1,
  readFile: 1,
  readDirectory: 1,
  mountInfo: 0,
  resolveBeneath: 2,
} as const satisfies Record<HostCall, number>;

/** One module in its realm, as the wrapper asks it: the outer side of the wall. */
export class ModuleInRealm {
  readonly #realm: ModuleRealm;
  readonly #outside: OutsideAnswers;
  readonly #milliseconds: number;
  /** The document that the realm has. */
  #document: SpecDocument | undefined;

  private constructor(realm: ModuleRealm, outside: OutsideAnswers, milliseconds: number) {
    this.#realm = realm;
    this.#outside = outside;
    this.#milliseconds = milliseconds;
  }

  /** @param seconds - that it has to be loaded and to make its rule, and for each question */
  static async open(engine: ModuleHost, seconds: number, output: ModuleOutput): Promise<ModuleInRealm> {
    const outside = new OutsideAnswers(output);
    const realm = await engine.open(RULE_SIDE, MOST_BYTES, (question) => outside.answer(question));
    return new ModuleInRealm(realm, outside, seconds * 1000);
  }

  /**
   * Loads the module and has it make its rule.
   *
   * @returns the rule, or what is wrong with the module: `cannot be loaded: ...`
   */
  load(
    file: string,
    source: Uint8Array,
    { name, options }: Omit<Extract<Question, { readonly ask: 'make' }>, 'ask'>,
  ): { readonly rule: Rule } | { readonly fault: string } {
    this.#realm.grant(this.#milliseconds);
    let what = 'be loaded';
    try {
      const taken = this.#read(() =>
        this.#realm.evaluate(toWire({ ask: 'take', file } satisfies Question), file, source),
      );
      let fault = faultOf(taken);
      if (fault !== undefined) return { fault };
      what = 'make its rule';
      fault = faultOf(this.#ask({ ask: 'make', name, options }));
      if (fault !== undefined) return { fault };
      const about = this.#ask({ ask: 'rule' });
      fault = faultOf(about);
      return fault === undefined ? { rule: this.#rule(about as RuleAbout) } : { fault };
    } catch (error) {
      return { fault: `cannot ${what}: ${(error as Error).message}` };
    }
  }

  #rule(about: RuleAbout): Rule {
    const whyNot = (document: SpecDocument, call: Call) => this.#askAbout(document, { ask: 'whyNot', call });
    return distantRule(about, {
      claims: (document) => this.#askAbout(document, { ask: 'claims' }),
      ...(about.hasWhyNot === true ? { whyNot } : {}),
      evaluate: (document, call, host) =>
        this.#outside.lend(host, () => this.#askAbout(document, { ask: 'evaluate', call })),
    });
  }

  #askAbout(document: SpecDocument, question: Question): unknown {
    this.#realm.grant(this.#milliseconds);
    if (this.#document !== document) {
      this.#document = undefined;
      this.#ask({ ask: 'document', name: document.name }, document.bytes);
      this.#document = document;
    }
    return this.#ask(question);
  }

  #ask(question: Question, bytes?: Uint8Array): unknown {
    return this.#read(() => this.#realm.ask(toWire(question), bytes));
  }

  #read(step: () => string | RealmFailure): unknown {
    const answer = this.#outside.listen(step);
    if (typeof answer !== 'string') throw this.#errorOf(answer);
    try {
      return fromWire(answer);
    } catch {
      throw this.#errorOf({ ended: 'crash', message: 'its answer cannot be read' });
    }
  }

  /** How a rule that is asked fails with it: without a code, as one that crashed. */
  #errorOf({ ended, message }: RealmFailure): Error {
    switch (ended) {
      case 'time':
        return new CliError('ERR_RULE_TIMEOUT', `it was not done after ${this.#milliseconds / 1000} s`);
      case 'memory':
        return new CliError(
          'ERR_RULE_MEMORY',
          `it asked for more than ${MOST_BYTES / 1024 / 1024} MiB of memory`,
        );
      case 'crash':
        return new Error(`it did not come to an answer: ${message}`);
    }
  }
}

function faultOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('fault' in answer)) return undefined;
  return typeof answer.fault === 'string' ? answer.fault : 'cannot be loaded: it does not say why';
}

/** What a module hears of the outside: a console, and the machine while its rule is asked to decide. */
class OutsideAnswers {
  readonly #output: ModuleOutput;
  #host: Host | undefined;

  constructor(output: ModuleOutput) {
    this.#output = output;
  }

  lend<T>(host: Host, step: () => T): T {
    const before = this.#host;
    this.#host = host;
    try {
      return step();
    } finally {
      this.#host = before;
    }
  }

  /** What is written in a step is told when the step is over. */
  listen<T>(step: () => T): T {
    try {
      return step();
    } finally {
      this.#output.flush();
    }
  }

  answer(question: string): string | Uint8Array {
    try {
      const asked = fromWire(question) as OutsideQuestion;
      if (asked.ask === 'host') return this.#ofHost(asked.name, asked.args);
      this.#output.write(String(asked.text));
      return '';
    } catch (error) {
      return toWire({ error: errorOf(error) } satisfies HostAnswer);
    }
  }

  #ofHost(name: string, args: readonly unknown[]): string | Uint8Array {
    if (this.#host === undefined) throw new TypeError('the host can be asked in "evaluate" alone');
    if (!Object.hasOwn(HOST_CALLS, name)) throw new TypeError(`no such call: ${name}`);
    const call = name as HostCall;
    const paths = args.slice(0, HOST_CALLS[call]);
    if (
      paths.length < HOST_CALLS[call] ||
      !paths.every((path) => typeof path === 'string' && !path.includes('\0'))
    )
      throw new TypeError(`host.${name} takes a path, which is a text without a NUL`);
    const value: unknown = Reflect.apply(this.#host[call], this.#host, paths);
    return value instanceof Uint8Array ? value : toWire({ ...(value === undefined ? {} : { value }) });
  }
}

/** What a rule may look at, of an error of the host. */
function errorOf(error: unknown): HostError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, errno, syscall, path, hint } = error as Partial<Record<keyof HostError, unknown>>;
  return {
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof errno === 'number' ? { errno } : {}),
    ...(typeof syscall === 'string' ? { syscall } : {}),
    ...(typeof path === 'string' ? { path } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
  };
}
