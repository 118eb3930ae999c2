// System calls as the kernel has them. libc's wrappers hide signals 32 and 33 from their callers, and some of
// them (fstat, fcntl64) are bound to symbol versions newer than GLIBC_2.28, the floor of Node's own binary.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ociwrap {

constexpr int kSignalCount = 64;  // _NSIG - 1 on x86_64 and aarch64; signal n is bit n - 1 of a set
constexpr int kLimitCount = 16;   // RLIM_NLIMITS, unchanged since Linux 2.6.25

struct Limit {
  uint64_t soft;
  uint64_t hard;
};

// struct sigaction of include/linux/signal_types.h where the architecture has SA_RESTORER (x86_64, aarch64).
struct KernelSigaction {
  uintptr_t handler;  // 0 is SIG_DFL, 1 is SIG_IGN
  unsigned long flags;
  uintptr_t restorer;
  uint64_t mask;
};
constexpr uintptr_t kDefault = 0;
constexpr uintptr_t kIgnore = 1;

// Every function below returns 0 (or a descriptor) on success and a negative errno on failure.

inline long checked(long result) { return result == -1 ? -errno : result; }

inline long get_signal_action(int signal, KernelSigaction* action) {
  return checked(syscall(SYS_rt_sigaction, signal, nullptr, action, sizeof(uint64_t)));
}
inline long set_signal_action(int signal, const KernelSigaction* action) {
  return checked(syscall(SYS_rt_sigaction, signal, action, nullptr, sizeof(uint64_t)));
}
// `how` is SIG_BLOCK or SIG_SETMASK; `set` may be null to only read.
inline long change_signal_mask(int how, const uint64_t* set, uint64_t* old) {
  return checked(syscall(SYS_rt_sigprocmask, how, set, old, sizeof(uint64_t)));
}
inline long exchange_limit(int resource, const Limit* next, Limit* old) {
  return checked(syscall(SYS_prlimit64, 0, resource, next, old));
}
inline long descriptor_control(int fd, int command, long argument) {
  return checked(syscall(SYS_fcntl, fd, command, argument));
}
inline long open_at(int dir, const char* path, int flags) {
  return checked(syscall(SYS_openat, dir, path, flags, 0));
}
// struct stat is the kernel's own on 64-bit machines, so no version symbol of libc is needed to read it.
inline long stat_descriptor(int fd, struct stat* out) { return checked(syscall(SYS_fstat, fd, out)); }
static_assert(sizeof(void*) == 8, "the record and the raw calls assume a 64-bit Linux");

inline bool holds_signal(uint64_t set, int signal) { return (set >> (signal - 1)) & 1; }

}  // namespace ociwrap
