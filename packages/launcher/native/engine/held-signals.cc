#include "held-signals.h"

#include <signal.h>
#include <time.h>

#include "outside-access.h"
#include "system-calls.h"

namespace ociwrap::engine {
namespace {

constexpr uint64_t bit_of(int signal) { return uint64_t{1} << (signal - 1); }
constexpr uint64_t kHeld = bit_of(SIGPIPE) | bit_of(SIGXFSZ);

uint64_t mask_before;
uint64_t waiting_before;

}  // namespace

void hold_signals_back() {
  raw::call(SYS_rt_sigpending, raw::number(&waiting_before), sizeof waiting_before);
  raw::call(SYS_rt_sigprocmask, SIG_BLOCK, raw::number(&kHeld), raw::number(&mask_before), sizeof kHeld);
  catch_outside_access((mask_before & bit_of(SIGSEGV)) != 0);
}

// What a write leaves waits for its thread, what others send for the process (signal(7)); the kernel gives the thread's
// first. Of two of the same kind that wait for a thread it keeps one, so that one from before is not to be taken.
void take_signal_of_write(int signal) {
  const uint64_t wanted = bit_of(signal);
  if ((waiting_before & wanted) != 0) return;
  const timespec at_once = {0, 0};
  raw::call(SYS_rt_sigtimedwait, raw::number(&wanted), 0, raw::number(&at_once), sizeof wanted);
}

void let_signals_go() {
  raw::call(SYS_rt_sigprocmask, SIG_SETMASK, raw::number(&mask_before), 0, sizeof mask_before);
  stop_catching_outside_access();
}

}  // namespace ociwrap::engine
