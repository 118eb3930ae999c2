#include "utf8-scan.h"

namespace ociwrap::engine::port {
namespace {

// Length of the well-formed sequence at the start of the rest, or 0: no overlong forms, no surrogates, nothing above U+10FFFF.
size_t sequence_length(const uint8_t* bytes, size_t size) {
  const uint8_t first = bytes[0];
  const size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length > size) return 0;
  const uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  for (size_t at = 1; at < length; at++) {
    if (bytes[at] < (at == 1 ? lowest : 0x80) || bytes[at] > (at == 1 ? highest : 0xbf)) return 0;
  }
  return length;
}

}  // namespace

size_t well_formed_length(Text text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t at = 0;
  while (at < text.size()) {
    uint64_t word;
    while (at + sizeof word <= text.size()) {
      __builtin_memcpy(&word, bytes + at, sizeof word);
      if ((word & kHighBits) != 0) break;
      at += sizeof word;
    }
    if (at == text.size()) break;
    const size_t length = sequence_length(bytes + at, text.size() - at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

}  // namespace ociwrap::engine::port
