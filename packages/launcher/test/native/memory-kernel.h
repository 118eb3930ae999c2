// The kernel of a machine in memory (memory-machine.h): system calls as Linux answers them, and now and then a lie.
#pragma once

#include "memory-machine.h"

namespace ociwrap_test {

// Which lies there may be.
enum class Lies {
  kNone,
  // What a sick machine says: calls that fail, though not by saying that something is not there; reads that come in pieces.
  kFailures,
  // Anything that a kernel can say in the shape that it says it: other content, sizes, kinds, names, times, nothing there.
  kAny,
};

struct End {
  enum Kind : uint8_t { kNone, kExecve, kExit };
  Kind kind;
  int status;
  bool denied_memory;
  bool executes_wrapper;
  bool lacks_root;  // the folder of mounted roots is named in config.json, and nothing is mounted there
  uint64_t calls;
  uint64_t lies;
  uint64_t config;  // a hash of the bundle's config.json, with the path of what is mounted as its root
  uint64_t config_before;
  uint32_t told;    // bytes on stderr
  char stderr_text[65536];
  uint32_t lied_size;
  char lied[4096];  // the calls that were lied about, and what was said to the first of them
};

// `machine` is what the calls act on, `end` where it is said how the program ended: at execve(2) and exit_group(2) this process
// ends by _exit(2), after `at_end`.
void start_kernel(MemoryMachine* machine, Lies lies, const std::string& input, End* end, void (*at_end)());

// What lies behind the pages that the engine has is no place for its host: AddressSanitizer is told.
void close_memory_behind(uint32_t pages);

// Ends the process with a report where a byte of these may not be used, whether or not it is.
void look_at(const void* start, size_t size);

// The engine's stack, for AddressSanitizer.
struct Stack {
  const void* bottom;
  size_t size;
};
Stack engine_stack();

}  // namespace ociwrap_test
