// What becomes of a call whose engine failed: it goes on by the built-in rules, or is refused.
#pragma once

#include "engine.h"
#include "program.h"

namespace ociwrap {

// Becomes the runtime where nothing can be there to rewrite. Comes back when the call is refused, which it has said then: on
// stderr, in the runtime's --log and in our log.
void go_on_without_engine(const ProgramCall& call, const EngineEnd& end);

// One line on stderr, for the programs that people and runtimes start.
void say_engine_failed(const char* program, const EngineEnd& end);

}  // namespace ociwrap
