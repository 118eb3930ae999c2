#include "byte-scan.h"

namespace ociwrap::engine::port {
namespace {

typedef uint8_t Sixteen __attribute__((vector_size(16)));
typedef uint64_t TwoWords __attribute__((vector_size(16)));

Sixteen load(const char* bytes) {
  Sixteen loaded;
  __builtin_memcpy(&loaded, bytes, sizeof loaded);
  return loaded;
}

// Whether a comparison was true of any of the sixteen.
template <typename Compared>
bool any(Compared compared) {
  const TwoWords words = reinterpret_cast<TwoWords>(compared);
  return (words[0] | words[1]) != 0;
}

}  // namespace

bool same_bytes(Text one, Text other) {
  if (one.size() != other.size()) return false;
  size_t at = 0;
  for (; at + sizeof(Sixteen) <= one.size(); at += sizeof(Sixteen)) {
    if (any(load(one.data() + at) != load(other.data() + at))) return false;
  }
  return equal_bytes(one.data() + at, other.data() + at, one.size() - at);
}

// Sixteen places are passed over where none of them has both the first and the last byte of the part.
size_t find_part(Text text, Text part) {
  if (part.size() > text.size()) return text.size();
  const size_t places = text.size() - part.size() + 1;
  const uint8_t first = static_cast<uint8_t>(part.front());
  const uint8_t last = static_cast<uint8_t>(part.back());
  size_t at = 0;
  while (at < places) {
    size_t end = places;
    if (at + sizeof(Sixteen) <= places) {
      end = at + sizeof(Sixteen);
      const auto may_be = (load(text.data() + at) == first) & (load(text.data() + at + part.size() - 1) == last);
      if (!any(may_be)) {
        at = end;
        continue;
      }
    }
    for (; at < end; at++) {
      if (text[at] == part.front() && equal_bytes(text.data() + at, part.data(), part.size())) return at;
    }
  }
  return text.size();
}

}  // namespace ociwrap::engine::port
