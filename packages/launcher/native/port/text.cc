// UTF-8 both ways, for TextEncoder and TextDecoder (WHATWG Encoding), which the engine lacks.
#include "port-values.h"
#include "utf8-scan.h"
#include "utf8.h"

namespace ociwrap::engine::port {
namespace {

constexpr int64_t kFatal = 1;
constexpr int64_t kKeepMark = 2;

bool starts_with_mark(Bytes bytes) {
  return bytes.size >= 3 && bytes.data[0] == 0xef && bytes.data[1] == 0xbb && bytes.data[2] == 0xbf;
}

// The text with U+FFFD for each maximal part that is no UTF-8.
Value decode_leniently(Text bytes) {
  // A byte becomes three at most: U+FFFD.
  const uint64_t most = uint64_t{bytes.size()} * 3;
  const uint32_t address = most > UINT32_MAX ? 0 : vm_malloc(static_cast<uint32_t>(most));
  if (address == 0) return vm_JS_ThrowOutOfMemory(context());
  char* out = reinterpret_cast<char*>(engine_bytes(address, most));
  uint32_t size = 0;
  while (!bytes.empty()) {
    char character[4];
    const size_t length = encode_character(take_character(&bytes), character);
    copy_bytes(out + size, character, length);
    size += static_cast<uint32_t>(length);
  }
  const Value text = vm_JS_NewStringLen(context(), address, size);
  vm_free(address);
  return text;
}

}  // namespace

// Text into a Uint8Array. A lone surrogate becomes U+FFFD.
Value encodeUtf8(const Arguments& arguments) {
  const EngineText text = text_at(arguments, 0);
  if (text.address == 0) return kException;
  const Value bytes = vm_JS_NewUint8ArrayCopy(context(), text.address, static_cast<uint32_t>(text.bytes.size));
  free_text(text);
  return bytes;
}

// Bytes into text; the second argument is a sum of 1, with which null is given for what is no UTF-8, and 2, with which a
// byte order mark at the start is kept.
Value decodeUtf8(const Arguments& arguments) {
  Bytes bytes = bytes_at(arguments, 0);
  const int64_t how = integer_at(arguments, 1);
  if ((how & kKeepMark) == 0 && starts_with_mark(bytes)) bytes = {bytes.data + 3, bytes.size - 3};
  if (well_formed_length(bytes.text()) < bytes.size) {
    return (how & kFatal) != 0 ? kNull : decode_leniently(bytes.text());
  }
  if (bytes.size == 0) return vm_JS_NewStringLen(context(), 0, 0);
  return vm_JS_NewStringLen(context(), address_of(bytes.data), static_cast<uint32_t>(bytes.size));
}

}  // namespace ociwrap::engine::port
