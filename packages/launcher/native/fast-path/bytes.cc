#include "bytes.h"

namespace ociwrap {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;

// Eight bytes wherever they stand. A builtin of a size known to the compiler becomes one instruction, no call.
uint64_t load(const char* bytes) {
  uint64_t word;
  __builtin_memcpy(&word, bytes, sizeof word);
  return word;
}

// Not 0 when one of the eight bytes is 0. Which one it does not say: a borrow can mark the bytes above the first too.
uint64_t zero_bytes(uint64_t word) { return (word - kOnes) & ~word & kHighs; }

uint64_t eight_of(char byte) { return kOnes * static_cast<uint8_t>(byte); }

}  // namespace

size_t find_byte(const char* bytes, size_t size, char byte) {
  const uint64_t wanted = eight_of(byte);
  size_t at = 0;
  while (at + sizeof wanted <= size && zero_bytes(load(bytes + at) ^ wanted) == 0) at += sizeof wanted;
  while (at < size && bytes[at] != byte) at++;
  return at;
}

size_t find_last_byte(const char* bytes, size_t size, char byte) {
  for (size_t at = size; at > 0; at--) {
    if (bytes[at - 1] == byte) return at - 1;
  }
  return size;
}

// Eight places at a time are passed over where none of them has both the first and the last byte of `part`.
size_t find_bytes(const char* bytes, size_t size, const char* part, size_t part_size) {
  if (part_size > size) return size;
  const size_t places = size - part_size + 1;
  const uint64_t first = eight_of(part[0]);
  const uint64_t last = eight_of(part[part_size - 1]);
  size_t at = 0;
  while (at < places) {
    if (at + sizeof first <= places) {
      const uint64_t differ = (load(bytes + at) ^ first) | (load(bytes + at + part_size - 1) ^ last);
      if (zero_bytes(differ) == 0) {
        at += sizeof first;
        continue;
      }
    }
    const size_t end = at + sizeof first < places ? at + sizeof first : places;
    for (; at < end; at++) {
      if (bytes[at] == part[0] && equal_bytes(bytes + at, part, part_size)) return at;
    }
  }
  return size;
}

}  // namespace ociwrap
