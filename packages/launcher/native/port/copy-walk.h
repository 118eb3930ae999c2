// The way through a tree, or through two alike at once, by descriptors alone: no path is too long for it, no folder too deep, and
// nothing leads out of it. It opens each name by itself, follows no link and enters no mount (RESOLVE_NO_XDEV of openat2(2)).
#pragma once

#include <sys/stat.h>

#include "copy-memory.h"
#include "text.h"

namespace ociwrap::engine::port {

// What getdents(2) says of a name.
struct TreeEntry {
  uint64_t inode;
  size_t name;  // where it begins in the names, which have a NUL behind it
  uint8_t size;
  uint8_t type;  // DT_*
};

// A folder on the way. Its descriptors are -1 while it is far up, and of a tree that the work does not have.
struct Level {
  int from;
  int to;
  dev_t from_device, to_device;
  ino_t from_inode, to_inode;
  size_t first;  // its entries, which are the last of all while it is the deepest
  size_t next;
  size_t names;
  size_t path;  // how long its path is
};

// Which of the two trees is listed.
enum class Listed { kFrom, kTo };

class TreeWalk {
 public:
  // The top folders; -1 for one that the work does not have. 0, or what failed.
  long begin(int from, int to, Listed listed);
  void end();

  bool is_over() const { return level_count_ == 0; }
  size_t depth() const { return level_count_; }
  Level& level() { return levels_.back(); }
  // The next entry of the deepest folder; null behind the last one. Valid until the walk goes on.
  const TreeEntry* next();
  const char* name_of(const TreeEntry& entry) { return names_.data() + entry.name; }

  // Takes descriptors of a folder of this name in the deepest one, which becomes the deepest: they are the walk's from then on, also
  // where it fails.
  long enter(int from, int to, Text name);
  // Back to the folder above.
  long leave();

  // Beneath the top folder, closed by a NUL: of the deepest folder, or of a name in it. Empty for the top; valid until the walk goes on.
  const char* path();
  const char* path_of(Text name);

 private:
  long list(int folder);
  void sort(size_t first);
  static long reopen(int below, dev_t device, ino_t inode, int* out);

  Listed listed_ = Listed::kFrom;
  size_t level_count_ = 0;
  GrowingList<Level> levels_;
  GrowingList<TreeEntry> entries_;
  GrowingList<char> names_;
  GrowingList<char> path_;
};

// Opens what a name in a folder leads to, without leaving the folder or its mount: -ELOOP for a link, -EXDEV for a mount.
long open_in(int folder, const char* name, uint64_t flags);
long open_folder_in(int folder, const char* name);
// A folder beneath another, by a path of any length.
long open_far(int top, Text path);
// lstat(2) of a name in a folder.
long look_in(int folder, const char* name, struct stat* out);

}  // namespace ociwrap::engine::port
