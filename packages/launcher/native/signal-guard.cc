// Preloaded into Node by the launcher. Node sets its signal mask to almost nothing as it starts (PlatformInit), and with
// it would let in what the caller blocks or ignores: a SIGHUP that the runtime would never have felt would end the call.
// These two functions keep blocked what was blocked when Node started.
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "kernel.h"

namespace {

using ociwrap::change_signal_mask;

uint64_t guarded;

constexpr uint64_t bit(int signal) { return uint64_t{1} << (signal - 1); }

// SIGUSR1 too: it makes Node open a debugger's port. It waits for the runtime, as the others do.
__attribute__((constructor)) void remember_mask() {
  const uint64_t debugger = bit(SIGUSR1);
  change_signal_mask(SIG_BLOCK, &debugger, nullptr);
  change_signal_mask(SIG_BLOCK, nullptr, &guarded);
}

// libc keeps its own two signals out of every mask that a program asks for.
constexpr uint64_t kLibcSignals = bit(32) | bit(33);

int change_mask(int how, const sigset_t* set, sigset_t* old) {
  uint64_t next = 0;
  uint64_t previous = 0;
  if (set != nullptr) {
    memcpy(&next, set, sizeof next);
    if (how == SIG_UNBLOCK) next &= ~guarded;
    if (how != SIG_UNBLOCK) next &= ~kLibcSignals;
    if (how == SIG_SETMASK) next |= guarded;
  }
  const long failed = change_signal_mask(how, set != nullptr ? &next : nullptr, &previous);
  if (failed != 0) return static_cast<int>(-failed);
  if (old != nullptr) memcpy(old, &previous, sizeof previous);
  return 0;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int pthread_sigmask(int how, const sigset_t* set,
                                                                      sigset_t* old) noexcept {
  return change_mask(how, set, old);
}

extern "C" __attribute__((visibility("default"))) int sigprocmask(int how, const sigset_t* set,
                                                                  sigset_t* old) noexcept {
  const int error = change_mask(how, set, old);
  if (error == 0) return 0;
  errno = error;
  return -1;
}
