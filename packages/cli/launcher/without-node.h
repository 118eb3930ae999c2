// What the launcher does with a call that Node cannot carry out, because its files are not whole or because it would not
// live under the limits that the engine set.
#pragma once

#include "process-state.h"
#include "text.h"

namespace ociwrap {

// Why: "cannot start Node" and a path with the errno of it, or "Node cannot run under" and the name of a limit.
struct NodeTrouble {
  const char* what;
  const char* subject;
  int error;  // 0: none
};

// Goes straight on to the runtime where Node is certainly not needed, else refuses the call.
[[noreturn]] void go_on_without_node(const CapturedState& state, const NodeTrouble& trouble);

}  // namespace ociwrap
