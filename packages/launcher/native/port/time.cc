// Clocks, and waiting.
#include "engine-call.h"
#include "monotonic-clock.h"
#include "port-values.h"

namespace ociwrap::engine::port {
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

}  // namespace ociwrap::engine::port
