// What is known of a call that is left to the engine, so that nobody has to find it out a second time.
#pragma once

#include "fast-path-table.h"
#include "invocation.h"
#include "resolve-runtime.h"

namespace ociwrap {

// Members `name=value`, each closed by a NUL, as src/call/found-call.ts of packages/cli reads them; empty where that is not all
// there is to say: a runtime was not found, something is to be warned of, the line can be read in another way.
Text describe_found_call(const Resolution& resolution, const Invocation& invocation, bool has_table);

}  // namespace ociwrap
