/** Which runtime, and where it keeps its containers. What is left out is as the record of the container says, or the default. */
export interface RuntimeChoice {
  readonly runtime?: string | undefined;
  readonly root?: string | undefined;
  /** Arguments before each command. */
  readonly globalArgs?: readonly string[] | undefined;
}

/** One container, on the runtime of its record or on one that is chosen. */
export interface ContainerChoice extends RuntimeChoice {
  /** Its id, or what only its id begins with. */
  readonly id: string;
}

/** How a program ended; `unknown` says why that is not known. */
export type ProgramEnd =
  | { readonly exitCode: number }
  | { readonly signal: string; readonly number: number }
  | { readonly unknown: string };

/** What is run, in which surroundings. */
export interface RunRequest extends RuntimeChoice {
  /** An absolute path. */
  readonly bundle: string;
  /** Left out: a new one. */
  readonly id?: string | undefined;
  readonly terminal: boolean;
  /** Gets the id when the runtime is asked, and nothing when the program is about to start. */
  readonly tell: (creating: string | undefined) => void;
}

/** A container that runs on when the command has ended. */
export interface StartedContainer {
  readonly id: string;
  readonly pid?: number | undefined;
  readonly runtime: string;
  readonly bundle: string;
}

export interface ExecRequest extends ContainerChoice {
  readonly command: readonly string[];
  readonly terminal: boolean;
}

/** A container in a list; `fault` says what is wrong where it cannot be asked for. */
export interface ContainerRow {
  readonly id: string;
  readonly status: string;
  readonly pid?: number | undefined;
  readonly runtime: string;
  readonly root?: string | undefined;
  readonly bundle?: string | undefined;
  /** As RFC 3339 has it. */
  readonly created?: string | undefined;
  readonly fault?: string | undefined;
}

/** Something that a runtime tells of a container. */
export interface ContainerEvent {
  readonly type: string;
  readonly id: string;
  readonly data?: unknown;
}

/** Containers, with an event loop to wait for them: what the npm package has, and the static program has not. */
export interface ContainerCommands {
  /** Runs a container to its end, with the standard streams of this process, and destroys it. */
  run(request: RunRequest): Promise<{ readonly id: string; readonly end: ProgramEnd }>;
  /** Starts a container, and leaves it. */
  start(request: Omit<RunRequest, 'terminal'>): Promise<StartedContainer>;
  /** Runs a program in a container that runs. */
  exec(request: ExecRequest): Promise<ProgramEnd>;
  /** Those that have a record; where a runtime or root is chosen, all that this runtime has. */
  list(choice: RuntimeChoice): Promise<readonly ContainerRow[]>;
  /** The ids of the processes of a container. */
  processes(choice: ContainerChoice): Promise<readonly number[]>;
  kill(choice: ContainerChoice, signal: string): Promise<void>;
  delete(choice: ContainerChoice, options: { readonly force: boolean }): Promise<void>;
  /**
   * Tells of a container once, or with `follow` until it has ended or somebody interrupts the command.
   *
   * @param take - says whether it wants more
   */
  events(
    choice: ContainerChoice,
    options: { readonly follow: boolean },
    take: (event: ContainerEvent) => boolean,
  ): Promise<void>;
  /** Of the containers that have a record. */
  ids(): Promise<readonly string[]>;
}
