// Builds in dist/programs/ what tests and the demonstration need beside the program, and what needs no engine: the runtime that
// records how it was called, the program that puts tests into a process state, and the wrapper without an engine, which
// shows that nothing of the fast path needs libc. A C++ compiler is all that is needed; CXX names another one than g++.
import { join } from 'node:path';

import {
  buildProgram,
  fastPathSources,
  folder,
  isUpToDate,
  native,
  plainCxx,
  withoutLibc,
} from './programs.mjs';

const recording = join(folder, 'recording-runtime');
const forTests = join(folder, 'test/native');
const c = ['-static', '-no-pie', '-fno-pie', '-s', '-D_GNU_SOURCE', '-x', 'c', '-std=c11'];

const programs = {
  'recording-runtime': [...c, join(recording, 'recording-runtime.c')],
  'start-in-state': [...c, join(forTests, 'start-in-state.c')],
  'exchange-paths': [...c, join(forTests, 'exchange-paths.c')],
  'fast-path-only-wrapper': [
    ...plainCxx,
    ...withoutLibc,
    '-DOCIWRAP_WITHOUT_ENGINE',
    join(native, 'program.cc'),
    join(native, 'program-start.cc'),
    join(native, 'self-marker.cc'),
    ...fastPathSources,
  ],
};

for (const [name, args] of Object.entries(programs)) {
  if (!isUpToDate(name, [recording, forTests])) buildProgram(name, args);
}
