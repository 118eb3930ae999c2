// An engine that does what the translated one does, as far as its host can see, and lies now and then: about addresses, lengths and
// kinds of values, and by calls of the host when none is expected. Its other functions are in quickjs.cc, which
// tools/build-port-fuzzer.mjs makes of the list of them.
//
// Its memory has pages on both sides that nobody may touch.
#include "lying-engine.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine-memory.h"
#include "engine-stack.h"
#include "engine-values.h"
#include "lies.h"
#include "realm.h"
#include "snapshot.h"

using ociwrap_test::has_lies;
using ociwrap_test::lie_below;
using ociwrap_test::lie_byte;
using ociwrap_test::lie_word;
using ociwrap_test::lies_now;
using ociwrap_test::write_content;

extern "C" {
u32 engine_memory_pages;
}

namespace {

constexpr uint32_t kPage = 65536;
constexpr uint32_t kPages = 6;
constexpr uint32_t kMostPages = 8;
constexpr uint32_t kHeap = 0x8000;
constexpr size_t kGuard = 0x1000000;

jmp_buf end_of_run;
uint32_t heap;
uint32_t depth;
constexpr uint32_t kDeepest = 4;

uint8_t* memory() { return reinterpret_cast<uint8_t*>(ENGINE_MEMORY_AT); }
uint32_t size_of_memory() { return engine_memory_pages * kPage; }

void protect(size_t pages) {
  mprotect(memory(), pages * kPage, PROT_READ | PROT_WRITE);
  mprotect(memory() + pages * kPage, (kMostPages - pages) * kPage, PROT_NONE);
}

void reserve_once() {
  static bool done = false;
  if (done) return;
  done = true;
  void* from = memory() - kGuard;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  if (mmap(from, 2 * kGuard + kMostPages * kPage, PROT_NONE, kFlags, -1, 0) != from) abort();
}

uint32_t any_address() {
  switch (lie_byte() % 6) {
    case 0: return 0;
    case 1: return lie_word();
    case 2: return UINT32_MAX - lie_byte();
    case 3: return size_of_memory() - lie_byte() % 16;
    case 4: return size_of_memory() + lie_byte();
    default: return lie_word() % size_of_memory();
  }
}

// As an allocator gives it; 0 where it has no more.
uint32_t place_for(uint32_t size) {
  if (lies_now()) return any_address();
  if (size > size_of_memory() / 4) return 0;
  // Often the last bytes of the memory: what goes beyond them is seen.
  if (lie_byte() % 8 == 7) return size_of_memory() - size;
  if (heap + size + 8 > size_of_memory()) heap = kHeap;
  const uint32_t place = heap;
  heap += (size + 8) & ~7u;
  return place;
}

// The engine itself does not reach outside of its memory.
uint8_t* inside(uint32_t address, uint32_t size) { return ociwrap::engine::in_engine(address, size); }

void put(uint32_t address, const void* bytes, uint32_t size) {
  uint8_t* to = inside(address, size);
  if (to != nullptr) memcpy(to, bytes, size);
}
void put_word(uint32_t address, uint32_t word) { put(address, &word, sizeof word); }

uint32_t any_size() {
  if (lies_now()) return lie_byte() % 2 == 0 ? lie_word() : size_of_memory() - lie_byte();
  constexpr uint32_t kSizes[] = {0, 1, 8, 16, 24, 96, 255, 256, 4095, 4096, 4097, 70000};
  const uint32_t kind = lie_byte();
  return kind % 2 == 0 ? kSizes[(kind >> 1) % (sizeof kSizes / sizeof *kSizes)] : kind;
}

// Text, closed by a NUL but for a lie, and its length where it is asked for.
uint32_t any_text(uint32_t length_at) {
  const uint32_t size = any_size();
  const uint32_t place = place_for(size < kPage * 2 ? size + 1 : 1);
  uint8_t* to = inside(place, size_t{size} + 1 < kPage * 2 ? size + 1 : 1);
  if (to != nullptr && size < kPage * 2 - 1) {
    write_content(to, size);
    if (!lies_now()) to[size] = 0;
  }
  if (length_at != 0) put_word(length_at, lies_now() ? lie_word() : size);
  return place;
}

u64 any_value() {
  using namespace ociwrap::engine;
  const uint32_t kind = lie_byte();
  switch (kind % 16) {
    case 0: return kException;
    case 1: return kUndefined;
    case 2: return kNull;
    case 3: return kTrue;
    case 4: return tagged(kTagInteger, any_size());
    case 5: return static_cast<u64>(lie_word()) << 32 | lie_word();
    case 6: return tagged(static_cast<uint32_t>(-1), place_for(16));  // an object
    case 7:
    case 8:
    case 9: return tagged(kind % 2 == 0 ? kTagString : kTagRope, place_for(16));
    case 10: return tagged(kTagInteger, lie_byte());
    default: return tagged(kTagInteger, lie_byte() % 4);
  }
}

uint32_t any_box() {
  const uint32_t box = place_for(sizeof(u64));
  const u64 value = any_value();
  put(box, &value, sizeof value);
  return box;
}

const char* const kNames[] = {
#define HOST_FUNCTION(name) #name,
#include "host-functions.h"
#undef HOST_FUNCTION
};

// Values that are names of functions: each has its own, as the functions of the bundle have.
u64 name_value(uint32_t index) { return ociwrap::engine::tagged(ociwrap::engine::kTagString, 0x100 + index * 16); }

constexpr uint32_t kNameCount = sizeof kNames / sizeof *kNames;
// The function that this run calls most.
uint32_t favourite;

uint32_t index_of(const char* name) {
  uint32_t at = 0;
  while (strcmp(kNames[at], name) != 0) at++;
  return at;
}

// In a realm of a rule module another one than these ends the run.
uint32_t known_function() {
  using namespace ociwrap::engine;
  static const uint32_t given[] = {index_of("outside"), index_of("encodeUtf8"), index_of("decodeUtf8")};
  if (current_realm() != bundle_realm() && !lies_now()) return given[lie_byte() % 3];
  return lie_byte() % 2 == 0 ? favourite : lie_below(kNameCount);
}

void call_host() {
  const uint32_t count = lies_now() ? lie_word() : lie_byte() % 7;
  const uint32_t values = place_for(7 * sizeof(u64));
  for (uint32_t at = 0; at < count && at < 7; at++) {
    const u64 value = any_value();
    put(values + at * static_cast<uint32_t>(sizeof value), &value, sizeof value);
  }
  const uint32_t name = place_for(sizeof(u64));
  const u64 named = lies_now() ? any_value() : name_value(known_function());
  put(name, &named, sizeof named);
  engine_host_call(count, values, name);
}

void act_once() {
  switch (lie_byte() % 32) {
    case 0:
      for (uint32_t left = lie_byte() % 4 == 0 ? 70 : 1; left > 0; left--) import_host_promise_rejection(any_box(), any_box(), lie_byte() % 4 == 3);
      return;
    case 1: import_host_module_normalize(any_text(0), any_text(0)); return;
    case 2: import_host_module_load(any_text(0), any_text(0)); return;
    case 3: import_host_interrupt(); return;
    case 4: import_clock_time_get(lie_byte() % 3, 0, any_address()); return;
    case 5: import_host_get_timezone_offset(0, 0); return;
    case 6:
      import_fd_close(1);
      import_fd_fdstat_get(1, any_address());
      import_fd_seek(1, 0, 0, any_address());
      import_fd_write(1, any_address(), 1, any_address());
      import_random_get(any_address(), 8);
      return;
    case 7:
      if (engine_memory_pages == kMostPages) return;
      engine_memory_pages++;
      protect(engine_memory_pages);
      return;
    case 8: engine_stack_pointer = lies_now() ? lie_word() : SNAPSHOT_STACK_POINTER - lie_word() % SNAPSHOT_STACK_POINTER; return;
    default: call_host();
  }
}

// What code in JavaScript does: calls of the host, from which it may be called again.
void run_code() {
  if (depth == kDeepest) return;
  depth++;
  const uint32_t most = depth == 1 ? 1 + lie_byte() % 48 : lie_byte() % 4;
  for (uint32_t at = 0; at < most && has_lies(); at++) act_once();
  depth--;
}

uint32_t run_for_box() {
  run_code();
  return any_box();
}

}  // namespace

namespace ociwrap_test {

void start_engine() {
  reserve_once();
  madvise(memory(), kMostPages * kPage, MADV_DONTNEED);
  engine_memory_pages = kPages;
  protect(kPages);
  heap = kHeap;
  depth = 0;
  favourite = lie_below(kNameCount);
  // What lies in the memory is a lie, too.
  uint32_t pattern = lie_word();
  uint32_t* words = reinterpret_cast<uint32_t*>(memory());
  // Not all of it, for the sake of time; the rest is zeros.
  for (size_t at = 0; at < kPage / sizeof *words; at++) {
    pattern = pattern * 1664525 + 1013904223;
    words[at] = pattern >> 30 == 0 ? pattern : pattern >> 13 & 0x7ffff;
  }
}

uint32_t lying_box() { return any_box(); }
uint32_t lying_flag() { return lie_byte() & 1; }
uint64_t lying_value() { return any_value(); }

}  // namespace ociwrap_test

namespace ociwrap::engine {

void copy_written_pages() {}

bool open_memory(size_t) { return !lies_now(); }
bool open_stack() { return !lies_now(); }
int on_stack(int (*run)()) {
  const int left = setjmp(end_of_run);
  return left == 0 ? run() : left;
}
void leave_stack(int result) { longjmp(end_of_run, result); }

}  // namespace ociwrap::engine

u32 engine_memory_grow(u32) { return UINT32_MAX; }
void engine_copy(u8* to, const u8* from, size_t size) {
  if (size > 0) memmove(to, from, size);
}
void engine_fill(u8* to, int value, size_t size) {
  if (size > 0) memset(to, value, size);
}

extern "C" {

u32 vm_malloc(u32 size) { return place_for(size); }
u32 vm_realloc(u32 old, u32 size) {
  const u32 place = place_for(size);
  if (place != 0 && old != 0 && inside(old, size) != nullptr && inside(place, size) != nullptr) {
    memmove(inside(place, size), inside(old, size), size);
  }
  return place;
}

// Of the array that was asked for last.
static uint32_t array_offset;
static uint32_t array_size;

u64 vm_JS_GetTypedArrayBuffer(u32, u64, u32 offset_at, u32 length_at, u32 element_at) {
  if (lie_byte() % 8 == 0) return ociwrap::engine::kException;
  array_offset = lies_now() ? lie_word() : lie_byte() % 3;
  array_size = any_size();
  put_word(offset_at, array_offset);
  put_word(length_at, array_size);
  put_word(element_at, 1);
  return any_value();
}
u32 vm_JS_GetArrayBuffer(u32, u32 size_at, u64) {
  const uint32_t size = array_size < kPage * 2 ? array_offset % 4 + array_size : 4096;
  const uint32_t place = place_for(size);
  put_word(size_at, size);
  if (inside(place, size) != nullptr) write_content(inside(place, size), size);
  return place;
}

u32 vm_JS_ToCStringLen2(u32, u32 length_at, u64 value, u32) {
  for (uint32_t at = 0; at < kNameCount; at++) {
    if (value != name_value(at) || lies_now()) continue;
    const uint32_t length = static_cast<uint32_t>(strlen(kNames[at]));
    const uint32_t place = place_for(length + 1);
    put(place, kNames[at], length + 1);
    put_word(length_at, length);
    return place;
  }
  run_code();
  if (lie_byte() % 16 == 0) return 0;
  return any_text(length_at);
}
u32 vm_qjs_get_string_len(u32, u32 length_at) {
  run_code();
  return lie_byte() % 16 == 0 ? 0 : any_text(length_at);
}

u32 vm_qjs_call(u32, u32, u32, u32) { return run_for_box(); }
u32 vm_qjs_eval(u32, u32, u32, u32) { return run_for_box(); }
u32 vm_qjs_get_prop_string(u32, u32) { return run_for_box(); }
u32 vm_qjs_execute_pending_job(void) {
  run_code();
  return lie_byte() % 8 == 0 ? UINT32_MAX : 1;
}

u32 vm_qjs_init(void) { return lie_byte() % 8 == 0 ? 1 : 0; }
// Mostly what lets the host go on.
u32 vm_qjs_is_exception(u32) { return lie_byte() % 8 == 1; }
u32 vm_qjs_is_function(u32) { return lie_byte() % 32 != 31; }
u32 vm_qjs_is_string(u32) { return lie_byte() % 4 != 3; }
u32 vm_qjs_promise_state(u32) { return lie_byte() % 4; }
u32 vm_qjs_get_allocated_size(void) { return lie_word(); }
u32 vm_qjs_get_value_ptr(u32) { return lies_now() ? lie_word() : 0x1000 + lie_byte() % 4 * 8; }

}  // extern "C"
