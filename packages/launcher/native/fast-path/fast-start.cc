// Where the program begins: not at libc's _start, but here, and there only when the call is not for the fast path. Before
// main() libc asks the processor what it can do (cpuid), and in a virtual machine each question is an exit to the
// hypervisor: half a millisecond, five times what the whole fast path takes without it.
//
// Nothing that runs from here may need libc: no thread-local storage (errno, the stack protector), no function that
// libc chooses at run time (memcpy). tools/build-launcher.mjs links these files without libc to see that they do not.
#include <elf.h>

#include "fast-path.h"

namespace {

const char* exec_fn_of(const Elf64_auxv_t* entries) {
  for (; entries->a_type != AT_NULL; entries++) {
    if (entries->a_type == AT_EXECFN) return reinterpret_cast<const char*>(entries->a_un.a_val);
  }
  return "";
}

}  // namespace

// What the kernel leaves on the stack (execve(2), getauxval(3)): the count, the arguments, the environment and the
// auxiliary vector, each list but the last with a null pointer behind it.
extern "C" __attribute__((used)) void ociwrap_fast_start(long* stack) {
  const int argc = static_cast<int>(stack[0]);
  char** argv = reinterpret_cast<char**>(stack + 1);
  char** env = argv + argc + 1;
  char** end = env;
  while (*end != nullptr) end++;
  ociwrap::take_fast_path(argc, argv, env, exec_fn_of(reinterpret_cast<const Elf64_auxv_t*>(end + 1)));
}

// libc's _start finds the stack and the one register it looks at as the kernel left them.
#if defined(__x86_64__)
__asm__(
    ".text\n"
    ".globl ociwrap_start\n"
    ".type ociwrap_start, @function\n"
    "ociwrap_start:\n"
    "  xorl %ebp, %ebp\n"
    "  movq %rsp, %rbx\n"
    "  movq %rdx, %r12\n"
    "  movq %rsp, %rdi\n"
    "  call ociwrap_fast_start\n"
    "  movq %rbx, %rsp\n"
    "  movq %r12, %rdx\n"
    "  jmp _start\n");
#elif defined(__aarch64__)
__asm__(
    ".text\n"
    ".globl ociwrap_start\n"
    ".type ociwrap_start, %function\n"
    "ociwrap_start:\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  mov x19, sp\n"
    "  mov x20, x0\n"
    "  mov x0, sp\n"
    "  bl ociwrap_fast_start\n"
    "  mov sp, x19\n"
    "  mov x0, x20\n"
    "  b _start\n");
#else
#error "the start of the program is missing for this machine"
#endif
