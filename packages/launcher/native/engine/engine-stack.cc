#include "engine-stack.h"

#include <sys/mman.h>

#include "engine-window.h"

extern "C" {
// A constant for the translated code (wasm-operators.h).
uintptr_t engine_native_stack_limit_now __asm__("engine_native_stack_limit");

uintptr_t engine_stack_left;  // the stack pointer to go back to
int engine_switch_stack(int (*run)(), uintptr_t top);
[[noreturn]] void engine_switch_back(int result);
}

// What a call must keep (System V ABI for x86-64, section 3.2.1; AAPCS64, section 6.1.1) is put on the stack that is left, and
// the floating point control words never change. The frame of the new stack says that nothing called it, for debuggers.
#if defined(__x86_64__)
__asm__(
    ".text\n"
    ".type engine_switch_stack, @function\n"
    "engine_switch_stack:\n"
    "  push %rbp\n  push %rbx\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
    "  mov %rsp, engine_stack_left(%rip)\n"
    "  mov %rsi, %rsp\n"
    "  xor %ebp, %ebp\n"
    "  call *%rdi\n"
    "  mov %eax, %edi\n"
    ".type engine_switch_back, @function\n"
    "engine_switch_back:\n"
    "  mov %edi, %eax\n"
    "  mov engine_stack_left(%rip), %rsp\n"
    "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbx\n  pop %rbp\n"
    "  ret\n");
#elif defined(__aarch64__)
__asm__(
    ".text\n"
    ".type engine_switch_stack, %function\n"
    "engine_switch_stack:\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
    "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n"
    "  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
    "  adrp x9, engine_stack_left\n  add x9, x9, :lo12:engine_stack_left\n"
    "  mov x10, sp\n  str x10, [x9]\n"
    "  mov sp, x1\n"
    "  mov x29, xzr\n"
    "  blr x0\n"
    ".type engine_switch_back, %function\n"
    "engine_switch_back:\n"
    "  adrp x9, engine_stack_left\n  add x9, x9, :lo12:engine_stack_left\n"
    "  ldr x10, [x9]\n  mov sp, x10\n"
    "  ldp x19, x20, [sp]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
    "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n"
    "  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n"
    "  ret\n");
#else
#error "changing stacks is missing for this machine"
#endif

namespace ociwrap::engine {
namespace {

// JavaScript ends its own recursion before this is used up: its stack lies in the linear memory, and has an eighth of
// the size. What is here is for what recurses without a look at that one. Pages that are not reached cost nothing.
constexpr size_t kMost = size_t{16} << 20;
constexpr size_t kLeast = size_t{4} << 20;
// For the largest frame (the translation refuses to compile more than 32 KiB), the host functions, which may be called by the last
// function that still found room, and what the kernel puts there for a handler: the registers, of which the largest machines of
// either kind have 8 to 80 KiB (AMX, SME).
constexpr size_t kHeadroom = size_t{256} << 10;

uintptr_t top;

}  // namespace

bool open_stack() {
  for (size_t size = kMost; size >= kLeast; size /= 2) {
    const uintptr_t got = reinterpret_cast<uintptr_t>(host_memory(size, MAP_NORESERVE | MAP_STACK));
    if (got == 0) continue;
    top = got + size;
    engine_native_stack_limit_now = got + kHeadroom;
    return true;
  }
  return false;
}

int on_stack(int (*run)()) { return engine_switch_stack(run, top); }

void leave_stack(int result) { engine_switch_back(result); }

}  // namespace ociwrap::engine
