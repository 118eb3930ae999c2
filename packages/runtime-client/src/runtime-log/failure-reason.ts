/**
 * Why a runtime refused a call, as far as its text tells: there is no such container, or one already; it does not run, or still
 * does; it is paused; the caller may not; the process is gone. `other` is everything else: nothing is guessed.
 */
export type FailureReason =
  | 'not-found'
  | 'exists'
  | 'not-running'
  | 'not-stopped'
  | 'paused'
  | 'permission'
  | 'no-such-process'
  | 'other';

/**
 * What the runtimes write, the first row that matches counts. Texts of runc 1.1 and 1.3, crun 1.8, 1.21 and 1.28, runsc of 2022 and 2024, and
 * what containerd and CRI-O look for.
 */
const ROWS: readonly (readonly [reason: FailureReason, text: RegExp])[] = [
  // runc; and crun, from 1.28 on if not before
  ['not-found', /\bcontainer does not exist\b|\bcontainer [`"].*[`"] does not exist\b/],
  // crun: the folder of the container, or its status, which is the first thing that is read.
  ['not-found', /error opening file [`'"].*\/status[`'"]: No such file/],
  ['not-found', /cannot open directory [`'"].*[`'"]: No such file/],
  // runsc
  ['not-found', /^loading (?:container|sandbox)(?: ".*")?: file does not exist/],
  // The same while another call deletes it: it was in the list, and its file is gone.
  ['not-found', /^loading (?:container|sandbox)\b.*: open .*\.state: no such file or directory/],
  // The same where several ids begin with this one, and none is it.
  ['not-found', /^loading (?:container|sandbox): id ".*" is ambiguous\b/],
  // runc; crun; runsc
  ['exists', /\bcontainer with given ID already exists\b|\bcontainer [`'"].*[`'"] already exists\b/],
  ['exists', /\bcontainer already exists\b/],
  ['paused', /\bin a paused container\b|\bin the paused state\b|\bcontainer [`'"].*[`'"] is paused\b/],
  // Before the rows of a container that does not run: they name the state that it is in.
  ['not-stopped', /\bthat is not stopped\b|\bis not in [`'"]created[`'"] or [`'"]stopped[`'"] state\b/],
  ['not-running', /\bcontainer not running\b|\bcontainer [`'"].*[`'"] is not running\b/],
  ['not-running', /\bcannot (?:exec in|start) a (?:stopped container|container that has stopped)/],
  ['not-running', /\bin state stopped\b|\bstopped container\b|\bcontainer is not running\b/],
  ['no-such-process', /\bno such process\b|\bprocess already finished\b/i],
  ['permission', /\bpermission denied\b|\boperation not permitted\b/i],
];

/** The reason in the text of a runtime. */
export function failureReason(message: string): FailureReason {
  return ROWS.find(([, text]) => text.test(message))?.[0] ?? 'other';
}
