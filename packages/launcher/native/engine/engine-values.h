// JavaScript values as the engine has them (quickjs.h of quickjs-ng, JS_NAN_BOXING): 64 bits, of which the upper 32 are a
// tag, or with the addend taken off a double. Functions named vm_qjs_ take and give values in boxes: the address, in the
// engine's memory, of such 64 bits. Those named vm_JS_ take the bits.
#pragma once

#include "engine-memory.h"
#include "quickjs.h"

namespace ociwrap::engine {

using Value = uint64_t;

constexpr Value tagged(uint32_t tag, uint32_t bits) { return static_cast<Value>(tag) << 32 | bits; }
constexpr uint32_t kTagInteger = 0;
constexpr uint32_t kTagString = static_cast<uint32_t>(-7);
constexpr uint32_t kTagObject = static_cast<uint32_t>(-1);
constexpr uint32_t kTagRope = static_cast<uint32_t>(-6);  // a text that was put together and not yet written out
constexpr Value kFalse = tagged(1, 0);
constexpr Value kTrue = tagged(1, 1);
constexpr Value kNull = tagged(2, 0);
constexpr Value kUndefined = tagged(3, 0);
constexpr Value kException = tagged(6, 0);

// The context of the bundle, as a pointer in the engine's memory.
uint32_t context();

Value integer(int64_t value);
inline bool is_text(Value value) { return value >> 32 == kTagString || value >> 32 == kTagRope; }
inline bool is_object(Value value) { return value >> 32 == kTagObject; }
inline Value boolean(bool value) { return value ? kTrue : kFalse; }

// What a call of the engine's allocation gave: bytes in its memory. A trap where the engine names others, since that
// cannot be: its own allocator lies.
uint8_t* engine_bytes(uint32_t address, size_t size);

uint32_t read_word(uint32_t address);
Value read_value(uint32_t address);
inline Value read_box(uint32_t box) { return read_value(box); }
// A box of its own for a value, which stays the caller's.
uint32_t box_of(Value value);
// The value, whose box is given back.
Value take_box(uint32_t box);

// The other way round: of bytes that engine_bytes gave.
inline uint32_t address_of(const uint8_t* bytes) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(bytes) - ENGINE_MEMORY_AT);
}

}  // namespace ociwrap::engine
