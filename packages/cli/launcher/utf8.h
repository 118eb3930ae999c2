// UTF-8 as the TypeScript side decodes it (WHATWG Encoding: each maximal invalid part becomes U+FFFD), so that both
// see the same characters in arguments that are no UTF-8.
#pragma once

#include "text.h"

namespace ociwrap {

constexpr uint32_t kReplacement = 0xfffd;

// The character at the start of `rest`, which must not be empty; it is taken off.
uint32_t take_character(Text* rest);

// A character as one to four bytes; returns how many.
size_t encode_character(uint32_t character, char (&out)[4]);

// Whether it is shown as an escape in what people read: control characters, line separators, characters that reorder
// text (printable() of runtime-spec).
bool is_unprintable(uint32_t character);

template <size_t Capacity>
void append_character(FixedText<Capacity>* out, uint32_t character) {
  char bytes[4];
  out->append(Text(bytes, encode_character(character, bytes)));
}

// What the TypeScript side makes of these bytes when it takes them for text.
template <size_t Capacity>
void append_decoded(FixedText<Capacity>* out, Text bytes) {
  while (!bytes.empty() && !out->overflowed()) append_character(out, take_character(&bytes));
}

}  // namespace ociwrap
