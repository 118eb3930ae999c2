// What the engine's code reaches, whatever it computes: the window from ENGINE_MEMORY_AT to ENGINE_WINDOW_END (wasm-operators.h).
// Its memory lies there, and nothing else may.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wasm-operators.h"

namespace ociwrap::engine {

inline bool is_in_window(uintptr_t address) { return address >= ENGINE_MEMORY_AT && address < ENGINE_WINDOW_END; }

// Whether nothing lies in the window yet.
bool is_window_free();

// Memory for the host, zeroed, outside of the window; flags of mmap(2) may be added; with MAP_SHARED children of
// this process share it. Null where there is none to be had.
void* host_memory(size_t size, int more_flags = 0);

}  // namespace ociwrap::engine
