// What a file has beside its bytes: owner, mode, extended attributes (POSIX ACLs and capabilities are some), times.
#pragma once

#include <sys/stat.h>

#include "port-values.h"

namespace ociwrap::engine::port {

// Attributes that the copy could not be given, each once, with the first file that had it: texts closed by a NUL, in turn.
class UntakenAttributes {
 public:
  void clear() { texts_.clear(); }
  void add(Text name, Text path);
  Text texts() const { return texts_.view(); }

 private:
  FixedText<16384> texts_;
};

// Owner, mode, extended attributes and times of an open file or folder, in that order: chown(2) takes set-user-ID and capabilities
// away, and the time is what a complete file is known by.
long copy_attributes(int from, int to, const struct stat& status, Text path, UntakenAttributes* untaken);
// The same of what is not opened: a symlink, a device, a fifo, a socket.
long copy_attributes_in(int from_folder, int to_folder, const char* name, const struct stat& status, Text path,
                        UntakenAttributes* untaken);
// What a mount point has, which nothing is read of.
long copy_status(int to, const struct stat& status);

// A folder would give its default ACL to all that is made in it, and its own is what the copy must not keep.
long remove_acls(int folder);

}  // namespace ociwrap::engine::port
