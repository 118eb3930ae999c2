#include "utf8.h"

#include "generated/unprintable-characters.h"

namespace ociwrap {
namespace {

// What the second byte may be after these first ones (Unicode, table 3-7): no overlong forms, no surrogates, nothing
// above U+10FFFF.
struct Lead {
  uint32_t bits;
  int more;
  uint8_t low;
  uint8_t high;
};

Lead lead_of(uint8_t byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {byte & 0x1fu, 1, 0x80, 0xbf};
  if (byte == 0xe0) return {0, 2, 0xa0, 0xbf};
  if (byte == 0xed) return {0xd, 2, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {byte & 0xfu, 2, 0x80, 0xbf};
  if (byte == 0xf0) return {0, 3, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return {byte & 0x7u, 3, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 3, 0x80, 0x8f};
  return {kReplacement, 0, 0, 0};
}

}  // namespace

uint32_t take_character(Text* rest) {
  const uint8_t first = static_cast<uint8_t>(rest->front());
  rest->remove_prefix(1);
  if (first < 0x80) return first;
  Lead lead = lead_of(first);
  for (; lead.more > 0; lead.more--) {
    const uint8_t byte = rest->empty() ? 0 : static_cast<uint8_t>(rest->front());
    if (byte < lead.low || byte > lead.high) return kReplacement;
    rest->remove_prefix(1);
    lead = {lead.bits << 6 | (byte & 0x3fu), lead.more, 0x80, 0xbf};
  }
  return lead.bits;
}

size_t encode_character(uint32_t character, char (&out)[4]) {
  if (character < 0x80) {
    out[0] = static_cast<char>(character);
    return 1;
  }
  const size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  constexpr uint8_t kLeads[] = {0, 0xc0, 0xe0, 0xf0};
  out[0] = static_cast<char>(kLeads[more] | character >> (6 * more));
  for (size_t at = 1; at <= more; at++) {
    out[at] = static_cast<char>(0x80 | ((character >> (6 * (more - at))) & 0x3f));
  }
  return more + 1;
}

bool is_unprintable(uint32_t character) {
  for (const CharacterRange& range : kUnprintable) {
    if (character <= range.last) return character >= range.first;
  }
  return false;
}

}  // namespace ociwrap
