// Entries of a folder that somebody else may be changing at the same time: looked at, listed and removed without
// following a symbolic link or crossing a mount.
//
// Unlike resolve_beneath() there is no walk that stands in where the kernel has no openat2 (before Linux 5.6): what
// removes files rather fails with ENOSYS.
#pragma once

#include <string>
#include <vector>

#include "process-state.h"

namespace ociwrap {

// A folder that was looked at before: another one at the same path fails with ESTALE.
struct RootFolder {
  const char* path;
  FileIdentity identity;
};

enum class EntryType { kFile, kDirectory, kSymlink, kOther };

struct Entry {
  bool found;
  EntryType type;
  uint64_t size;
  std::string target;  // of a symbolic link
};

// What an entry must be to be removed.
enum class Expected { kEmptyFile, kFile, kEmptyDirectory, kSymlink };
enum class Removal { kRemoved, kMissing, kDifferent };

// What `path` names; a symbolic link at its end is not followed. Nothing there, or a file where a folder should be: not
// found.
Failure look_beneath(const RootFolder& root, const std::string& path, Entry* out);

// Removes `path` if it is what is expected; `target` is of a symbolic link.
Failure remove_beneath(const RootFolder& root, const std::string& path, Expected expected, const std::string& target,
                       Removal* out);

// The names in the folder `path`, at most `limit`, without "." and "..".
Failure list_beneath(const RootFolder& root, const std::string& path, size_t limit, std::vector<std::string>* out);

}  // namespace ociwrap
