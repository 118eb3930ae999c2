#include "copy-walk.h"

#include <dirent.h>

#include "openat2.h"

namespace ociwrap::engine::port {
namespace {

// So many folders at the end of the way are open at once, in each tree: RLIMIT_NOFILE may be as low as 256, and the engine that
// called us has its own files open. Those above are opened again by `..`, and compared with what they were.
constexpr size_t kOpenLevels = 32;

constexpr uint64_t kStrictly = 0x01 | 0x02 | 0x04 | 0x08;  // RESOLVE_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH
constexpr uint64_t kFolderFlags = O_RDONLY | O_DIRECTORY | O_NONBLOCK;

long open_strictly(int folder, const char* path, uint64_t flags) {
  return open_beneath(folder, path, flags | O_NOFOLLOW | O_CLOEXEC, kStrictly);
}

void close_if_open(int* fd) {
  if (*fd >= 0) raw::close(*fd);
  *fd = -1;
}

void close_both(Level* level) {
  close_if_open(&level->from);
  close_if_open(&level->to);
}

}  // namespace

// One name, without openat2(2) where the kernel has none (before Linux 5.6) or a seccomp filter does not know it: a mount shows by its
// device then. A file system that names an entry `..` or with a slash is not asked for it.
long open_in(int folder, const char* name, uint64_t flags) {
  const long fd = open_strictly(folder, name, flags);
  if (fd != -ENOSYS && fd != -EPERM) return fd;
  const Text text = name;
  if (text == ".." || find(text, '/') < text.size()) return -EXDEV;
  Descriptor plain(raw::open_at(folder, name, static_cast<int>(flags) | O_NOFOLLOW | O_CLOEXEC));
  if (plain.get() < 0) return plain.get();
  struct stat above;
  struct stat found;
  long wrong = raw::stat(folder, &above);
  if (wrong == 0) wrong = raw::stat(static_cast<int>(plain.get()), &found);
  if (wrong != 0) return wrong;
  // On overlayfs files may have other devices than folders.
  if (S_ISDIR(found.st_mode) && found.st_dev != above.st_dev) return -EXDEV;
  return plain.release();
}

long open_folder_in(int folder, const char* name) { return open_in(folder, name, kFolderFlags); }

long open_far(int top, Text rest) {
  Descriptor found(open_folder_in(top, "."));
  while (!rest.empty() && found.get() >= 0) {
    // As many whole names as the kernel takes at once.
    size_t size = rest.size();
    if (size >= PATH_MAX) {
      size = find_last_byte(rest.data(), PATH_MAX - 1, '/');
      if (size == PATH_MAX - 1) return -ENAMETOOLONG;
    }
    PathBuffer piece;
    piece.clear();
    piece.append(Text(rest.data(), size));
    found.reset(open_strictly(static_cast<int>(found.get()), piece.c_str(), kFolderFlags));
    rest.remove_prefix(size);
    while (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  }
  return found.release();
}

long look_in(int folder, const char* name, struct stat* out) {
  return raw::call(SYS_newfstatat, folder, raw::number(name), raw::number(out), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
}

long TreeWalk::begin(int from, int to, Listed listed) {
  listed_ = listed;
  // Opened again, since the caller's may be O_PATH.
  const long own_from = from < 0 ? -1 : open_folder_in(from, ".");
  if (from >= 0 && own_from < 0) return own_from;
  const long own_to = to < 0 ? -1 : open_folder_in(to, ".");
  if (to >= 0 && own_to < 0) {
    raw::close(static_cast<int>(own_from));
    return own_to;
  }
  return enter(static_cast<int>(own_from), static_cast<int>(own_to), "");
}

void TreeWalk::end() {
  for (size_t at = 0; at < level_count_; at++) close_both(&levels_[at]);
  level_count_ = 0;
  levels_.release();
  entries_.release();
  names_.release();
  path_.release();
}

const TreeEntry* TreeWalk::next() {
  Level& level = levels_.back();
  return level.next == entries_.size() ? nullptr : &entries_[level.next++];
}

long TreeWalk::enter(int from, int to, Text name) {
  Level next = {from, to, 0, 0, 0, 0, entries_.size(), entries_.size(), names_.size(), 0};
  struct stat found;
  long wrong = from < 0 ? 0 : raw::stat(from, &found);
  if (from >= 0 && wrong == 0) {
    next.from_device = found.st_dev;
    next.from_inode = found.st_ino;
  }
  if (to >= 0 && wrong == 0) wrong = raw::stat(to, &found);
  if (to >= 0 && wrong == 0) {
    next.to_device = found.st_dev;
    next.to_inode = found.st_ino;
  }
  if (wrong == 0 && level_count_ > 0) {
    path_.shrink(level().path);
    const bool is_first = level_count_ == 1;
    if ((!is_first && !path_.push('/')) || !path_.append(name.data(), name.size())) wrong = -ENOMEM;
  }
  next.path = path_.size();
  if (wrong == 0 && !levels_.push(next)) wrong = -ENOMEM;
  if (wrong != 0) {
    close_both(&next);
    return wrong;
  }
  level_count_++;
  if (level_count_ > kOpenLevels) close_both(&levels_[level_count_ - 1 - kOpenLevels]);
  return list(listed_ == Listed::kFrom ? from : to);
}

long TreeWalk::leave() {
  Level left = levels_.back();
  entries_.shrink(left.first);
  names_.shrink(left.names);
  level_count_--;
  levels_.shrink(level_count_);
  long wrong = 0;
  if (level_count_ > 0) {
    Level& above = levels_.back();
    path_.shrink(above.path);
    if (left.from >= 0 && above.from < 0) wrong = reopen(left.from, above.from_device, above.from_inode, &above.from);
    if (wrong == 0 && left.to >= 0 && above.to < 0) wrong = reopen(left.to, above.to_device, above.to_inode, &above.to);
  }
  close_both(&left);
  return wrong;
}

// A folder that was moved meanwhile has another one above it.
long TreeWalk::reopen(int below, dev_t device, ino_t inode, int* out) {
  Descriptor above(raw::open_at(below, "..", kFolderFlags | O_CLOEXEC));
  if (above.get() < 0) return above.get();
  struct stat found;
  const long wrong = raw::stat(static_cast<int>(above.get()), &found);
  if (wrong != 0) return wrong;
  if (found.st_dev != device || found.st_ino != inode) return -ESTALE;
  *out = static_cast<int>(above.release());
  return 0;
}

const char* TreeWalk::path() {
  path_.shrink(level_count_ == 0 ? 0 : level().path);
  return path_.push('\0') ? path_.data() : "";
}

const char* TreeWalk::path_of(Text name) {
  path_.shrink(level().path);
  const bool has_room = (level_count_ == 1 || path_.push('/')) && path_.append(name.data(), name.size()) && path_.push('\0');
  return has_room ? path_.data() : "";
}

long TreeWalk::list(int folder) {
  // struct linux_dirent64 (getdents(2)): inode, offset, record length, type, name.
  constexpr size_t kLengthAt = 16, kTypeAt = 18, kNameAt = 19;
  alignas(8) static char buffer[32768];
  const size_t first = entries_.size();
  for (;;) {
    const long size = raw::call(SYS_getdents64, folder, raw::number(buffer), sizeof buffer);
    if (size < 0) return size;
    if (size == 0) break;
    uint16_t length;
    for (long at = 0; at < size; at += length) {
      TreeEntry entry;
      __builtin_memcpy(&entry.inode, buffer + at, sizeof entry.inode);
      __builtin_memcpy(&length, buffer + at + kLengthAt, sizeof length);
      entry.type = static_cast<uint8_t>(buffer[at + kTypeAt]);
      const Text name(buffer + at + kNameAt);
      if (name == "." || name == "..") continue;
      if (name.size() > NAME_MAX) return -ENAMETOOLONG;
      entry.size = static_cast<uint8_t>(name.size());
      entry.name = names_.size();
      if (!names_.append(name.data(), name.size() + 1) || !entries_.push(entry)) return -ENOMEM;
    }
  }
  sort(first);
  return 0;
}

// By inode, as cp(1) does it: file systems that hash their names, such as ext4, would have the disk go back and forth. A heap
// sort, since there is neither a stack nor memory for another.
void TreeWalk::sort(size_t first) {
  TreeEntry* const entries = entries_.data() + first;
  const size_t count = entries_.size() - first;
  const auto sift = [&](size_t root, size_t end) {
    const TreeEntry moved = entries[root];
    for (size_t child; (child = 2 * root + 1) < end; root = child) {
      if (child + 1 < end && entries[child].inode < entries[child + 1].inode) child++;
      if (entries[child].inode <= moved.inode) break;
      entries[root] = entries[child];
    }
    entries[root] = moved;
  };
  for (size_t root = count / 2; root > 0; root--) sift(root - 1, count);
  for (size_t end = count; end > 1; end--) {
    const TreeEntry last = entries[end - 1];
    entries[end - 1] = entries[0];
    entries[0] = last;
    sift(0, end - 1);
  }
}

}  // namespace ociwrap::engine::port
