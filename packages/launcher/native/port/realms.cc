// Realms of rule modules: what packages/cli/src/system/module-host.ts says of them. The bundle opens one, asks it, and is asked by it;
// only text and bytes go from one to the other.
#include "realm.h"

#include "engine-text.h"
#include "imports.h"
#include "monotonic-clock.h"
#include "port-values.h"

// text-globals.js, as tools/make-snapshot.mjs puts it beside the snapshot, closed by a NUL.
__asm__(
    ".section .rodata\n"
    ".global engine_text_globals\n"
    "engine_text_globals:\n"
    ".incbin \"text-globals.js\"\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char engine_text_globals[];

namespace ociwrap::engine::port {
namespace {

constexpr u32 kScript = 0;  // JS_EVAL_TYPE_GLOBAL of quickjs.h
constexpr u32 kModule = 1;  // JS_EVAL_TYPE_MODULE

// Of the stack in the engine's memory, from where a step begins; functions that call each other get some hundred deep.
constexpr u32 kStackBytes = 128 << 10;
// What must be left of it below that.
constexpr u32 kStackForOthers = 64 << 10;

constexpr uint32_t kMostRealms = 64;
Realm realms[kMostRealms];
uint32_t realm_count;

// What a step that failed leaves: `ended` of RealmFailure, in the order of REALM_ENDS in engine-system.ts, and a message.
enum Ended { kTime, kMemory, kCrash };
FixedText<4096> failure_message;

Value throw_error(Text message) {
  const uint32_t error = vm_qjs_new_error();
  vm_qjs_set_prop_string(error, new_c_string("message"), new_string(message));
  vm_qjs_throw(error);
  return kException;
}

void set_message(Text message) {
  failure_message.clear();
  constexpr size_t kMost = 4096;
  failure_message.append(message.size() < kMost ? message : Text(message.data(), kMost));
}

Value failed_step(Ended ended, Text message) {
  set_message(message);
  return integer(ended);
}

// Of what was thrown in the current realm. Nobody but the engine makes an error that cannot be caught, and it does so where
// time is up and where there is no more memory.
Value failed_by_exception() {
  const uint32_t thrown = vm_qjs_get_exception();
  const bool is_engines = vm_qjs_is_uncatchable_error(thrown) != 0;
  const uint32_t message = vm_qjs_get_prop_string(thrown, new_c_string("message"));
  const bool has_message = vm_qjs_is_string(message) != 0;
  set_message(text_of(has_message ? message : thrown));
  vm_qjs_free_value(thrown);
  return integer(!is_engines ? kCrash : failure_message.view() == "interrupted" ? kTime : kMemory);
}

// The realm of the first argument; null where there is none of that number.
Realm* realm_at(const Arguments& arguments) {
  const int64_t number = integer_at(arguments, 0);
  return number >= 0 && number < realm_count ? &realms[number] : nullptr;
}

// A text of the bundle's realm, in the current one. Its UTF-8 lies in memory that both have.
uint32_t string_of(const EngineText& text) {
  return vm_qjs_new_string(text.address, static_cast<uint32_t>(text.bytes.size));
}

uint32_t call(uint32_t function, const uint32_t* boxes, uint32_t count) {
  const uint32_t list = vm_malloc(count * static_cast<uint32_t>(sizeof *boxes));
  uint8_t* bytes = engine_bytes(list, count * sizeof *boxes);
  engine_copy(bytes, reinterpret_cast<const uint8_t*>(boxes), count * sizeof *boxes);
  const uint32_t result = vm_qjs_call(function, vm_qjs_get_undefined(), count, list);
  vm_free(list);
  return result;
}

// How deep the step may go, from here.
bool limit_stack() {
  if (engine_stack_pointer < kStackBytes + kStackForOthers) return false;
  vm_JS_UpdateStackTop(current_realm()->runtime);
  vm_qjs_set_max_stack_size(kStackBytes);
  return true;
}

uint32_t host_function(const char* name, uint32_t length_of_name) {
  return vm_qjs_new_host_function(new_c_string(name), length_of_name, 0);
}

// In the new realm: what it has beyond the built-ins, and its inner side. False where something was thrown.
bool furnish(Realm* realm, const EngineText& rule_side) {
  forget_host_functions();
  const Text globals(engine_text_globals);
  const uint32_t script = new_c_string("rule-side.js");
  const uint32_t install = vm_qjs_eval(new_c_string(globals), static_cast<uint32_t>(globals.size()), script, kScript);
  if (vm_qjs_is_exception(install) != 0) return false;
  const uint32_t coders[] = {host_function("encodeUtf8", 10), host_function("decodeUtf8", 10)};
  if (vm_qjs_is_exception(call(install, coders, 2)) != 0) return false;
  const uint32_t open =
      vm_qjs_eval(rule_side.address, static_cast<uint32_t>(rule_side.bytes.size), script, kScript);
  if (vm_qjs_is_exception(open) != 0) return false;
  const uint32_t outside[] = {host_function("outside", 7)};
  realm->answer = call(open, outside, 1);
  return vm_qjs_is_exception(realm->answer) == 0;
}

// What is handed to the inner side with a question, made in its realm; 0 for nothing, which is not asked for.
using Given = uint32_t (*)(const Arguments&);

// One step: a question and what goes with it, the jobs that it leaves, and what nobody waits for.
Value step(const Arguments& arguments, Given given) {
  Realm* realm = realm_at(arguments);
  if (realm == nullptr) return throw_error("there is no such realm");
  const EngineText question = text_at(arguments, 1);
  if (question.address == 0) return kException;
  EngineText said = {0, {nullptr, 0}};
  Value failed = kUndefined;
  realm->room = realm->bytes;
  {
    const InRealm inside(realm);
    if (!limit_stack()) return failed_step(kCrash, "there is no stack left for it");
    const uint32_t more = given == nullptr ? 0 : given(arguments);
    bool is_done = given == nullptr || more != 0;
    uint32_t answer = 0;
    if (is_done) {
      const uint32_t boxes[] = {string_of(question), more};
      answer = call(realm->answer, boxes, more == 0 ? 1 : 2);
      is_done = vm_qjs_is_exception(answer) == 0;
    }
    if (is_done && vm_qjs_is_string(answer) == 0) {
      failed = failed_step(kCrash, "the answer is not a text");
    } else if (is_done && (is_done = run_jobs()) && realm->first_rejection() != 0) {
      const uint32_t stray[] = {new_string("stray"), realm->first_rejection()};
      answer = call(realm->answer, stray, 2);
      is_done = vm_qjs_is_exception(answer) == 0;
    }
    if (!is_done) failed = failed_by_exception();
    realm->forget_rejections();
    // A built-in that runs by itself for long is not interrupted.
    if (failed == kUndefined && realm->is_late()) failed = failed_step(kTime, "interrupted");
    if (failed == kUndefined) {
      const uint32_t length_at = vm_malloc(sizeof(uint32_t));
      said.address = vm_qjs_get_string_len(answer, length_at);
      said.bytes.size = said.address == 0 ? 0 : read_word(length_at);
      vm_free(length_at);
      if (said.address == 0) failed = failed_by_exception();
    }
  }
  free_text(question);
  if (failed != kUndefined) return failed;
  const Value text = vm_JS_NewStringLen(context(), said.address, static_cast<uint32_t>(said.bytes.size));
  const InRealm inside(realm);
  vm_qjs_free_cstring(said.address);
  return text;
}

// The promise of a module's namespace; of one that cannot be compiled, a promise that is rejected with the error.
uint32_t promise_of_module(const Arguments& arguments) {
  EngineText name;
  EngineText source;
  {
    const InRealm outside(bundle_realm());
    name = text_at(arguments, 2);
    source = text_at(arguments, 3);
    if (name.address == 0 || source.address == 0) return 0;
  }
  uint32_t promise = vm_qjs_eval(source.address, static_cast<uint32_t>(source.bytes.size), name.address, kModule);
  {
    const InRealm outside(bundle_realm());
    free_text(name);
    free_text(source);
  }
  if (vm_qjs_is_exception(promise) == 0) return promise;
  const uint32_t thrown = vm_qjs_get_exception();
  if (vm_qjs_is_uncatchable_error(thrown) != 0) {
    vm_qjs_throw(thrown);
    return 0;
  }
  const Value rejected = vm_JS_NewSettledPromise(context(), 1, read_box(thrown));
  promise = vm_qjs_get_undefined();
  __builtin_memcpy(engine_bytes(promise, sizeof rejected), &rejected, sizeof rejected);
  return promise;
}

uint32_t bytes_for_realm(const Arguments& arguments) {
  Bytes bytes;
  {
    const InRealm outside(bundle_realm());
    bytes = bytes_at(arguments, 2);
  }
  const uint32_t address = bytes.size == 0 ? 0 : address_of(bytes.data);
  return vm_qjs_new_uint8_array(address, static_cast<uint32_t>(bytes.size));
}

}  // namespace

// The rule side, how many bytes it may take, and the function that it asks: the number of the realm.
Value openRealm(const Arguments& arguments) {
  const EngineText rule_side = text_at(arguments, 0);
  if (rule_side.address == 0) return kException;
  if (arguments.count() < 3 || realm_count == kMostRealms) return throw_error("there is no room for another realm");
  Realm* realm = &realms[realm_count];
  realm->outside = box_of(arguments.at(2));
  realm->bytes = static_cast<uint32_t>(integer_at(arguments, 1));
  realm->room = realm->bytes;
  Value failed = kUndefined;
  {
    const InRealm none(realm);  // no runtime and no context: the engine makes both
    if (vm_qjs_init() != 0) return throw_error("there is no memory for another realm");
    realm->runtime = vm_qjs_get_runtime_ptr();
    realm->context = vm_qjs_get_context_ptr();
    vm_qjs_set_interrupt_handler(1);
    vm_qjs_set_promise_rejection_handler(1);
    vm_qjs_set_module_loader(1);
    if (!limit_stack()) {
      failed = failed_step(kCrash, "there is no stack left for it");
    } else if (!furnish(realm, rule_side)) {
      failed = failed_by_exception();
    }
  }
  free_text(rule_side);
  return failed != kUndefined ? throw_error(failure_message.view()) : integer(realm_count++);
}

// The realm, and milliseconds: a day at most.
Value grantRealm(const Arguments& arguments) {
  constexpr int64_t kMost = 24 * 3600 * 1000;
  Realm* realm = realm_at(arguments);
  const int64_t asked = integer_at(arguments, 1);
  const int64_t granted = asked < 0 ? 0 : asked < kMost ? asked : kMost;
  if (realm != nullptr) realm->deadline = monotonic_now() + granted * 1000000;
  return kUndefined;
}

// The realm, a question, and perhaps bytes: the answer, or a number: why there is none.
Value askRealm(const Arguments& arguments) {
  return step(arguments, arguments.count() > 2 && arguments.at(2) != kUndefined ? bytes_for_realm : nullptr);
}

// The realm, a question, a name and the text of a module; the same.
Value evaluateInRealm(const Arguments& arguments) { return step(arguments, promise_of_module); }

// What the engine said of the step that failed last.
Value failureOfRealm(const Arguments&) { return take_box(new_string(failure_message.view())); }

// The one function that a realm is given: asks the bundle, with a text, for a text or bytes.
Value outside(const Arguments& arguments) {
  const Realm* realm = current_realm();
  if (realm == bundle_realm()) return kUndefined;
  const EngineText question = text_at(arguments, 0);
  if (question.address == 0) return kException;
  uint32_t answer = 0;
  EngineText text = {0, {nullptr, 0}};
  Bytes bytes = {nullptr, 0};
  bool gave_text = false;
  {
    const InRealm bundle(bundle_realm());
    const uint32_t boxes[] = {string_of(question)};
    answer = call(realm->outside, boxes, 1);
    const Arguments answers(1, answer);  // a box holds one value
    gave_text = is_text(answers.at(0));
    if (gave_text) text = text_at(answers, 0);
    if (!gave_text) bytes = bytes_at(answers, 0);
  }
  free_text(question);
  const Value given =
      gave_text ? vm_JS_NewStringLen(context(), text.address, static_cast<uint32_t>(text.bytes.size))
              : vm_JS_NewUint8ArrayCopy(context(), bytes.size == 0 ? 0 : address_of(bytes.data),
                                        static_cast<uint32_t>(bytes.size));
  const InRealm bundle(bundle_realm());
  if (gave_text) free_text(text);
  vm_qjs_free_value(answer);
  return given;
}

namespace {

// A text of the engine that is closed by a NUL.
Text c_string_at(uint32_t address) {
  const char* start = reinterpret_cast<const char*>(engine_bytes(address, 1));
  const size_t most = (static_cast<size_t>(engine_memory_pages) << 16) - address;
  return {start, ociwrap::find(Text(start, most), '\0')};
}

}  // namespace

Value refuse_import(uint32_t specifier) {
  FixedText<4096> message;
  message.clear();
  message.append("import \"");
  message.append(c_string_at(specifier));
  message.append('"');
  return throw_error(message.view());
}

}  // namespace ociwrap::engine::port

using namespace ociwrap;
using namespace ociwrap::engine;

u32 import_host_interrupt() { return current_realm()->is_late() ? 1 : 0; }

// No import is followed: what a module is made of is one file, which was checked before it was read.
u32 import_host_module_normalize(u32, u32 name) {
  port::refuse_import(name);
  return 0;
}

u32 import_host_module_load(u32, u32) { return 0; }
