// A kernel that carries nothing out, and answers anything that a kernel may answer: it looks at all that it is given, and writes all
// that it may.
#include "lying-kernel.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lies.h"
#include "system-calls.h"

using ociwrap_test::lie_below;
using ociwrap_test::lie_byte;
using ociwrap_test::lie_word;
using ociwrap_test::write_content;

namespace {

volatile unsigned sum;

constexpr size_t kSignalAction = 32;  // struct sigaction of the kernel

void look_at(const void* bytes, size_t size) {
  const unsigned char* at = static_cast<const unsigned char*>(bytes);
  for (size_t index = 0; index < size; index++) sum = sum + at[index];
}

void look_at_text(long text) { look_at(reinterpret_cast<void*>(text), strlen(reinterpret_cast<char*>(text))); }

void look_at_list(long list) {
  for (char** text = reinterpret_cast<char**>(list); *text != nullptr; text++) look_at(*text, strlen(*text));
}

long failure() {
  constexpr int kErrors[] = {ENOENT, EINTR, EAGAIN, ENOSYS, EPERM, ENOTDIR, EISDIR, ENOTEMPTY, EFBIG, EPIPE,
                             EIO, ESRCH, ELOOP, EXDEV, EINVAL, EEXIST, ENOMEM, ESTALE, ENAMETOOLONG, 4095};
  return -kErrors[lie_byte() % (sizeof kErrors / sizeof *kErrors)];
}

bool fails() { return lie_byte() % 8 == 7; }

long number_or_failure() { return fails() ? failure() : static_cast<long>(lie_byte()); }

// At most `size` bytes are written, and so many said to be.
long give(long to, long size) {
  if (fails()) return failure();
  if (size <= 0) return 0;
  const uint32_t kind = lie_byte();
  const size_t given = kind % 4 == 0 ? static_cast<size_t>(size) : kind % 4 == 1 ? 0 : lie_byte() % static_cast<size_t>(size);
  write_content(reinterpret_cast<uint8_t*>(to), given);
  return static_cast<long>(given);
}

// A path as a kernel gives it: no NUL in it.
long give_target(long to, long size) {
  const long given = give(to, size);
  char* bytes = reinterpret_cast<char*>(to);
  for (long at = 0; at < given; at++) {
    if (bytes[at] == '\0') bytes[at] = '/';
  }
  return given == 0 ? -ENOENT : given;
}

// Closed by a NUL, and the length is with it.
long give_path(long to, long size) {
  const long given = give_target(to, size);
  if (given <= 0) return given;
  char* bytes = reinterpret_cast<char*>(to);
  if (lie_byte() % 8 != 0) bytes[0] = '/';
  bytes[given - 1] = '\0';
  return given;
}

// Records as a kernel writes them (getdents(2)): none of them is cut.
long give_names(long to, long size) {
  if (fails()) return failure();
  char* bytes = reinterpret_cast<char*>(to);
  long at = 0;
  while (lie_byte() % 8 != 0) {
    const long name = lie_byte() % 255 + 1;
    const long length = (19 + name + 1 + 7) / 8 * 8;
    if (at + length > size) break;
    memset(bytes + at, lie_byte() % 4 == 0 ? '.' : 'n', static_cast<size_t>(length));
    const uint16_t written = static_cast<uint16_t>(length);
    memcpy(bytes + at + 16, &written, sizeof written);
    bytes[at + 18] = static_cast<char>(2 * (lie_byte() % 7));  // DT_UNKNOWN, DT_FIFO, DT_CHR, and so on
    bytes[at + 19 + name] = '\0';
    at += length;
  }
  return at;
}

uint32_t mode() {
  constexpr uint32_t kModes[] = {S_IFREG | 0644, S_IFDIR | 0755, S_IFLNK | 0777, S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK, 0};
  return kModes[lie_byte() % 8];
}

long give_status(long to) {
  struct stat* found = reinterpret_cast<struct stat*>(to);
  memset(found, static_cast<int>(lie_byte()), sizeof *found);
  found->st_mode = mode();
  if (lie_byte() % 8 != 7) found->st_dev = found->st_ino = 0;
  return fails() ? failure() : 0;
}

long give_more_status(long to) {
  struct statx* found = reinterpret_cast<struct statx*>(to);
  memset(found, static_cast<int>(lie_byte()), sizeof *found);
  found->stx_mode = static_cast<uint16_t>(mode());
  if (lie_byte() % 2 == 0) found->stx_attributes = found->stx_size = 0;
  if (lie_byte() % 4 != 3) found->stx_attributes_mask = found->stx_dev_major = found->stx_dev_minor = 0;
  return fails() ? failure() : 0;
}

long give_time(long to) {
  timespec* now = reinterpret_cast<timespec*>(to);
  now->tv_sec = lie_word();
  now->tv_nsec = lie_word() % 1000000000;
  return 0;
}

// What is mapped has what AddressSanitizer puts around it.
constexpr size_t kMostMappings = 4096;
constexpr long kLargest = 8 << 20;
struct {
  void* at;
  long size;
} mappings[kMostMappings];
size_t mapping_count;

long map(long size) {
  if (size > kLargest || mapping_count == kMostMappings || lie_byte() % 32 == 31) return -ENOMEM;
  void* at = calloc(1, static_cast<size_t>(size));
  mappings[mapping_count++] = {at, size};
  return reinterpret_cast<long>(at);
}

long unmap(long at, long size) {
  for (size_t index = 0; index < mapping_count; index++) {
    if (mappings[index].at != reinterpret_cast<void*>(at)) continue;
    if (mappings[index].size != size) abort();
    free(mappings[index].at);
    mappings[index] = mappings[--mapping_count];
    return 0;
  }
  abort();
}

}  // namespace

namespace ociwrap_test {

void end_kernel() {
  while (mapping_count > 0) free(mappings[--mapping_count].at);
}

}  // namespace ociwrap_test

namespace ociwrap::raw {

long call(long number, long a, long b, long c, long d, long e, long f) {
  (void)f;
  switch (number) {
    case SYS_mmap: return map(b);
    case SYS_munmap: return unmap(a, b);
    case SYS_clock_gettime: return give_time(b);
    case SYS_nanosleep:
      look_at(reinterpret_cast<void*>(a), sizeof(timespec));
      if (lie_byte() % 4 != 3) return 0;
      give_time(b);
      return -EINTR;
    case SYS_fstat: return give_status(b);
    case SYS_newfstatat: look_at_text(b); return give_status(c);
    case SYS_statx: look_at_text(b); return give_more_status(e);
    case SYS_read:
    case SYS_pread64: return give(b, c);
    case SYS_copy_file_range:
      look_at(reinterpret_cast<void*>(b), sizeof(int64_t));
      look_at(reinterpret_cast<void*>(d), sizeof(int64_t));
      return number_or_failure();
    case SYS_readlinkat: look_at_text(b); return give_target(c, d);
    case SYS_getcwd: return give_path(a, b);
    case SYS_getdents64: return give_names(b, c);
    case SYS_write:
    case SYS_pwrite64:
      look_at(reinterpret_cast<void*>(b), static_cast<size_t>(c));
      return fails() ? failure() : c;
    case SYS_execve:
      look_at_text(a);
      look_at_list(b);
      look_at_list(c);
      return failure();
    case SYS_renameat2: look_at_text(b); look_at_text(d); return fails() ? failure() : 0;
    case SYS_ioctl:
      if (b != TCGETS) return fails() ? failure() : 0;  // FICLONE takes a descriptor
      memset(reinterpret_cast<void*>(c), 1, 36);  // struct termios of the kernel
      return fails() ? failure() : 0;
    case SYS_prlimit64:
      if (c != 0) look_at(reinterpret_cast<void*>(c), sizeof(Limit));
      if (d != 0) *reinterpret_cast<Limit*>(d) = {lie_byte(), lie_byte()};
      return fails() ? failure() : 0;
    case SYS_rt_sigpending: memset(reinterpret_cast<void*>(a), static_cast<int>(lie_byte()), static_cast<size_t>(b)); return 0;
    case SYS_rt_sigprocmask:
      if (b != 0) look_at(reinterpret_cast<void*>(b), static_cast<size_t>(d));
      if (c != 0) memset(reinterpret_cast<void*>(c), 0, static_cast<size_t>(d));
      return 0;
    case SYS_rt_sigaction:
      if (b != 0) look_at(reinterpret_cast<void*>(b), kSignalAction);
      if (c != 0) memset(reinterpret_cast<void*>(c), static_cast<int>(lie_byte()), kSignalAction);
      return 0;
    case SYS_rt_sigqueueinfo: look_at(reinterpret_cast<void*>(c), sizeof(siginfo_t)); return 0;
    case SYS_rt_tgsigqueueinfo: look_at(reinterpret_cast<void*>(d), sizeof(siginfo_t)); return 0;
    case SYS_rt_sigtimedwait:
      look_at(reinterpret_cast<void*>(a), static_cast<size_t>(d));
      if (c != 0) look_at(reinterpret_cast<void*>(c), sizeof(timespec));
      return lie_byte() % 4 == 3 ? -EINTR : lie_byte() % 2 == 0 ? -EAGAIN : SIGPIPE;
    case 437:  // openat2
      look_at_text(b);
      look_at(reinterpret_cast<void*>(c), static_cast<size_t>(d));
      return number_or_failure();
    case SYS_openat:
    case 439:  // faccessat2
    case SYS_faccessat: look_at_text(b); return number_or_failure();
    case SYS_open_tree: look_at_text(b); return number_or_failure();
    case SYS_fsopen: look_at_text(a); return number_or_failure();
    case SYS_move_mount: look_at_text(b); look_at_text(d); return fails() ? failure() : 0;
    case SYS_mount: look_at_text(b); return fails() ? failure() : 0;
    case SYS_mount_setattr:
      look_at_text(b);
      look_at(reinterpret_cast<void*>(d), static_cast<size_t>(e));
      return fails() ? failure() : 0;
    case SYS_fsconfig:
      if (c != 0) look_at_text(c);
      if (d != 0) look_at_text(d);
      return fails() ? failure() : 0;
    case SYS_chroot:
    case SYS_chdir: look_at_text(a); return fails() ? failure() : 0;
    case SYS_statfs:
      look_at_text(a);
      memset(reinterpret_cast<void*>(b), static_cast<int>(lie_byte()), sizeof(struct statfs));
      return fails() ? failure() : 0;
    case SYS_lgetxattr: look_at_text(a); look_at_text(b); return give(c, d);
    case SYS_fgetxattr: look_at_text(b); return give(c, d);
    case SYS_llistxattr: look_at_text(a); return give(b, c);
    case SYS_flistxattr: return give(b, c);
    case SYS_fremovexattr: look_at_text(b); return fails() ? failure() : 0;
    case SYS_fsetxattr:
      look_at_text(b);
      look_at(reinterpret_cast<void*>(c), static_cast<size_t>(d));
      return fails() ? failure() : 0;
    case SYS_symlinkat: look_at_text(a); look_at_text(c); return fails() ? failure() : 0;
    case SYS_linkat: look_at_text(b); look_at_text(d); return fails() ? failure() : 0;
    case SYS_mknodat:
    case SYS_fchownat:
    case SYS_fchmodat: look_at_text(b); return fails() ? failure() : 0;
    case SYS_utimensat:
      if (b != 0) look_at_text(b);
      look_at(reinterpret_cast<void*>(c), 2 * sizeof(timespec));
      return fails() ? failure() : 0;
    case SYS_lseek:
      if (fails()) return failure();
      return lie_byte() % 2 == 0 ? -ENXIO : b + static_cast<long>(lie_byte());
    case SYS_lsetxattr:
      look_at_text(a);
      look_at_text(b);
      look_at(reinterpret_cast<void*>(c), static_cast<size_t>(d));
      return fails() ? failure() : 0;
    case SYS_unshare:
    case SYS_syncfs: return fails() ? failure() : 0;
    case SYS_mkdirat:
    case SYS_unlinkat: look_at_text(b); return fails() ? failure() : 0;
    // This process goes on, as the one that has a child now.
    case SYS_clone: return fails() ? failure() : 1 + static_cast<long>(lie_byte());
    case SYS_flock:
    case SYS_fsync:
    case SYS_fchmod:
    case SYS_fchown:
    case SYS_kill:
    case SYS_close: return fails() ? failure() : 0;
    default: return number_or_failure();
  }
}

}  // namespace ociwrap::raw
