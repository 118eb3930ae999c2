// The handler that a call is of, by its name: packages/cli/src/config/handler-name.ts.
#pragma once

#include "text.h"

namespace ociwrap {

constexpr size_t kMaxHandlerName = 63;

// Empty for a call under any other name. A view of one of the two.
Text handler_of(Text argv0, Text exec_fn);

}  // namespace ociwrap
