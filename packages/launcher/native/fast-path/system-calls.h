// System calls without libc, which is not there (program-start.cc). Every function returns 0 or more on success, a negative errno on failure.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace ociwrap {

// struct rlimit64 of the kernel.
struct Limit {
  uint64_t soft;
  uint64_t hard;
};

}  // namespace ociwrap

namespace ociwrap::raw {

#if defined(OCIWRAP_KERNEL_OF_TESTS)
// A test that puts arbitrary calls has a kernel of its own: test/native/lying-kernel.cc.
long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0);
#else
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
#error "system calls of this machine are missing here"
#endif
}
#endif

inline long number(const void* pointer) { return reinterpret_cast<long>(pointer); }

inline int open_at(int folder, const char* path, int flags, mode_t mode = 0) {
  return static_cast<int>(call(SYS_openat, folder, number(path), flags, mode));
}
inline void close(int fd) { call(SYS_close, fd); }
inline long read(int fd, void* out, size_t size) { return call(SYS_read, fd, number(out), static_cast<long>(size)); }
inline long read_start(int fd, void* out, size_t size) {
  return call(SYS_pread64, fd, number(out), static_cast<long>(size), 0);
}
inline long write(int fd, const void* bytes, size_t size) {
  return call(SYS_write, fd, number(bytes), static_cast<long>(size));
}
// Follows symlinks. struct stat is the kernel's own on 64-bit machines.
inline long stat(const char* path, struct stat* out) {
  return call(SYS_newfstatat, AT_FDCWD, number(path), number(out), 0);
}
inline long lstat(const char* path, struct stat* out) {
  return call(SYS_newfstatat, AT_FDCWD, number(path), number(out), AT_SYMLINK_NOFOLLOW);
}
inline long stat(int fd, struct stat* out) { return call(SYS_fstat, fd, number(out)); }
// Whether execve(2) would let us: with the effective ids, which access(2) does not ask for. The call is missing before
// Linux 5.8, and old seccomp profiles of containers refuse what they do not know. js-may-execute.cc for the TypeScript side.
inline bool may_execute(const char* path) {
  constexpr long kFaccessat2 = 439;  // the same number on every architecture
  const long failed = call(kFaccessat2, AT_FDCWD, number(path), X_OK, AT_EACCESS);
  if (failed != -ENOSYS && failed != -EPERM) return failed == 0;
  return call(SYS_faccessat, AT_FDCWD, number(path), X_OK) == 0;
}
inline long read_link(const char* path, char* out, size_t size) {
  return call(SYS_readlinkat, AT_FDCWD, number(path), number(out), static_cast<long>(size));
}
// The length with its NUL.
inline long working_directory(char* out, size_t size) {
  return call(SYS_getcwd, number(out), static_cast<long>(size));
}
inline void read_clock(clockid_t clock, timespec* out) { call(SYS_clock_gettime, clock, number(out)); }
inline long exchange_limit(int resource, const Limit* next, Limit* old) {
  return call(SYS_prlimit64, 0, resource, number(next), number(old));
}
// Null when there is none to be had.
inline void* memory(size_t size) {
  const long got = call(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return got < 0 ? nullptr : reinterpret_cast<void*>(got);
}
inline long execve(const char* path, char* const* argv, char* const* env) {
  return call(SYS_execve, number(path), number(argv), number(env));
}

}  // namespace ociwrap::raw
