#include "engine-text.h"

#include "engine-values.h"

namespace ociwrap::engine {
namespace {

constexpr Text kUntold("what was thrown cannot be told", 30);

// Long enough for the messages of this program and the frames below them.
char joined[16384];

size_t append(size_t at, Text text) {
  const size_t room = sizeof joined - at;
  const size_t taken = text.size() < room ? text.size() : room;
  copy_bytes(joined + at, text.data(), taken);
  return at + taken;
}

}  // namespace

uint32_t new_c_string(Text text) {
  const uint32_t size = static_cast<uint32_t>(text.size());
  const uint32_t address = vm_malloc(size + 1);
  uint8_t* bytes = engine_bytes(address, size + 1);
  engine_copy(bytes, reinterpret_cast<const u8*>(text.data()), size);
  bytes[size] = 0;
  return address;
}

uint32_t new_string(Text text) {
  return vm_qjs_new_string(new_c_string(text), static_cast<uint32_t>(text.size()));
}

Text text_of(uint32_t box) {
  const uint32_t length_at = vm_malloc(sizeof(uint32_t));
  if (length_at == 0) return kUntold;
  const uint32_t text = vm_qjs_get_string_len(box, length_at);
  if (text == 0) return kUntold;
  const uint32_t length = read_word(length_at);
  return {reinterpret_cast<const char*>(engine_bytes(text, length)), length};
}

Text with_stack(Text text, uint32_t thrown) {
  size_t length = append(0, text);
  const uint32_t stack = vm_qjs_get_prop_string(thrown, new_c_string("stack"));
  if (vm_qjs_is_string(stack) != 0) {
    length = append(length, "\n");
    length = append(length, text_of(stack));
  }
  while (length > 0 && joined[length - 1] == '\n') length--;
  return {joined, length};
}

}  // namespace ociwrap::engine
