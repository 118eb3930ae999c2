// The engine's linear memory: reserved once, at one address; the snapshot lies in it as the program file has it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wasm-operators.h"

namespace ociwrap::engine {

// Reserves the memory and brings the snapshot to its place. False where not even kLeast bytes are to be had.
bool open_memory(size_t page_size);

// Has the kernel copy the pages that the rehearsed call wrote to, all at once: a page that is copied when it is first written
// to costs an exception, too. Only the snapshot's, and what comes behind them; without Linux 5.14 nothing happens.
void copy_written_pages();

// Where a part of the memory lies in this process; null unless all of it is inside the pages that the engine has.
inline uint8_t* in_engine(uint32_t address, size_t size) {
  const size_t pages_end = static_cast<size_t>(engine_memory_pages) << 16;
  if (size > pages_end || address > pages_end - size) return nullptr;
  return reinterpret_cast<uint8_t*>(ENGINE_MEMORY_AT + static_cast<uintptr_t>(address));
}

}  // namespace ociwrap::engine
