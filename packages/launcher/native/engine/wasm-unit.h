// Included by the translated units alone, which are C.
#pragma once

#include "wasm-operators.h"

// The two constants that wasm2c takes from math.h.
#define INFINITY __builtin_inf()
#define NAN __builtin_nan("")

#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define LIKELY(x) __builtin_expect(!!(x), 1)

#define TRAP(x) (engine_trap(x), 0)
#define UNREACHABLE engine_trap(kTrapUnreachable)

// Each function that calls another looks at the native stack. The limit leaves room for the largest frame of any function
// (the compiler is told to refuse a larger one).
#if defined(__x86_64__)
#define STACK_POINTER(name) \
  uintptr_t name;           \
  __asm__("mov %%rsp, %0" : "=r"(name))
#elif defined(__aarch64__)
#define STACK_POINTER(name) \
  uintptr_t name;           \
  __asm__("mov %0, sp" : "=r"(name))
#else
#error "the stack pointer of this machine is missing here"
#endif
#define FUNC_PROLOGUE                                                     \
  do {                                                                    \
    STACK_POINTER(stack);                                                 \
    if (UNLIKELY(stack < engine_native_stack_limit)) TRAP(kTrapStackExhausted); \
  } while (0)

// Wherever that is, it is in the window (wasm-operators.h).
static inline __attribute__((always_inline)) u8* in_memory(u32 address, u32 offset) {
  return (u8*)(ENGINE_MEMORY_AT + (u64)address + offset);
}

// memcpy of a known size is one instruction; it says that the address need not be aligned, and may alias anything.
#define DEFINE_LOAD(name, stored, widened, result)                 \
  static inline __attribute__((always_inline)) result name(u32 address, u32 offset) { \
    stored value;                                                  \
    __builtin_memcpy(&value, in_memory(address, offset), sizeof value); \
    return (result)(widened)value;                                 \
  }
#define DEFINE_STORE(name, stored, given)                          \
  static inline __attribute__((always_inline)) void name(u32 address, u32 offset, given value) { \
    stored narrowed = (stored)value;                               \
    __builtin_memcpy(in_memory(address, offset), &narrowed, sizeof narrowed); \
  }

DEFINE_LOAD(i32_load, u32, u32, u32)
DEFINE_LOAD(i64_load, u64, u64, u64)
DEFINE_LOAD(f32_load, f32, f32, f32)
DEFINE_LOAD(f64_load, f64, f64, f64)
DEFINE_LOAD(i32_load8_s, s8, s32, u32)
DEFINE_LOAD(i64_load8_s, s8, s64, u64)
DEFINE_LOAD(i32_load8_u, u8, u32, u32)
DEFINE_LOAD(i64_load8_u, u8, u64, u64)
DEFINE_LOAD(i32_load16_s, s16, s32, u32)
DEFINE_LOAD(i64_load16_s, s16, s64, u64)
DEFINE_LOAD(i32_load16_u, u16, u32, u32)
DEFINE_LOAD(i64_load16_u, u16, u64, u64)
DEFINE_LOAD(i64_load32_s, s32, s64, u64)
DEFINE_LOAD(i64_load32_u, u32, u64, u64)
DEFINE_STORE(i32_store, u32, u32)
DEFINE_STORE(i64_store, u64, u64)
DEFINE_STORE(f32_store, f32, f32)
DEFINE_STORE(f64_store, f64, f64)
DEFINE_STORE(i32_store8, u8, u32)
DEFINE_STORE(i32_store16, u16, u32)
DEFINE_STORE(i64_store8, u8, u64)
DEFINE_STORE(i64_store16, u16, u64)
DEFINE_STORE(i64_store32, u32, u64)

static inline u8* range(u32 address, u32 size) {
  if (UNLIKELY((u64)address + size > (u64)engine_memory_pages << 16)) engine_trap(kTrapOutOfBounds);
  return (u8*)(ENGINE_MEMORY_AT + (u64)address);
}
static inline void memory_fill(u32 to, u32 value, u32 size) { engine_fill(range(to, size), (u8)value, size); }
static inline void memory_copy(u32 to, u32 from, u32 size) { engine_copy(range(to, size), range(from, size), size); }

// The table of functions that are called by number. Its elements are constants; kinds are compared, not C types.
typedef void (*EngineFunction)(void);
typedef struct {
  u32 kind;
  EngineFunction function;
} EngineTableEntry;
#define CALL_INDIRECT(type, wanted, x, ...)                                                      \
  (LIKELY((x) < ENGINE_TABLE_SIZE && engine_table[x].kind == (wanted)) || TRAP(kTrapCallIndirect), \
   ((type)engine_table[x].function)(__VA_ARGS__))

// Zero has a count of its own in WebAssembly; the compiler's built-ins leave it undefined.
#define I32_CLZ(x) ((x) ? __builtin_clz(x) : 32)
#define I64_CLZ(x) ((x) ? __builtin_clzll(x) : 64)
#define I32_CTZ(x) ((x) ? __builtin_ctz(x) : 32)
#define I64_CTZ(x) ((x) ? __builtin_ctzll(x) : 64)
// By hand: the built-in is a table of libgcc's without the instruction.
static inline u32 I32_POPCNT(u32 x) {
  u32 count = 0;
  for (; x != 0; x &= x - 1) count++;
  return count;
}

#define DIVIDE_SIGNED(unsigned_type, lowest, x, y)                                                          \
  ((UNLIKELY((y) == 0))                     ? TRAP(kTrapDivisionByZero)                                     \
   : (UNLIKELY((x) == lowest && (y) == -1)) ? TRAP(kTrapIntegerOverflow)                                    \
                                            : (unsigned_type)((x) / (y)))
#define REMAINDER_SIGNED(unsigned_type, lowest, x, y)                                                       \
  ((UNLIKELY((y) == 0))                     ? TRAP(kTrapDivisionByZero)                                     \
   : (UNLIKELY((x) == lowest && (y) == -1)) ? 0                                                             \
                                            : (unsigned_type)((x) % (y)))
#define I32_DIV_S(x, y) DIVIDE_SIGNED(u32, INT32_MIN, (s32)x, (s32)y)
#define I64_DIV_S(x, y) DIVIDE_SIGNED(u64, INT64_MIN, (s64)x, (s64)y)
#define I32_REM_S(x, y) REMAINDER_SIGNED(u32, INT32_MIN, (s32)x, (s32)y)
#define I64_REM_S(x, y) REMAINDER_SIGNED(u64, INT64_MIN, (s64)x, (s64)y)
#define DIV_U(x, y) ((UNLIKELY((y) == 0)) ? TRAP(kTrapDivisionByZero) : ((x) / (y)))
#define REM_U(x, y) ((UNLIKELY((y) == 0)) ? TRAP(kTrapDivisionByZero) : ((x) % (y)))

#define ROTATE_LEFT(x, y, mask) (((x) << ((y) & (mask))) | ((x) >> (((mask) - (y) + 1) & (mask))))
#define ROTATE_RIGHT(x, y, mask) (((x) >> ((y) & (mask))) | ((x) << (((mask) - (y) + 1) & (mask))))
#define I32_ROTL(x, y) ROTATE_LEFT(x, y, 31)
#define I64_ROTL(x, y) ROTATE_LEFT(x, y, 63)
#define I32_ROTR(x, y) ROTATE_RIGHT(x, y, 31)
#define I64_ROTR(x, y) ROTATE_RIGHT(x, y, 63)

// Not a number is 0, too large is the largest: trunc_sat.
static inline u32 I32_TRUNC_SAT_S_F64(f64 x) {
  return x != x ? 0 : x <= -2147483649. ? (u32)INT32_MIN : x >= 2147483648. ? (u32)INT32_MAX : (u32)(s32)x;
}
static inline u32 I32_TRUNC_SAT_U_F64(f64 x) {
  return x != x || x <= -1 ? 0 : x >= 4294967296. ? UINT32_MAX : (u32)x;
}
static inline u64 I64_TRUNC_SAT_S_F64(f64 x) {
  return x != x                        ? 0
         : x < -9223372036854775808.   ? (u64)INT64_MIN
         : x >= 9223372036854775808.   ? (u64)INT64_MAX
                                       : (u64)(s64)x;
}
static inline u64 I64_TRUNC_SAT_U_F64(f64 x) {
  return x != x || x <= -1 ? 0 : x >= 18446744073709551616. ? UINT64_MAX : (u64)x;
}

#define DEFINE_REINTERPRET(name, from, to)          \
  static inline to name(from x) {                   \
    to result;                                      \
    __builtin_memcpy(&result, &x, sizeof result);   \
    return result;                                  \
  }
DEFINE_REINTERPRET(f32_reinterpret_i32, u32, f32)
DEFINE_REINTERPRET(i32_reinterpret_f32, f32, u32)
DEFINE_REINTERPRET(f64_reinterpret_i64, u64, f64)
DEFINE_REINTERPRET(i64_reinterpret_f64, f64, u64)

// The payload of a quiet NaN is nobody's business in JavaScript, whose values are all numbers or one NaN.
#define wasm_quiet(x) (x)
#define wasm_quietf(x) (x)
#define wasm_fabs(x) __builtin_fabs(x)
#define wasm_sqrt(x) engine_sqrt(x)
#define copysign(x, y) __builtin_copysign(x, y)
#define wasm_floor(x) engine_floor(x)
#define wasm_ceil(x) engine_ceil(x)
#define wasm_trunc(x) engine_trunc(x)
#define wasm_nearbyint(x) engine_nearbyint(x)

// By the instruction itself: the built-in calls libm for the sake of errno.
static inline f64 engine_sqrt(f64 x) {
  f64 result;
#if defined(__x86_64__)
  __asm__("sqrtsd %1, %0" : "=x"(result) : "x"(x));
#else
  __asm__("fsqrt %d0, %d1" : "=w"(result) : "w"(x));
#endif
  return result;
}

#define FMIN(x, y)                    \
  ((x) != (x) || (y) != (y) ? __builtin_nan("") \
   : (x) == 0 && (y) == 0   ? (__builtin_signbit(x) ? x : y) \
                            : ((x) < (y) ? x : y))
#define FMAX(x, y)                    \
  ((x) != (x) || (y) != (y) ? __builtin_nan("") \
   : (x) == 0 && (y) == 0   ? (__builtin_signbit(x) ? y : x) \
                            : ((x) > (y) ? x : y))
