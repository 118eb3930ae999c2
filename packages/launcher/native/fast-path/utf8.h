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

// Whether it is shown as an escape in what people read (UNPRINTABLE of runtime-spec).
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

// The escape by which printable() of runtime-spec shows a character that is not printable.
template <size_t Capacity>
void append_escape(FixedText<Capacity>* out, uint32_t character) {
  out->append(character > 0xffff ? "\\u{" : "\\u");
  int shift = 12;
  while (shift < 20 && character >> (shift + 4) != 0) shift += 4;
  for (; shift >= 0; shift -= 4) out->append("0123456789abcdef"[character >> shift & 15]);
  if (character > 0xffff) out->append('}');
}

template <size_t Capacity>
void append_printable_character(FixedText<Capacity>* out, uint32_t character) {
  if (is_unprintable(character)) {
    append_escape(out, character);
  } else {
    append_character(out, character);
  }
}

// printable() of runtime-spec.
template <size_t Capacity>
void append_printable(FixedText<Capacity>* out, Text bytes) {
  while (!bytes.empty() && !out->overflowed()) append_printable_character(out, take_character(&bytes));
}

// quoted() of runtime-spec, for paths, which are not shortened.
template <size_t Capacity>
void append_quoted(FixedText<Capacity>* out, Text bytes) {
  out->append('"');
  while (!bytes.empty() && !out->overflowed()) {
    const uint32_t character = take_character(&bytes);
    if (character == '"' || character == '\\') out->append('\\');
    append_printable_character(out, character);
  }
  out->append('"');
}

}  // namespace ociwrap
