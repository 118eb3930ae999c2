import type { SettingsDump } from '../config/settings/settings-dump.js';
import type { ExaminedNode } from '../doctor/examine-node.js';

/** A rule of a node, and the texts by which a container asks for it. */
export interface ReportedRule {
  readonly name: string;
  readonly kind: string;
  readonly origin: string;
  /** Undefined: it is asked about every container. */
  readonly triggers: readonly string[] | undefined;
}

/** All that a report tells of a node, as plain data. Members are added, never renamed or removed. */
export interface NodeReport extends ExaminedNode {
  /** The name of the node, as it calls itself. */
  readonly node: string;
  /** In UTC: `2026-11-29T10:00:00Z`. */
  readonly generated: string;
  readonly version: string;
  readonly program: string;
  readonly settings: SettingsDump['settings'];
  readonly rules: readonly ReportedRule[];
}
