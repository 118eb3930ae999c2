#include "entry-beneath.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "beneath-open.h"

namespace ociwrap {
namespace {

constexpr uint64_t kResolve = kResolveBeneath | kResolveNoSymlinks | kResolveNoMagicLinks | kResolveNoXdev;
constexpr Failure kDone = {nullptr, 0};

// The folder itself, as it was pinned: a link or another folder in its place is an error.
Failure open_root(const RootFolder& root, Fd* out) {
  out->reset(open_at(AT_FDCWD, root.path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (out->get() < 0) return failure("open", out->get());
  struct stat found;
  const long failed = stat_descriptor(static_cast<int>(out->get()), &found);
  if (failed != 0) return failure("fstat", failed);
  if (found.st_dev == root.identity.device && found.st_ino == root.identity.inode) return kDone;
  return {"open", ESTALE};
}

struct Place {
  Fd parent{-1};
  dev_t device = 0;
  std::string name;
};

// The folder that `path` is an entry of, and its name there: what is done next is done to that folder, wherever
// the path leads meanwhile.
Failure open_parent(const RootFolder& root, const std::string& path, Place* out) {
  const size_t slash = path.rfind('/');
  out->name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (out->name.empty() || out->name == "." || out->name == "..") return {"openat2", EINVAL};
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
  Fd directory(-1);
  const Failure failed = open_root(root, &directory);
  if (failed.call != nullptr) return failed;
  out->parent.reset(open_beneath(directory.get(), folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, kResolve));
  if (out->parent.get() < 0) return failure("openat2", out->parent.get());
  struct stat found;
  const long unknown = stat_descriptor(static_cast<int>(out->parent.get()), &found);
  if (unknown != 0) return failure("fstat", unknown);
  out->device = found.st_dev;
  return kDone;
}

bool is_missing(const Failure& failed) {
  return strcmp(failed.call, "open") != 0 && (failed.error == ENOENT || failed.error == ENOTDIR);
}

Failure read_target(const Place& place, std::string* out) {
  char text[PATH_MAX];
  const long length =
      checked(syscall(SYS_readlinkat, place.parent.get(), place.name.c_str(), text, sizeof text));
  if (length < 0) return failure("readlinkat", length);
  out->assign(text, static_cast<size_t>(length));
  return kDone;
}

// Before Linux 5.8 the kernel does not say it: then another file system shows, and one that is mounted from the same
// file system is left to unlinkat, which says EBUSY. (Not the other way round: on overlayfs files and folders of one
// file system may have different devices.)
bool is_mount(const Place& place, const struct statx& found) {
  if ((found.stx_attributes_mask & kStatxAttrMountRoot) != 0) {
    return (found.stx_attributes & kStatxAttrMountRoot) != 0;
  }
  return makedev(found.stx_dev_major, found.stx_dev_minor) != place.device;
}

Failure look_at(const Place& place, Entry* out) {
  struct statx found = {};
  const long failed = checked(syscall(SYS_statx, place.parent.get(), place.name.c_str(),
                                      AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_SIZE, &found));
  if (failed != 0) return failure("statx", failed);
  // RESOLVE_NO_XDEV speaks of the way to the parent only.
  if (is_mount(place, found)) return {"statx", EXDEV};
  out->found = true;
  out->size = found.stx_size;
  out->type = S_ISREG(found.stx_mode)   ? EntryType::kFile
              : S_ISDIR(found.stx_mode) ? EntryType::kDirectory
              : S_ISLNK(found.stx_mode) ? EntryType::kSymlink
                                        : EntryType::kOther;
  return out->type == EntryType::kSymlink ? read_target(place, &out->target) : kDone;
}

bool is_expected(const Entry& entry, Expected expected, const std::string& target) {
  switch (expected) {
    case Expected::kEmptyFile:
      return entry.type == EntryType::kFile && entry.size == 0;
    case Expected::kFile:
      return entry.type == EntryType::kFile;
    case Expected::kEmptyDirectory:
      return entry.type == EntryType::kDirectory;
    case Expected::kSymlink:
      return entry.type == EntryType::kSymlink && entry.target == target;
  }
  return false;
}

}  // namespace

Failure look_beneath(const RootFolder& root, const std::string& path, Entry* out) {
  *out = {};
  Place place;
  Failure failed = open_parent(root, path, &place);
  if (failed.call == nullptr) failed = look_at(place, out);
  if (failed.call != nullptr && is_missing(failed)) {
    *out = {};
    return kDone;
  }
  return failed;
}

Failure remove_beneath(const RootFolder& root, const std::string& path, Expected expected, const std::string& target,
                       Removal* out) {
  *out = Removal::kMissing;
  Place place;
  Entry entry = {};
  Failure failed = open_parent(root, path, &place);
  if (failed.call == nullptr) failed = look_at(place, &entry);
  if (failed.call != nullptr) return is_missing(failed) ? kDone : failed;
  *out = Removal::kDifferent;
  if (!is_expected(entry, expected, target)) return kDone;
  // No system call removes the very file that was looked at. Whoever swaps it now loses another entry of the same folder
  // of theirs, and never anything elsewhere: a name that is a link is removed, not followed.
  const int flags = expected == Expected::kEmptyDirectory ? AT_REMOVEDIR : 0;
  const long result = checked(syscall(SYS_unlinkat, place.parent.get(), place.name.c_str(), flags));
  if (result == 0) *out = Removal::kRemoved;
  if (result == -ENOENT) *out = Removal::kMissing;
  const bool is_other = result == -ENOTEMPTY || result == -EEXIST || result == -ENOTDIR || result == -EISDIR;
  return result == 0 || result == -ENOENT || is_other ? kDone : failure("unlinkat", result);
}

Failure list_beneath(const RootFolder& root, const std::string& path, size_t limit, std::vector<std::string>* out) {
  Fd directory(-1);
  const Failure failed = open_root(root, &directory);
  if (failed.call != nullptr) return failed;
  const Fd folder(
      open_beneath(directory.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC, kResolve));
  if (folder.get() < 0) return failure("openat2", folder.get());
  // struct linux_dirent64 (getdents(2)): inode, offset, record length, type, name.
  constexpr size_t kLengthAt = 16, kNameAt = 19;
  alignas(8) char buffer[32768];
  while (out->size() < limit) {
    const long size = checked(syscall(SYS_getdents64, folder.get(), buffer, sizeof buffer));
    if (size < 0) return failure("getdents64", size);
    if (size == 0) return kDone;
    uint16_t length;
    for (long at = 0; at < size && out->size() < limit; at += length) {
      memcpy(&length, buffer + at + kLengthAt, sizeof length);
      const char* name = buffer + at + kNameAt;
      if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) out->push_back(name);
    }
  }
  return kDone;
}

}  // namespace ociwrap
