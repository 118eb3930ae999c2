// What the C of a translated WebAssembly module is written in: its types, its operators, its accesses to memory. The
// text of wasm2c names these; tools/translate-engine.mjs puts this file in place of wasm2c's own preamble.
//
// One module runs here, once, in a process of one thread. So its state is in globals, its memory lies at one address, and no
// access compares anything:
//
//   Every access is ENGINE_MEMORY_AT plus an address of 32 bits, whatever the module has computed, plus an offset that the
//   translation knows and that is below ENGINE_MEMORY_SLACK (it refuses a module with a larger one). So all that the module can
//   reach is one window of the process, up to ENGINE_WINDOW_END. Of it so much is reserved as the memory may grow to, and
//   nothing else lies there (engine-window.cc): an access beyond is a SIGSEGV, which becomes a trap (outside-access.cc).
//   Only what has a length of its own, memory.fill and memory.copy, is checked: it could reach beyond the window.
//
// What differs from the WebAssembly specification: an access beyond the pages that were asked for, but inside of what is reserved,
// reads zeros or is kept, where the specification wants a trap. It is inside the sandbox in either case. And the compiler may move
// accesses and leave out what nobody looks at: no access moves over a call of the host, and after a trap nobody looks at
// the memory.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef float f32;
typedef double f64;

// Below 2 GiB, so that x86-64 reaches it with an address in the instruction; above what a program at 4 MiB and a heap that
// the kernel starts up to 1 GiB behind it (arch_randomize_brk) can take.
#define ENGINE_MEMORY_AT 0x60000000ul
#define ENGINE_MEMORY_SLACK 0x200000ul
#define ENGINE_WINDOW_END (ENGINE_MEMORY_AT + 0x100000000ul + ENGINE_MEMORY_SLACK)

enum EngineTrap {
  kTrapNone,
  kTrapOutOfBounds,
  kTrapIntegerOverflow,
  kTrapDivisionByZero,
  kTrapInvalidConversion,
  kTrapUnreachable,
  kTrapCallIndirect,
  kTrapStackExhausted,
};

// Ends the module's run; it never comes back.
__attribute__((noreturn, cold)) void engine_trap(enum EngineTrap trap);

// Set once, before the module runs, and a constant from then on; the units may keep it in a register.
extern const uintptr_t engine_native_stack_limit;

extern u32 engine_memory_pages;
extern u32 engine_stack_pointer;

// The former number of pages, or all ones where there is no room: memory.grow.
u32 engine_memory_grow(u32 pages);

// A call of a host function: how many arguments, where they are in the memory, 64 bits each, and where the function's name is, as
// a value. Gives a value.
u64 engine_host_call(u32 count, u32 values, u32 name);

void engine_copy(u8* to, const u8* from, size_t size);
void engine_fill(u8* to, int value, size_t size);

f64 engine_floor(f64 x);
f64 engine_ceil(f64 x);
f64 engine_trunc(f64 x);
f64 engine_nearbyint(f64 x);

#ifdef __cplusplus
}
#endif
