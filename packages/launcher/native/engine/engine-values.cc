#include "engine-values.h"

namespace ociwrap::engine {

uint8_t* engine_bytes(uint32_t address, size_t size) {
  uint8_t* bytes = in_engine(address, size);
  if (bytes == nullptr) engine_trap(kTrapOutOfBounds);
  return bytes;
}

uint32_t read_word(uint32_t address) {
  uint32_t word;
  __builtin_memcpy(&word, engine_bytes(address, sizeof word), sizeof word);
  return word;
}

Value read_value(uint32_t address) {
  Value value;
  __builtin_memcpy(&value, engine_bytes(address, sizeof value), sizeof value);
  return value;
}

uint32_t box_of(Value value) {
  const Value own = vm_JS_DupValue(context(), value);
  const uint32_t box = vm_qjs_get_undefined();
  __builtin_memcpy(engine_bytes(box, sizeof own), &own, sizeof own);
  return box;
}

Value take_box(uint32_t box) {
  const Value value = read_box(box);
  vm_free(box);
  return value;
}

Value integer(int64_t value) {
  if (value >= INT32_MIN && value <= INT32_MAX) return tagged(kTagInteger, static_cast<uint32_t>(value));
  return vm_JS_NewNumber(context(), static_cast<double>(value));
}

}  // namespace ociwrap::engine
