// Where the program begins. There is no libc in it: before main() libc asks the processor what it can do (cpuid), and in a
// virtual machine each question is an exit to the hypervisor, half a millisecond in all, twice what the whole fast path takes.
// So there is no thread-local storage (errno, the stack protector) and nothing that libc would choose at run time (memcpy).
#include <elf.h>

#include "program.h"

namespace {

void read_auxiliary_vector(const Elf64_auxv_t* entries, ociwrap::ProgramCall* call) {
  for (; entries->a_type != AT_NULL; entries++) {
    if (entries->a_type == AT_EXECFN) call->exec_fn = reinterpret_cast<const char*>(entries->a_un.a_val);
    if (entries->a_type == AT_PAGESZ) call->page_size = entries->a_un.a_val;
  }
}

}  // namespace

// What the kernel leaves on the stack (execve(2), getauxval(3)): the count, the arguments, the environment and the
// auxiliary vector, each list but the last with a null pointer behind it.
extern "C" __attribute__((used, noreturn)) void ociwrap_begin(long* stack) {
  const int argc = static_cast<int>(stack[0]);
  char** argv = reinterpret_cast<char**>(stack + 1);
  char** env = argv + argc + 1;
  char** end = env;
  while (*end != nullptr) end++;
  ociwrap::ProgramCall call = {argc, argv, env, "", 0};
  read_auxiliary_vector(reinterpret_cast<const Elf64_auxv_t*>(end + 1), &call);
  ociwrap::run_program(call);
}

#if defined(__x86_64__)
__asm__(
    ".text\n"
    ".globl _start\n"
    ".type _start, @function\n"
    "_start:\n"
    "  xorl %ebp, %ebp\n"
    "  movq %rsp, %rdi\n"
    "  andq $-16, %rsp\n"
    "  call ociwrap_begin\n");
#elif defined(__aarch64__)
__asm__(
    ".text\n"
    ".globl _start\n"
    ".type _start, %function\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  mov x0, sp\n"
    "  bl ociwrap_begin\n");
#else
#error "the start of the program is missing for this machine"
#endif
