// Bytes without libc, for the same reason as system-calls.h. Nothing here reads beyond what it was given.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ociwrap {

// A byte at a time: what is copied is short. `volatile` keeps the compiler from making a call of memcpy out of it.
inline void copy_bytes(char* to, const char* from, size_t size) {
  volatile char* out = to;
  for (size_t at = 0; at < size; at++) out[at] = from[at];
}

inline size_t length_of(const char* text) {
  const volatile char* at = text;
  while (*at != '\0') at++;
  return static_cast<size_t>(at - text);
}

inline bool equal_bytes(const char* one, const char* other, size_t size) {
  for (size_t at = 0; at < size; at++) {
    if (one[at] != other[at]) return false;
  }
  return true;
}

// Where `byte` first stands in the `size` bytes, or `size`.
size_t find_byte(const char* bytes, size_t size, char byte);

// Where it stands last, or `size`.
size_t find_last_byte(const char* bytes, size_t size, char byte);

// Where `part`, which is not empty, first stands in the `size` bytes, or `size`.
size_t find_bytes(const char* bytes, size_t size, const char* part, size_t part_size);

}  // namespace ociwrap
