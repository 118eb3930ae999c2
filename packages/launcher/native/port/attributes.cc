// File systems as a whole, and extended attributes: each is the system call of its name.
#include <sys/statfs.h>

#include "file-status.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

// As large as a value, and a list of names, can be (XATTR_SIZE_MAX and XATTR_LIST_MAX of the kernel).
constexpr size_t kLargest = 65536;
uint8_t buffer[kLargest];

Value give(long size) {
  return size < 0 ? answer(size) : new_bytes({reinterpret_cast<const char*>(buffer), static_cast<size_t>(size)});
}

}  // namespace

// A path, and an array for seven numbers.
Value statfs(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  struct statfs found;
  const long failed = uninterrupted([&] { return raw::call(SYS_statfs, raw::number(path.c_str()), raw::number(&found)); });
  if (failed != 0) return answer(failed);
  const uint64_t values[] = {static_cast<uint64_t>(found.f_type), static_cast<uint64_t>(found.f_bsize),
                             found.f_blocks,                      found.f_bavail,
                             found.f_files,                       found.f_ffree,
                             static_cast<uint64_t>(found.f_flags)};
  return answer(give_numbers(values, bytes_at(arguments, 1)));
}

// Whether a folder says of what type its entries are (d_type of getdents64(2)), as an overlay needs it; or a negative errno.
Value entryTypes(const Arguments& arguments) {
  constexpr size_t kTypeAt = 18;  // in struct linux_dirent64; `.` and `..` come first, and every folder has them
  alignas(8) uint8_t entries[1024];
  const long size = raw::call(SYS_getdents64, descriptor_at(arguments, 0), raw::number(entries), sizeof entries);
  return answer(size <= 0 ? size : entries[kTypeAt] != 0);
}

Value syncfs(const Arguments& arguments) { return answer(raw::call(SYS_syncfs, descriptor_at(arguments, 0))); }

// A path, whose last name is not followed, and the name of an attribute.
Value getxattr(const Arguments& arguments) {
  PathBuffer path;
  PathBuffer name;
  const long unusable = path_at(arguments, 0, &path);
  const long also = path_at(arguments, 1, &name);
  if (unusable != 0 || also != 0) return answer(unusable != 0 ? unusable : also);
  return give(raw::call(SYS_lgetxattr, raw::number(path.c_str()), raw::number(name.c_str()), raw::number(buffer), kLargest));
}

// A path, a name, a value.
Value setxattr(const Arguments& arguments) {
  PathBuffer path;
  PathBuffer name;
  const long unusable = path_at(arguments, 0, &path);
  const long also = path_at(arguments, 1, &name);
  if (unusable != 0 || also != 0) return answer(unusable != 0 ? unusable : also);
  const Bytes value = bytes_at(arguments, 2);
  return answer(raw::call(SYS_lsetxattr, raw::number(path.c_str()), raw::number(name.c_str()), raw::number(value.data),
                          static_cast<long>(value.size), 0));
}

// A path, whose last name is not followed, and the name of an attribute.
Value removexattr(const Arguments& arguments) {
  PathBuffer path;
  PathBuffer name;
  const long unusable = path_at(arguments, 0, &path);
  const long also = path_at(arguments, 1, &name);
  if (unusable != 0 || also != 0) return answer(unusable != 0 ? unusable : also);
  return answer(raw::call(SYS_lremovexattr, raw::number(path.c_str()), raw::number(name.c_str())));
}

// Names, each closed by a NUL.
Value listxattr(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  return give(raw::call(SYS_llistxattr, raw::number(path.c_str()), raw::number(buffer), kLargest));
}

}  // namespace ociwrap::engine::port
