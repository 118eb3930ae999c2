import type { ArgsEdit } from '../../generated/rule-definition.js';
import { textsAt, withList } from '../../spec-edit/spec-tree.js';
import type { EditKind } from '../edit-kind.js';

const ARGS = ['process', 'args'];

/** Changes the arguments of the process. */
export const thenArgs: EditKind<ArgsEdit> = {
  reads: () => ['/process/args'],
  holds: () => ['/process/args'],
  apply: (spec, { set, prepend = [], append = [] }) => {
    const args = set ?? textsAt(spec, ARGS);
    const started = prepend.every((arg, index) => args[index] === arg) ? args : [...prepend, ...args];
    const offset = started.length - append.length;
    const isEnded = offset >= 0 && append.every((arg, index) => started[offset + index] === arg);
    return withList(spec, ARGS, isEnded ? started : [...started, ...append]);
  },
};
