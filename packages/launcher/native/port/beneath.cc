// Files beneath a folder that somebody else may be changing at the same time. As exec-native has it for Node.js (beneath.cc,
// entry-beneath.cc there), by system calls alone: the same checks in the same order.
#include <linux/stat.h>
#include <sys/sysmacros.h>

#include "file-status.h"
#include "openat2.h"

namespace ociwrap::engine::port {
namespace {

constexpr uint64_t kResolveNoXdev = 0x01;
constexpr uint64_t kResolveNoMagicLinks = 0x02;
constexpr uint64_t kResolveNoSymlinks = 0x04;
constexpr uint64_t kResolveBeneath = 0x08;
constexpr uint64_t kStrictly = kResolveBeneath | kResolveNoSymlinks | kResolveNoMagicLinks;
// The bit of stx_attributes, since Linux 5.8; headers of older systems lack the name.
constexpr uint64_t kStatxAttrMountRoot = 0x2000;

long look(long folder, const char* name, int flags, unsigned wanted, struct statx* out) {
  return raw::call(SYS_statx, folder, raw::number(name), flags, wanted, raw::number(out));
}

// ---- resolveBeneath ------------------------------------------------------------------------------------------

// Device, inode, and whether a mount begins there: 0, 1, or 2 where the kernel does not say.
Value identify(long fd, Bytes numbers) {
  struct stat found;
  const long unknown = raw::stat(static_cast<int>(fd), &found);
  if (unknown != 0) return answer(failed(Call::kFstat, unknown));
  struct statx more;
  more.stx_attributes = 0;
  more.stx_attributes_mask = 0;
  uint64_t mount_root = 2;
  if (look(fd, "", AT_EMPTY_PATH, 0, &more) == 0 && (more.stx_attributes_mask & kStatxAttrMountRoot) != 0) {
    mount_root = (more.stx_attributes & kStatxAttrMountRoot) != 0;
  }
  const uint64_t values[] = {found.st_dev, found.st_ino, mount_root};
  return answer(give_numbers(values, numbers));
}

// One step of the walk. O_NOFOLLOW with O_PATH opens a symbolic link itself, so that it can be told apart.
long open_component(long parent, const char* name) {
  const long fd = raw::open_at(static_cast<int>(parent), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fd;
  struct stat found;
  long wrong = raw::stat(static_cast<int>(fd), &found);
  if (wrong == 0 && S_ISLNK(found.st_mode)) wrong = -ELOOP;
  if (wrong == 0 && !S_ISDIR(found.st_mode)) wrong = -ENOTDIR;
  if (wrong == 0) return fd;
  raw::close(static_cast<int>(fd));
  return wrong;
}

// One component at a time, for kernels and seccomp filters without openat2. It refuses every "..", where openat2 allows
// those that stay beneath the root.
long walk(long root, Text path, Descriptor* out) {
  if (path.empty()) return -ENOENT;
  if (path.front() == '/') return -EXDEV;
  const Descriptor* directory = nullptr;
  while (!path.empty()) {
    const size_t length = find(path, '/');
    FixedText<255> name;  // NAME_MAX
    name.clear();
    name.append(Text(path.data(), length));
    if (name.overflowed()) return -ENAMETOOLONG;
    path.remove_prefix(length);
    while (!path.empty() && path.front() == '/') path.remove_prefix(1);
    if (name.view() == "..") return -EXDEV;
    const long next = open_component(directory == nullptr ? root : directory->get(), name.c_str());
    if (next < 0) return next;
    out->reset(next);
    directory = out;
  }
  return 0;
}

// ---- entries -------------------------------------------------------------------------------------------------

// What host functions on entries take: the path of the root, a path beneath it, and numbers: the root's device and inode.
struct Question {
  PathBuffer root;
  PathBuffer path;
  Bytes numbers;
};

long read_question(const Arguments& arguments, Question* out) {
  const long unusable = path_at(arguments, 0, &out->root);
  const long also = path_at(arguments, 1, &out->path);
  out->numbers = bytes_at(arguments, 2);
  return unusable != 0 ? unusable : also != 0 ? also : out->numbers.size < 2 * sizeof(uint64_t) ? -EINVAL : 0;
}

// The folder itself, as it was pinned: a link or another folder in its place is an error.
long open_root(const Question& question, Descriptor* out) {
  out->reset(raw::open_at(AT_FDCWD, question.root.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (out->get() < 0) return failed(Call::kOpen, out->get());
  struct stat found;
  const long unknown = raw::stat(static_cast<int>(out->get()), &found);
  if (unknown != 0) return failed(Call::kFstat, unknown);
  uint64_t identity[2];
  __builtin_memcpy(identity, question.numbers.data, sizeof identity);
  return found.st_dev == identity[0] && found.st_ino == identity[1] ? 0 : failed(Call::kOpen, -ESTALE);
}

struct Place {
  Descriptor parent{-1};
  dev_t device = 0;
  FixedText<PATH_MAX> name;
};

// The folder that the path is an entry of, and its name there: what is done next is done to that folder, wherever the path
// leads meanwhile.
long open_parent(const Question& question, Place* out) {
  const Text path = question.path.view();
  const Text name = base_name(path);
  out->name.clear();
  out->name.append(name);
  if (name.empty() || name == "." || name == "..") return failed(Call::kOpenat2, -EINVAL);
  PathBuffer folder;
  folder.clear();
  folder.append(name.size() == path.size() ? Text(".") : Text(path.data(), path.size() - name.size() - 1));
  Descriptor root(-1);
  const long wrong = open_root(question, &root);
  if (wrong != 0) return wrong;
  out->parent.reset(
      open_beneath(root.get(), folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, kStrictly | kResolveNoXdev));
  if (out->parent.get() < 0) return failed(Call::kOpenat2, out->parent.get());
  struct stat found;
  const long unknown = raw::stat(static_cast<int>(out->parent.get()), &found);
  if (unknown != 0) return failed(Call::kFstat, unknown);
  out->device = found.st_dev;
  return 0;
}

// Nothing is there, or a file where a folder should be: not where the root itself is missing.
bool is_missing(long wrong) {
  const long call = -wrong / kCallUnit;
  const long error = -wrong % kCallUnit;
  return call != static_cast<long>(Call::kOpen) && (error == ENOENT || error == ENOTDIR);
}

enum EntryType : uint64_t { kFile, kDirectory, kSymlink, kOther };

struct Entry {
  EntryType type;
  uint64_t size;
  char target[PATH_MAX];
  size_t target_size;
};

// Before Linux 5.8 the kernel does not say it: then another file system shows, and one that is mounted from the same
// file system is left to unlinkat, which says EBUSY. (Not the other way round: on overlayfs files and folders of one
// file system may have different devices.)
bool is_mount(const Place& place, const struct statx& found) {
  if ((found.stx_attributes_mask & kStatxAttrMountRoot) != 0) {
    return (found.stx_attributes & kStatxAttrMountRoot) != 0;
  }
  return makedev(found.stx_dev_major, found.stx_dev_minor) != place.device;
}

long look_at(const Place& place, Entry* out) {
  struct statx found;
  const long unknown = look(place.parent.get(), place.name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
                            STATX_TYPE | STATX_SIZE, &found);
  if (unknown != 0) return failed(Call::kStatx, unknown);
  // RESOLVE_NO_XDEV speaks of the way to the parent only.
  if (is_mount(place, found)) return failed(Call::kStatx, -EXDEV);
  out->size = found.stx_size;
  out->type = S_ISREG(found.stx_mode)   ? kFile
              : S_ISDIR(found.stx_mode) ? kDirectory
              : S_ISLNK(found.stx_mode) ? kSymlink
                                        : kOther;
  out->target_size = 0;
  if (out->type != kSymlink) return 0;
  const long length = raw::call(SYS_readlinkat, place.parent.get(), raw::number(place.name.c_str()),
                                raw::number(out->target), sizeof out->target);
  if (length < 0) return failed(Call::kReadlinkat, length);
  out->target_size = static_cast<size_t>(length);
  return 0;
}

// What an entry must be to be removed: EXPECTED in engine-system.ts.
enum Expected : int64_t { kEmptyFile, kAnyFile, kEmptyDirectory, kThatSymlink };

bool is_expected(const Entry& entry, int64_t expected, Text target) {
  switch (expected) {
    case kEmptyFile: return entry.type == kFile && entry.size == 0;
    case kAnyFile: return entry.type == kFile;
    case kEmptyDirectory: return entry.type == kDirectory;
    case kThatSymlink: return entry.type == kSymlink && Text(entry.target, entry.target_size) == target;
    default: return false;
  }
}

// What removeBeneath says.
constexpr long kRemoved = 0, kMissing = 1, kDifferent = 2;

long remove(const Place& place, bool is_folder) {
  const int flags = is_folder ? AT_REMOVEDIR : 0;
  const long result =
      raw::call(SYS_unlinkat, place.parent.get(), raw::number(place.name.c_str()), flags);
  switch (-result) {
    case 0: return kRemoved;
    case ENOENT: return kMissing;
    case ENOTEMPTY:
    case EEXIST:
    case ENOTDIR:
    case EISDIR: return kDifferent;
    default: return failed(Call::kUnlinkat, result);
  }
}

}  // namespace

// The root, a path, and an array for three numbers: see identify.
Value resolveBeneath(const Arguments& arguments) {
  Question question;
  const long unusable = read_question(arguments, &question);
  if (unusable != 0) return answer(failed(Call::kOpenat2, unusable));
  const Descriptor root(raw::open_at(AT_FDCWD, question.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return answer(failed(Call::kOpen, root.get()));
  Descriptor found(open_beneath(root.get(), question.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, kStrictly));
  // ENOSYS before Linux 5.6; EPERM from seccomp filters that do not know the call (openat2 itself has no use for
  // EPERM with O_PATH).
  if (found.get() == -ENOSYS || found.get() == -EPERM) {
    const long wrong = walk(root.get(), question.path.view(), &found);
    if (wrong != 0) return answer(failed(Call::kOpenat, wrong));
  }
  if (found.get() < 0) return answer(failed(Call::kOpenat2, found.get()));
  return identify(found.get(), question.numbers);
}

// The root, a path, and numbers: in, the root's device and inode; out, type and size, and how many bytes of the fourth
// argument are a symlink's target. 1 where there is something, 0 where there is nothing.
Value lookBeneath(const Arguments& arguments) {
  Question question;
  const long unusable = read_question(arguments, &question);
  if (unusable != 0) return answer(failed(Call::kOpenat2, unusable));
  Place place;
  Entry entry;
  long wrong = open_parent(question, &place);
  if (wrong == 0) wrong = look_at(place, &entry);
  if (wrong != 0) return answer(is_missing(wrong) ? 0 : wrong);
  const Bytes target = bytes_at(arguments, 3);
  if (entry.target_size > target.size) return answer(failed(Call::kReadlinkat, -ERANGE));
  engine_copy(target.data, reinterpret_cast<const uint8_t*>(entry.target), entry.target_size);
  const uint64_t values[] = {entry.type, entry.size, entry.target_size};
  const long no_room = give_numbers(values, question.numbers);
  return answer(no_room != 0 ? no_room : 1);
}

// The root, a path, the root's device and inode, what is expected there, and a symlink's target.
Value removeBeneath(const Arguments& arguments) {
  Question question;
  const long unusable = read_question(arguments, &question);
  if (unusable != 0) return answer(failed(Call::kOpenat2, unusable));
  const int64_t expected = integer_at(arguments, 3);
  PathBuffer target;
  const long no_target = path_at(arguments, 4, &target);
  if (no_target != 0) return answer(failed(Call::kReadlinkat, no_target));
  Place place;
  Entry entry;
  long wrong = open_parent(question, &place);
  if (wrong == 0) wrong = look_at(place, &entry);
  if (wrong != 0) return answer(is_missing(wrong) ? kMissing : wrong);
  if (!is_expected(entry, expected, target.view())) return answer(kDifferent);
  // No system call removes the very file that was looked at. Whoever swaps it now loses another entry of the same folder
  // of theirs, and never anything elsewhere: a name that is a link is removed, not followed.
  return answer(remove(place, expected == kEmptyDirectory));
}

// The root, a path, the root's device and inode, and how many names at most: names, each closed by a NUL.
Value listBeneath(const Arguments& arguments) {
  Question question;
  const long unusable = read_question(arguments, &question);
  if (unusable != 0) return answer(failed(Call::kOpenat2, unusable));
  int64_t left = integer_at(arguments, 3);
  Descriptor root(-1);
  const long wrong = open_root(question, &root);
  if (wrong != 0) return answer(wrong);
  const Descriptor folder(open_beneath(root.get(), question.path.c_str(),
                                       O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC, kStrictly | kResolveNoXdev));
  if (folder.get() < 0) return answer(failed(Call::kOpenat2, folder.get()));
  TextList names;
  long unread = 0;
  if (left > 0) unread = each_name(folder.get(), [&](Text name) { return names.append(name) && --left > 0; });
  const Value list = names.take();
  if (unread == 0 || list == kException) return list;
  vm_JS_FreeValue(context(), list);
  return answer(failed(Call::kGetdents64, unread));
}

}  // namespace ociwrap::engine::port
