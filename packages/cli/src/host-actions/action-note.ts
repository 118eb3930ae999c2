/** What the log should know about a host action. A failing action is a warning, unless it is the root that could not be mounted. */
export interface ActionNote {
  readonly level: 'debug' | 'info' | 'warn';
  readonly msg: string;
}
