import type { Readable, Writable } from 'node:stream';
import { closeDescriptor, openPipe } from '@opencontainers-ts/exec-native';

import { PipeOutput, pipeInput } from './pipe-streams.js';

/** A standard stream of a runtime, and so of the container's process, which inherits it: a number is a descriptor of ours. */
export type StreamChoice = 'ignore' | 'inherit' | 'pipe' | number;

/** Standard input, output and error. */
export type StreamChoices = readonly [StreamChoice, StreamChoice, StreamChoice];

/** Our ends of the pipes of a process, each where there is one. */
export interface Pipes {
  /** EPIPE, where nobody reads any more, fails the write and closes the stream; without a listener for `error` it ends no process. */
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
}

/**
 * The standard streams of a process that is to be started. What is `pipe` is one: Node.js would make a pair of sockets, which no program
 * can open by /dev/stdout (ENXIO), and would end our side with its child, which is not yet the end of a container's process.
 */
export class StandardStreams {
  /** For the child. */
  readonly stdio: Exclude<StreamChoice, 'pipe'>[] = [];
  readonly #theirs: number[] = [];
  #stdin: Writable | undefined;
  readonly #outputs: (PipeOutput | undefined)[] = [];

  /** @throws an error of the system where no descriptor is free; none stays open then */
  constructor(choices: StreamChoices) {
    try {
      const [input, ...outputs] = choices;
      this.stdio.push(input === 'pipe' ? this.#inputPipe() : input);
      for (const choice of outputs) {
        if (choice !== 'pipe') this.#outputs.push(undefined);
        this.stdio.push(choice === 'pipe' ? this.#outputPipe() : choice);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #inputPipe(): number {
    const { reading, writing } = openPipe();
    this.#theirs.push(reading);
    this.#stdin = owned(writing, pipeInput);
    return reading;
  }

  #outputPipe(): number {
    const { reading, writing } = openPipe();
    this.#theirs.push(writing);
    this.#outputs.push(owned(reading, (fd) => new PipeOutput(fd)));
    return writing;
  }

  get pipes(): Pipes {
    const [stdout, stderr] = this.#outputs;
    return {
      ...(this.#stdin && { stdin: this.#stdin }),
      ...(stdout && { stdout }),
      ...(stderr && { stderr }),
    };
  }

  /** The child has its ends: ours of them would keep the pipes from ending. */
  handOver(): void {
    for (const fd of this.#theirs.splice(0)) closeDescriptor(fd);
  }

  /** The one that had them has ended, and left them to nobody. */
  finish(): void {
    this.#stdin?.destroy();
    for (const output of this.#outputs) output?.takeRest();
  }

  /** Closes all of them. */
  close(): void {
    this.handOver();
    closePipes(this.pipes);
  }
}

/** A stream that closes the descriptor, also where it cannot be made. */
function owned<Stream>(fd: number, make: (fd: number) => Stream): Stream {
  try {
    return make(fd);
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** Closes our ends. */
export function closePipes({ stdin, stdout, stderr }: Pipes): void {
  for (const stream of [stdin, stdout, stderr]) stream?.destroy();
}
