#include "file-status.h"

namespace ociwrap::engine::port {
namespace {

// The order of FILE_TYPES in engine-system.ts.
uint64_t type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return 0;
    case S_IFDIR: return 1;
    case S_IFLNK: return 2;
    case S_IFBLK: return 3;
    case S_IFCHR: return 4;
    case S_IFIFO: return 5;
    default: return 6;
  }
}

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1000000000u + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

long give_status(const struct stat& found, Bytes numbers) {
  const uint64_t device = found.st_rdev;
  const uint64_t values[] = {
      found.st_dev,
      found.st_ino,
      type_of(found.st_mode),
      found.st_mode & 07777u,
      found.st_nlink,
      found.st_uid,
      found.st_gid,
      // As makedev(3) puts them together: 12 and 20 bits of old, the rest above them.
      (device >> 8 & 0xfff) | (device >> 32 & 0xfffff000),
      (device & 0xff) | (device >> 12 & 0xffffff00),
      static_cast<uint64_t>(found.st_size),
      nanoseconds(found.st_mtim),
      nanoseconds(found.st_ctim),
  };
  return give_numbers(values, numbers);
}

}  // namespace ociwrap::engine::port
