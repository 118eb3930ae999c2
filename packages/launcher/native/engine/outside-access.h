// An access of the engine outside of its memory is a SIGSEGV (wasm-operators.h), and becomes a trap: kTrapOutOfBounds.
#pragma once

namespace ociwrap::engine {

// From here on. `is_blocked`: whether SIGSEGV is, which then is unblocked: the kernel ends a process whose fault is blocked. Where
// a filter of system calls refuses the handler, an access outside ends the process by SIGSEGV.
void catch_outside_access(bool is_blocked);

// To be called when the mask is again what it was. The disposition is that of before, and a SIGSEGV that somebody has sent while it
// would have been blocked waits again.
void stop_catching_outside_access();

}  // namespace ociwrap::engine
