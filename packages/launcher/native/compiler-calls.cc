// The functions that a compiler may call by itself, in a program without libc (GCC manual, section 2.1; clang asks for the same
// four). The compiler must not make calls of themselves of them: -fno-tree-loop-distribute-patterns, -fno-builtin.
#include "wasm-operators.h"

extern "C" {

void* memcpy(void* to, const void* from, size_t size) {
  engine_copy(static_cast<u8*>(to), static_cast<const u8*>(from), size);
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  engine_copy(static_cast<u8*>(to), static_cast<const u8*>(from), size);
  return to;
}

void* memset(void* to, int value, size_t size) {
  engine_fill(static_cast<u8*>(to), value, size);
  return to;
}

int memcmp(const void* one, const void* other, size_t size) {
  const u8* left = static_cast<const u8*>(one);
  const u8* right = static_cast<const u8*>(other);
  for (size_t at = 0; at < size; at++) {
    if (left[at] != right[at]) return left[at] < right[at] ? -1 : 1;
  }
  return 0;
}

}  // extern "C"
