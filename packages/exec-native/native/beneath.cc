#include "beneath.h"

#include <linux/stat.h>
#include <string.h>

#include "beneath-open.h"

namespace ociwrap {
namespace {

long open_root(const char* root) { return open_at(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC); }

MountRoot mount_root(long fd) {
  struct statx found = {};
  const long failed = checked(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0u, &found));
  if (failed != 0 || (found.stx_attributes_mask & kStatxAttrMountRoot) == 0) return MountRoot::kUnknown;
  return (found.stx_attributes & kStatxAttrMountRoot) != 0 ? MountRoot::kYes : MountRoot::kNo;
}

Failure identify(long fd, FoundFolder* out) {
  struct stat found;
  const long failed = stat_descriptor(static_cast<int>(fd), &found);
  if (failed != 0) return failure("fstat", failed);
  *out = {{static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)}, mount_root(fd)};
  return {nullptr, 0};
}

// One step of the walk. O_NOFOLLOW with O_PATH opens a symbolic link itself, so that it can be told apart.
long open_component(long parent, const char* name) {
  const long fd = open_at(static_cast<int>(parent), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fd;
  struct stat found;
  long failed = stat_descriptor(static_cast<int>(fd), &found);
  if (failed == 0 && S_ISLNK(found.st_mode)) failed = -ELOOP;
  if (failed == 0 && !S_ISDIR(found.st_mode)) failed = -ENOTDIR;
  if (failed == 0) return fd;
  syscall(SYS_close, fd);
  return failed;
}

}  // namespace

Failure resolve_beneath_by_walk(const char* root, const char* path, FoundFolder* out) {
  if (*path == '/') return {"openat", EXDEV};
  if (*path == '\0') return {"openat", ENOENT};
  Fd directory(open_root(root));
  if (directory.get() < 0) return failure("open", directory.get());
  while (*path != '\0') {
    char name[256];  // NAME_MAX and its NUL
    const size_t length = strcspn(path, "/");
    if (length >= sizeof name) return {"openat", ENAMETOOLONG};
    memcpy(name, path, length);
    name[length] = '\0';
    path += length;
    path += strspn(path, "/");
    if (strcmp(name, "..") == 0) return {"openat", EXDEV};
    const long next = open_component(directory.get(), name);
    if (next < 0) return failure("openat", next);
    directory.reset(next);
  }
  return identify(directory.get(), out);
}

Failure resolve_beneath(const char* root, const char* path, FoundFolder* out) {
  const Fd directory(open_root(root));
  if (directory.get() < 0) return failure("open", directory.get());
  const long fd = open_beneath(directory.get(), path, O_PATH | O_DIRECTORY | O_CLOEXEC,
                               kResolveBeneath | kResolveNoSymlinks | kResolveNoMagicLinks);
  // ENOSYS before Linux 5.6; EPERM from seccomp filters that do not know the call (openat2 itself has no use for
  // EPERM with O_PATH).
  if (fd == -ENOSYS || fd == -EPERM) return resolve_beneath_by_walk(root, path, out);
  const Fd found(fd);
  if (fd < 0) return failure("openat2", fd);
  return identify(found.get(), out);
}

}  // namespace ociwrap
