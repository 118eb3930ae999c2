#include "utf8.h"

namespace ociwrap {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// General categories Cc, Cf, Zl and Zp of Unicode 15, in order. Surrogates (Cs) do not occur in UTF-8.
constexpr Range kUnprintable[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x0600, 0x0605},   {0x061c, 0x061c},
    {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x180e, 0x180e},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x2064},   {0x2066, 0x206f},   {0xfeff, 0xfeff},
    {0xfff9, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0001, 0xe0001}, {0xe0020, 0xe007f},
};

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
  for (const Range& range : kUnprintable) {
    if (character <= range.last) return character >= range.first;
  }
  return false;
}

}  // namespace ociwrap
