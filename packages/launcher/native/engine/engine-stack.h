// The engine runs on a stack of its own: how deep it may go does not depend on RLIMIT_STACK, and leaving it, from
// whatever depth, is one step. That step is what a trap takes, also out of a signal handler: no exceptions, no setjmp.
#pragma once

#include <stdint.h>

namespace ociwrap::engine {

// False where there is no memory for it.
bool open_stack();

// Runs the function on the engine's stack. Gives what it returns, or what leave_stack is called with.
int on_stack(int (*run)());
[[noreturn]] void leave_stack(int result);

}  // namespace ociwrap::engine
