// A machine in memory: files, folders, links and mounts, as one case of fuzz-program.cc has them.
#pragma once

#include <stdint.h>

#include <map>
#include <memory>
#include <string>

namespace ociwrap_test {

struct Node {
  uint32_t mode = 0;  // with the type (S_IFMT)
  uint32_t uid = 0;
  uint64_t inode = 0;
  uint64_t device_number = 0;  // of a device
  uint64_t changed = 0;        // nanoseconds
  int error = 0;               // what every call about it fails with
  bool is_mount = false;
  std::string bytes;  // content, or a link's target
};

using NodeAt = std::shared_ptr<Node>;

// What a path leads to: an absolute path without links, and what is there, if anything.
struct Found {
  int error = 0;  // 0, or a positive errno
  std::string path;
  NodeAt node;
};

class MemoryMachine {
 public:
  std::string working_directory = "/";

  // The folders above come with it.
  NodeAt put(const std::string& path, uint32_t mode);
  // `root` is what "/" means in the path and its links (RESOLVE_IN_ROOT of openat2(2)).
  Found find(const std::string& folder, const std::string& path, bool follows, const std::string& root = "/") const;
  // Where a new entry of this path would be: an error if its folder is none.
  Found place_for(const std::string& folder, const std::string& path) const;
  int remove(const std::string& path, bool folders);
  void rename(const std::string& from, const std::string& to);
  // The names in a folder, one after the other, each closed by a NUL.
  std::string names_in(const std::string& path) const;
  uint64_t device_of(const std::string& path) const;

 private:
  std::map<std::string, NodeAt> nodes_;
  uint64_t inodes_ = 100;
};

}  // namespace ociwrap_test
