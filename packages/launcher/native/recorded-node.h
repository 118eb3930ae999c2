// Becomes Node for a program whose place Node takes only for a while: what Node alters at its start is recorded first, and
// the addon puts it back when the next program is started.
#pragma once

#include "process-state.h"

namespace ociwrap {

// Why Node was not started: "cannot start" and a path with the errno of it, or "Node cannot run under" and a limit.
struct NodeTrouble {
  const char* what;
  const char* subject;
  int error;  // 0: none
};

// Becomes `node` with `script` and one argument, the descriptor that holds the recorded state. Its environment is Node's
// own: the caller's NODE_OPTIONS, LD_PRELOAD or NODE_EXTRA_CA_CERTS must neither act on us nor be lost; they travel in the
// record. Comes back only where that cannot be done, with room made for Node and signals blocked.
NodeTrouble become_recorded_node(const CapturedState& state, const char* node, char* script);

}  // namespace ociwrap
