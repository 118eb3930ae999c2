/** How much a finding matters, the most first. */
export const LEVELS = ['fault', 'warning', 'note', 'ok'] as const;

/**
 * `fault`: a container may be refused, run on a runtime with a hole, or run something that is not root's. `warning`: something is lost that
 * somebody will miss. `note`: worth knowing, nothing to do. `ok`: looked at, and sound.
 */
export type Level = (typeof LEVELS)[number];

/** What is looked at, in the order in which it is told. */
export const CHECKS = [
  'rights',
  'kernel',
  'overlay',
  'cgroups',
  'security',
  'runtime',
  'resolution',
  'installation',
  'ownership',
  'configuration',
  'engine',
  'log',
  'fast-path',
  'residue',
  'decisions',
] as const;

/** The subject of a check. */
export type Check = (typeof CHECKS)[number];

/** One thing that is known of a node. Texts are sentences without a full stop, in which text from outside is quoted. */
export interface Finding {
  readonly check: Check;
  readonly level: Level;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** The most serious level of some findings. */
export function worstOf(findings: readonly Pick<Finding, 'level'>[]): Level {
  return LEVELS.find((level) => findings.some((finding) => finding.level === level)) ?? 'ok';
}

/** The exit status: as a monitor reads it, notes are nothing wrong. */
export function statusFor(worst: Level): 0 | 1 | 3 {
  if (worst === 'fault') return 1;
  return worst === 'warning' ? 3 : 0;
}

/** Findings by level, the most serious first, and within a level in the order of the checks. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const place = ({ level, check }: Finding) => LEVELS.indexOf(level) * CHECKS.length + CHECKS.indexOf(check);
  return [...findings].sort((one, other) => place(one) - place(other));
}
