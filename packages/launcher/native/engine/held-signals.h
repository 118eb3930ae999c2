// Signals by which the kernel would end this process for a write that fails: SIGPIPE and SIGXFSZ. They are held back while the
// engine runs, so that the write gives an errno, and not ignored: what is ignored stays so in the program that is started. And
// SIGSEGV, which is a trap of the engine for as long (outside-access.h).
#pragma once

namespace ociwrap::engine {

void hold_signals_back();

// To be called where a write has failed with EPIPE or EFBIG: takes the signal that it left, so that the program which is
// started does not find it. One that was waiting before, or that somebody sends, stays for that program.
void take_signal_of_write(int signal);

// Takes back what hold_signals_back did.
void let_signals_go();

}  // namespace ociwrap::engine
