#include <time.h>

#include "engine-values.h"
#include "host-function.h"
#include "imports.h"
#include "quickjs.h"
#include "realm.h"
#include "system-calls.h"

namespace ociwrap::engine {
namespace {

// Of WASI (preview 1, errno).
constexpr u32 kSuccess = 0;
constexpr u32 kBadDescriptor = 8;
constexpr u32 kNotSupported = 52;

// What the realm of a rule module is given. It has no other function of the host in its hands; this makes sure.
bool is_given_to_realms(Text name) { return name == "outside" || name == "encodeUtf8" || name == "decodeUtf8"; }

struct Known {
  Value name;
  HostFunction function;
  bool is_for_every_realm;
};
constexpr uint32_t kMostKnown = 256;
constexpr uint32_t kSpread = 16;  // texts stand at least so far apart
Known known_functions[kMostKnown] = {};

Known look_up(Value name) {
  const uint32_t length_at = vm_malloc(sizeof(uint32_t));
  const uint32_t text = vm_JS_ToCStringLen2(context(), length_at, name, 0);
  const uint32_t length = read_word(length_at);
  const Text called(reinterpret_cast<const char*>(engine_bytes(text, length)), length);
  const Known known = {name, find_host_function(called), is_given_to_realms(called)};
  vm_JS_FreeCString(context(), text);
  vm_free(length_at);
  if (known.function == nullptr) engine_trap(kTrapCallIndirect);
  return known;
}

}  // namespace

void forget_host_functions() {
  for (Known& known : known_functions) known.function = nullptr;
}

}  // namespace ociwrap::engine

using namespace ociwrap;
using namespace ociwrap::engine;

// Which function it is, by the value that is its name: the text of it is looked at once. The value lives as long as the function.
u64 engine_host_call(u32 count, u32 values, u32 name) {
  const Value named = read_value(name);
  Known& known = known_functions[static_cast<uint32_t>(named) / kSpread % kMostKnown];
  if (known.function == nullptr || known.name != named) known = look_up(named);
  if (current_realm() != bundle_realm() && !known.is_for_every_realm) engine_trap(kTrapCallIndirect);
  return known.function(Arguments(count, values));
}

// The log and the messages are in UTC; the time zone would have to be read from files.
u32 import_host_get_timezone_offset(u32, u32) { return 0; }

void import_host_promise_rejection(u32 promise, u32 reason, u32 is_handled) {
  current_realm()->note_rejection(promise, reason, is_handled != 0);
}

u32 import_clock_time_get(u32 clock, u64, u32 at) {
  timespec now;
  raw::read_clock(clock == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  const uint64_t nanoseconds = static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
  __builtin_memcpy(engine_bytes(at, sizeof nanoseconds), &nanoseconds, sizeof nanoseconds);
  return kSuccess;
}

// The engine has no files and writes nowhere.
u32 import_fd_close(u32) { return kBadDescriptor; }
u32 import_fd_fdstat_get(u32, u32) { return kBadDescriptor; }
u32 import_fd_seek(u32, u64, u32, u32) { return kBadDescriptor; }
u32 import_fd_write(u32, u32, u32, u32) { return kBadDescriptor; }

// Asked for once, before the snapshot is made.
u32 import_random_get(u32, u32) { return kNotSupported; }
