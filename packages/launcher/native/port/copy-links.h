// Files with more than one name (hard links): where the first name of each that was met lies in the copy.
#pragma once

#include <sys/stat.h>

#include "copy-memory.h"
#include "text.h"

namespace ociwrap::engine::port {

class LinkedFiles {
 public:
  // The path of the first name, beneath the top folder; null where the file was not met yet. Valid until the next `add`.
  const char* find(dev_t device, ino_t inode);
  // False where there is no memory for it. Of a file that is there already, the path is replaced.
  bool add(dev_t device, ino_t inode, Text path);
  void release();

 private:
  struct File {
    uint64_t device;
    uint64_t inode;
    size_t path;  // where it begins in paths_, and 1
  };

  // Its place: the file, or an empty one.
  size_t place_of(uint64_t device, uint64_t inode);
  bool grow();

  GrowingList<File> table_;  // open addressing: a power of two, at most half full
  GrowingList<char> paths_;
  size_t count_ = 0;
};

}  // namespace ociwrap::engine::port
