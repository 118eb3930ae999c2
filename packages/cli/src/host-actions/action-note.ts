/** What the log should know about a host action. A failing action is a warning, never a refusal. */
export interface ActionNote {
  readonly level: 'info' | 'warn';
  readonly msg: string;
}
