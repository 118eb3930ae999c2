// The other ways in which a command line can be read when a flag is not known: src/possible-readings.ts in C++, as far as
// the launcher has to know them. Which bundle they would read is for the TypeScript side to say.
#pragma once

#include "invocation.h"

namespace ociwrap {

// Whether a word that can be the verb is create, run or restore, and what follows can belong to it. `likely` is the place
// of such a verb that is known already and not looked at; null where there is none.
bool find_other_reading(const char* const* words, const Dialect& dialect, const char* const* likely);

}  // namespace ociwrap
