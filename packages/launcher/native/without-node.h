// What the launcher does with a call that Node cannot carry out, because its files are not whole or because it would not
// live under the limits that the engine set.
#pragma once

#include "process-state.h"
#include "recorded-node.h"

namespace ociwrap {

// Becomes the runtime, with the state as it was found, where nothing can be there to rewrite; else refuses the call.
[[noreturn]] void go_on_without_node(int argc, char** argv, const CapturedState& state, const NodeTrouble& trouble);

}  // namespace ociwrap
