// What else could lie in the window, and why it does not. Sources are of Linux: fs/binfmt_elf.c, mm/util.c, arch/*/mm/mmap.c.
//
//   The program is static and linked to lie below the window, as does its heap (brk), which starts at most 1 GiB behind the
//   program (arch_randomize_brk) and which it never asks for.
//
//   The kernel's own choices (stack, vdso, mmap without an address) begin at the far end of the address space. Downwards: beneath
//   a gap for the stack of at most five sixths of it, and a random offset of at most an eighth (mmap_base, mmap_rnd_bits), so that
//   a 24th of it is left: 5 TiB of the 47 bits of x86-64, 21 GiB of the 39 bits of small arm64 kernels, 170 GiB of the 42
//   bits that come with pages of 64 KiB. Upwards, where RLIMIT_STACK is unlimited or the personality wants it: from a third
//   (x86-64) or a quarter (arm64). The window ends at 5.5 GiB. Only arm64 with 36 bits, which Linux offers to experts, could
//   come so low, under an enormous limit of the stack.
//
//   Somebody who maps it on purpose: MMAP_PAGE_ZERO is page 0. A tracer, which could do anything.
//
// So both functions only find what should not be. They look nevertheless: what the engine must not reach would be in its hands.
//
// A stack that grows: an access below the process's stack makes it grow, however far below (on x86-64 since Linux 5.0 whatever the
// stack pointer is), unless another mapping lies between the two. With an unlimited stack and vm.overcommit_memory=1 it would
// grow down into the window. The engine's own stack lies between, as all that the kernel chooses a place for.
//
// Emulators: Valgrind gives places from 64 MiB upwards, below the window. QEMU's emulation of one process (qemu-user) has what is its
// own in the same address space and keeps no guest from it, window or not; it is for tests.
#include "engine-window.h"

#include <sys/mman.h>

#include "system-calls.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace ociwrap::engine {

// The whole window is asked for, and given back. What is in the way comes first (EEXIST), before RLIMIT_AS does (ENOMEM): do_mmap
// in mm/mmap.c. Before Linux 4.17, which takes the address for a wish, a limit hides what is in the way.
bool is_window_free() {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  constexpr long kSize = ENGINE_WINDOW_END - ENGINE_MEMORY_AT;
  const long got = raw::call(SYS_mmap, ENGINE_MEMORY_AT, kSize, PROT_NONE, kFlags, -1, 0);
  if (got < 0) return got != -EEXIST;
  raw::call(SYS_munmap, got, kSize);
  return got == static_cast<long>(ENGINE_MEMORY_AT);
}

void* host_memory(size_t size, int more_flags) {
  const int sharing = (more_flags & MAP_SHARED) != 0 ? 0 : MAP_PRIVATE;
  const int flags = sharing | MAP_ANONYMOUS | more_flags;
  const long got = raw::call(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE, flags, -1, 0);
  if (got < 0) return nullptr;
  const uintptr_t start = static_cast<uintptr_t>(got);
  if (start >= ENGINE_WINDOW_END || start + size <= ENGINE_MEMORY_AT) return reinterpret_cast<void*>(got);
  raw::call(SYS_munmap, got, static_cast<long>(size));
  return nullptr;
}

}  // namespace ociwrap::engine
