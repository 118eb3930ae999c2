#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/resource.h>

#include "kernel.h"

namespace ociwrap {

// struct linux_dirent64, which libc does not declare.
struct DirectoryEntry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[1];
};

// -1 for "." and "..".
inline int descriptor_of(const char* name) {
  int fd = 0;
  if (*name < '0' || *name > '9') return -1;
  for (; *name >= '0' && *name <= '9'; name++) fd = fd * 10 + (*name - '0');
  return fd;
}

// Without /proc only a scan is left. A descriptor above the soft limit is possible (the limit was lowered after
// it was opened), so the bound is generous; it keeps a limit of a thousand million from costing minutes.
constexpr int kScanBound = 1 << 20;

template <typename Visit>
void scan_descriptors(Visit visit) {
  Limit limit = {0, 0};
  exchange_limit(RLIMIT_NOFILE, nullptr, &limit);
  const int end = limit.hard < static_cast<uint64_t>(kScanBound) ? static_cast<int>(limit.hard) : kScanBound;
  for (int fd = 0; fd < end; fd++) {
    if (descriptor_control(fd, F_GETFD, 0) >= 0) visit(fd);
  }
}

// Calls visit(fd) for every open descriptor of this process in ascending order, as /proc/self/fd lists them.
// `visit` may change descriptor flags but must neither open nor close.
template <typename Visit>
void for_each_descriptor(Visit visit) {
  const long directory = open_at(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return scan_descriptors(visit);
  alignas(8) char buffer[8192];
  for (;;) {
    const long length = checked(syscall(SYS_getdents64, directory, buffer, sizeof buffer));
    if (length <= 0) break;
    for (long at = 0; at < length;) {
      const DirectoryEntry* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      const int fd = descriptor_of(entry->name);
      if (fd >= 0 && fd != directory) visit(fd);
      at += entry->length;
    }
  }
  syscall(SYS_close, directory);
}

}  // namespace ociwrap
