// Where strings of JSON end. Most of a configuration is strings, so they are gone over sixteen bytes at once.
#pragma once

#include "port-values.h"

namespace ociwrap::engine::port {

// As both architectures have registers for (vector extensions of GCC and Clang).
typedef uint8_t Sixteen __attribute__((vector_size(16)));
typedef uint64_t TwoWords __attribute__((vector_size(16)));

// Offset of the first byte at or after `at` that ends a string or may not stand in one as it is: a quote, a backslash, a
// control character.
inline size_t skip_plain(Bytes bytes, size_t at) {
  while (bytes.size - at >= sizeof(Sixteen)) {
    Sixteen next;
    __builtin_memcpy(&next, bytes.data + at, sizeof next);
    const TwoWords special = reinterpret_cast<TwoWords>((next == '"') | (next == '\\') | (next < ' '));
    if ((special[0] | special[1]) != 0) break;
    at += sizeof next;
  }
  while (at < bytes.size && bytes.data[at] != '"' && bytes.data[at] != '\\' && bytes.data[at] >= ' ') at++;
  return at;
}

// Offset after the string whose opening quote is at `from`, or the end of the bytes.
inline size_t skip_string(Bytes bytes, size_t from) {
  size_t at = skip_plain(bytes, from + 1);
  while (at < bytes.size && bytes.data[at] != '"') {
    at += bytes.data[at] == '\\' && at + 1 < bytes.size ? 2 : 1;
    at = skip_plain(bytes, at);
  }
  return at < bytes.size ? at + 1 : bytes.size;
}

}  // namespace ociwrap::engine::port
