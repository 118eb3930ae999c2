// Clocks, and waiting.
#include <signal.h>

#include "engine-call.h"
#include "monotonic-clock.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

constexpr uint64_t bit_of(int signal) { return uint64_t{1} << (signal - 1); }
// By which a service manager, a terminal and its hanging up end a program.
constexpr uint64_t kEnds = bit_of(SIGTERM) | bit_of(SIGINT) | bit_of(SIGHUP);
constexpr int64_t kLongestWait = int64_t{1} << 32;  // milliseconds: 50 days

}  // namespace

// Whole milliseconds since 1970.
Value now(const Arguments&) {
  timespec now;
  raw::read_clock(CLOCK_REALTIME, &now);
  return integer(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

// Milliseconds since the engine was started, with a fraction.
Value uptime(const Arguments&) {
  const int64_t passed = monotonic_now() - start_time();
  return vm_JS_NewNumber(context(), static_cast<double>(passed) / 1e6);
}

// Milliseconds. A signal does not shorten it.
Value sleep(const Arguments& arguments) {
  const int64_t milliseconds = integer_at(arguments, 0);
  if (milliseconds <= 0) return kUndefined;
  timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (raw::call(SYS_nanosleep, raw::number(&left), raw::number(&left)) == -EINTR) {
  }
  return kUndefined;
}

// Milliseconds: the signal of kEnds that came until then, 0 for none. From the first call on they wait here instead of ending this
// process; and where it is the first of its pid namespace, the kernel would drop what neither waits nor is handled
// (`sig_task_ignored`, kernel/signal.c).
Value awaitSignal(const Arguments& arguments) {
  raw::call(SYS_rt_sigprocmask, SIG_BLOCK, raw::number(&kEnds), 0, sizeof kEnds);
  const int64_t milliseconds = integer_at(arguments, 0);
  const int64_t end = monotonic_now() + (milliseconds < 0 ? 0 : milliseconds < kLongestWait ? milliseconds : kLongestWait) * 1000000;
  for (;;) {
    const int64_t left = end - monotonic_now();
    const timespec wait = left <= 0 ? timespec{0, 0} : timespec{left / 1000000000, left % 1000000000};
    const long signal = raw::call(SYS_rt_sigtimedwait, raw::number(&kEnds), 0, raw::number(&wait), sizeof kEnds);
    if (signal == -EAGAIN) return answer(0);
    if (signal != -EINTR) return answer(signal);
  }
}

}  // namespace ociwrap::engine::port
