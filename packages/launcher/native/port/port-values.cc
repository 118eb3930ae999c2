#include "port-values.h"

#include "engine-window.h"

namespace ociwrap::engine::port {
namespace {

// Words in the engine's memory, for what its functions give through pointers.
uint32_t words() {
  static uint32_t address = 0;
  if (address == 0) address = vm_malloc(3 * sizeof(uint32_t));
  return address;
}

constexpr uint32_t kWord = sizeof(uint32_t);

// JS_TAG_FLOAT64 and JS_TAG_FIRST of quickjs.h: between them are the tags of all other values.
bool is_double(Value value) { return static_cast<uint32_t>(value >> 32) + 9 >= 17; }
constexpr Value kDoubleAddend = Value{0x7ff8000a} << 32;

// A lone surrogate, which the engine writes as three bytes (WTF-8), becomes U+FFFD, which has three as well.
void replace_surrogates(Bytes bytes) {
  for (size_t at = 0; at + 2 < bytes.size; at++) {
    if (bytes.data[at] != 0xed || bytes.data[at + 1] < 0xa0) continue;
    bytes.data[at] = 0xef;
    bytes.data[at + 1] = 0xbf;
    bytes.data[at + 2] = 0xbd;
  }
}

}  // namespace

Bytes bytes_at(const Arguments& arguments, uint32_t index) {
  const uint32_t out = words();
  const Value array = arguments.at(index);
  // The engine, asked for the bytes of anything else, throws an error, and writes down its stack first.
  if (!is_object(array)) return {nullptr, 0};
  const Value buffer = vm_JS_GetTypedArrayBuffer(context(), array, out, out + kWord, out + 2 * kWord);
  if (buffer == kException) {
    vm_JS_FreeValue(context(), vm_JS_GetException(context()));
    return {nullptr, 0};
  }
  const uint32_t offset = read_word(out);
  const uint32_t length = read_word(out + kWord);
  const uint32_t start = vm_JS_GetArrayBuffer(context(), out, buffer);
  vm_JS_FreeValue(context(), buffer);  // the array keeps it
  if (length == 0) return {nullptr, 0};
  const uint64_t first = uint64_t{start} + offset;
  if (start == 0 || first > UINT32_MAX) engine_trap(kTrapOutOfBounds);
  return {engine_bytes(static_cast<uint32_t>(first), length), length};
}

int64_t integer_at(const Arguments& arguments, uint32_t index) {
  const Value value = arguments.at(index);
  if (value >> 32 == kTagInteger) return static_cast<int32_t>(static_cast<uint32_t>(value));
  if (!is_double(value)) return 0;
  const Value bits = value + kDoubleAddend;
  double number;
  __builtin_memcpy(&number, &bits, sizeof number);
  if (number >= 9223372036854775807.0) return INT64_MAX;
  return number > -9223372036854775808.0 ? static_cast<int64_t>(number) : 0;
}

EngineText text_at(const Arguments& arguments, uint32_t index) {
  const uint32_t out = words();
  const uint32_t address = vm_JS_ToCStringLen2(context(), out, arguments.at(index), 0);
  if (address == 0) return {0, {nullptr, 0}};
  const uint32_t size = read_word(out);
  const Bytes bytes = {engine_bytes(address, size_t{size} + 1), size};
  replace_surrogates(bytes);
  return {address, bytes};
}

void free_text(const EngineText& text) { vm_JS_FreeCString(context(), text.address); }

long path_at(const Arguments& arguments, uint32_t index, PathBuffer* out) {
  out->clear();
  const bool given_text = is_text(arguments.at(index));
  EngineText text = {0, {nullptr, 0}};
  if (given_text) text = text_at(arguments, index);
  const Bytes bytes = given_text ? text.bytes : bytes_at(arguments, index);
  const bool has_nul = find(bytes.text(), '\0') < bytes.size;
  if (bytes.size < PATH_MAX) out->append(bytes.text());
  if (text.address != 0) free_text(text);
  return has_nul ? -EINVAL : bytes.size < PATH_MAX ? 0 : -ENAMETOOLONG;
}

char** pointers_to(Bytes texts) {
  size_t count = 0;
  for (size_t at = 0; at < texts.size; at++) count += texts.data[at] == '\0';
  char** pointers = static_cast<char**>(host_memory((count + 1) * sizeof(char*)));
  if (pointers == nullptr) return nullptr;
  char* text = reinterpret_cast<char*>(texts.data);
  for (size_t index = 0; index < count; index++) {
    pointers[index] = text;
    text += length_of(text) + 1;
  }
  pointers[count] = nullptr;
  return pointers;
}

Value new_bytes(Text bytes) {
  const uint32_t size = static_cast<uint32_t>(bytes.size());
  const uint32_t address = vm_malloc(size);
  if (address == 0) return vm_JS_ThrowOutOfMemory(context());
  engine_copy(engine_bytes(address, size), reinterpret_cast<const uint8_t*>(bytes.data()), size);
  const Value array = vm_JS_NewUint8ArrayCopy(context(), address, size);
  vm_free(address);
  return array;
}

bool TextList::grow(size_t needed) {
  size_t capacity = capacity_ == 0 ? 4096 : capacity_;
  while (capacity < needed) capacity *= 2;
  if (capacity > UINT32_MAX) return false;
  const uint32_t address = vm_realloc(address_, static_cast<uint32_t>(capacity));
  if (address == 0) return false;
  address_ = address;
  capacity_ = capacity;
  return true;
}

bool TextList::append(Text text) {
  const size_t size = size_ + text.size() + 1;
  if (failed_ || (size > capacity_ && !grow(size))) {
    failed_ = true;
    return false;
  }
  uint8_t* end = engine_bytes(address_, size) + size_;
  engine_copy(end, reinterpret_cast<const uint8_t*>(text.data()), text.size());
  end[text.size()] = 0;
  size_ = size;
  return true;
}

Value TextList::take() {
  const Value array = failed_ ? vm_JS_ThrowOutOfMemory(context())
                              : vm_JS_NewUint8ArrayCopy(context(), address_, static_cast<uint32_t>(size_));
  vm_free(address_);
  return array;
}

}  // namespace ociwrap::engine::port
