#include "engine.h"

#include "engine-call.h"
#include "engine-memory.h"
#include "engine-stack.h"
#include "engine-text.h"
#include "engine-values.h"
#include "held-signals.h"
#include "monotonic-clock.h"
#include "quickjs.h"
#include "realm.h"
#include "snapshot.h"

namespace ociwrap {
namespace engine {
namespace {

const EngineCall* current;
int64_t started;
EngineEnd end = {EngineFailure::kNone, 0, {}};

// What on_stack gives. The end itself is in `end`; a trap leaves the stack with kTrapped, and writes nothing to it.
constexpr int kCame = 0;
constexpr int kTrapped = 1;
EngineTrap trapped;

// The stack in the engine's memory ends at address 0, and what goes beyond is a trap. JavaScript ends with an error that it
// can catch where so much is left: for the functions of the engine that do not look.
constexpr u32 kStackForOthers = 128 << 10;

void fail(EngineFailure failure, Text text) {
  end.failure = failure;
  end.text = text;
}

// What was thrown, as text: its stack below it, if it has one. What it says may be long, and is not ours.
void fail_with(uint32_t thrown) {
  const Text what = text_of(thrown);
  const bool memory = starts_with(what, "InternalError: out of memory");
  fail(memory ? EngineFailure::kOutOfMemory : EngineFailure::kUncaughtException, with_stack(what, thrown));
}

void take_status(uint32_t box) {
  const Value value = read_box(box);
  if (value >> 32 != kTagInteger) return fail(EngineFailure::kNoStatus, "the program gave no exit status");
  end.status = static_cast<int>(static_cast<uint32_t>(value));
}

enum { kPending, kFulfilled, kRejected };  // JSPromiseStateEnum of quickjs.h

// What is left to do then is nobody's business. False where a job has thrown.
bool run_jobs_until_settled(uint32_t promise) {
  while (vm_qjs_promise_state(promise) == kPending && vm_qjs_is_job_pending() != 0) {
    if (static_cast<int32_t>(vm_qjs_execute_pending_job()) < 0) return false;
  }
  return true;
}

void take_settled(uint32_t promise) {
  const uint32_t state = vm_qjs_promise_state(promise);
  if (state == kPending) return fail(EngineFailure::kUnfinished, "the program waits for what never comes");
  const uint32_t result = vm_qjs_promise_result(promise);
  if (state == kRejected) return fail_with(result);
  take_status(result);
}

int call_main() {
  const InRealm bundle(bundle_realm());
  vm_qjs_set_max_stack_size(ENGINE_STACK_SIZE - kStackForOthers);
  const uint32_t global = vm_qjs_get_global();
  const uint32_t main = vm_qjs_get_prop_string(global, new_c_string("main"));
  if (vm_qjs_is_function(main) == 0) {
    fail(EngineFailure::kMissingExport, "the bundle has no function main");
    return kCame;
  }
  const uint32_t arguments = vm_malloc(sizeof(uint32_t));
  const uint32_t name = new_string(current->main);
  __builtin_memcpy(engine_bytes(arguments, sizeof name), &name, sizeof name);
  const uint32_t result = vm_qjs_call(main, vm_qjs_get_undefined(), 1, arguments);
  if (vm_qjs_is_exception(result) != 0) {
    fail_with(vm_qjs_get_exception());
    return kCame;
  }
  const bool is_promise = vm_qjs_is_promise(result) != 0;
  if (is_promise && !run_jobs_until_settled(result)) {
    fail_with(vm_qjs_get_exception());
    return kCame;
  }
  if (bundle_realm()->first_rejection() != 0) {
    fail_with(bundle_realm()->first_rejection());
    return kCame;
  }
  is_promise ? take_settled(result) : take_status(result);
  return kCame;
}

void fail_by_trap(Text text) { fail(EngineFailure::kTrap, text); }

void describe_trap() {
  switch (trapped) {
    case kTrapOutOfBounds: return fail_by_trap("the engine reached outside of its memory");
    case kTrapStackExhausted: return fail_by_trap("the engine used up its stack");
    case kTrapCallIndirect: return fail_by_trap("the engine called something that is not a function");
    case kTrapUnreachable: return fail_by_trap("the engine gave up");
    default: return fail_by_trap("the engine computed what has no result");
  }
}

}  // namespace

const EngineCall& engine_call() { return *current; }

int64_t start_time() { return started; }

}  // namespace engine

EngineEnd run_engine(const EngineCall& call) {
  using namespace engine;
  end = {EngineFailure::kNone, 0, {}};
  if (!open_memory(call.page_size) || !open_stack()) {
    fail(EngineFailure::kNoMemory, "there is no memory for the engine");
    return end;
  }
  if (call.was_rehearsed) copy_written_pages();
  current = &call;
  engine_stack_pointer = SNAPSHOT_STACK_POINTER;
  started = monotonic_now();
  bundle_realm()->runtime = SNAPSHOT_RUNTIME;
  bundle_realm()->context = SNAPSHOT_CONTEXT;
  hold_signals_back();
  if (on_stack(call_main) == kTrapped) describe_trap();
  let_signals_go();
  return end;
}

}  // namespace ociwrap

u32 engine_stack_pointer;

void engine_trap(EngineTrap trap) {
  ociwrap::engine::trapped = trap;
  ociwrap::engine::leave_stack(ociwrap::engine::kTrapped);
}
