#include "lies.h"

#include <stdlib.h>
#include <string.h>

namespace ociwrap_test {
namespace {

const uint8_t* bytes;
size_t left;
uint32_t seldom;
size_t zeros;

// More than any run takes that comes to its end.
constexpr size_t kMostZeros = 1 << 20;

const char* const kContents[] = {
    "/",
    "a/b/c/",
    "../..//./x",
    "/proc/self/exe",
    "argument\0other\0\0last\0VARIABLE=value\0",
    "{\"a\":[{\"b\":\"\\\"\\u00e9\"},[[]],-1e9,null],\"c\":{\"d\":\"}\"}}",
    "[[[[{\"a\":{\"a\":{\"a\":\"",
    "\xef\xbb\xbf\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8b\xed\xa0\x80\xff\xc3(",
    "[",
    "\"\\",
    "encodeUtf8",
    "interrupted",
    "InternalError: out of memory",
};

}  // namespace

void start_lies(const uint8_t* data, size_t size) {
  constexpr uint32_t kSeldom[] = {0, 1, 1, 4, 4, 16, 64, 160};
  bytes = data;
  left = size;
  zeros = 0;
  seldom = kSeldom[lie_byte() % 8];
}

bool has_lies() { return left > 0; }

uint32_t lie_byte() {
  if (left > 0) {
    left--;
    return *bytes++;
  }
  if (++zeros > kMostZeros) abort();  // a loop of the host's that nothing ends
  return 0;
}

uint32_t lie_word() {
  uint32_t word = 0;
  for (int at = 0; at < 4; at++) word = word << 8 | lie_byte();
  return word;
}

uint32_t lie_below(uint32_t limit) { return (limit > 256 ? lie_byte() << 8 | lie_byte() : lie_byte()) % limit; }

bool lies_now() { return lie_byte() < seldom; }

void write_content(uint8_t* to, size_t size) {
  const uint32_t kind = lie_byte();
  if (kind % 4 == 0) {
    uint32_t state = kind;
    for (size_t at = 0; at < size; at++) to[at] = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    return;
  }
  if (kind % 4 == 1) {
    memset(to, kind % 16 != 1 ? 0 : 'n', size);
    return;
  }
  // Not by strlen: there are NULs in them.
  const char* content = kContents[(kind >> 2) % (sizeof kContents / sizeof *kContents)];
  const size_t length = content[0] == 'a' && content[1] == 'r' ? 37 : strlen(content);
  for (size_t at = 0; at < size; at++) to[at] = static_cast<uint8_t>(content[at % length]);
}

}  // namespace ociwrap_test
