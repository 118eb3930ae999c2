// Which file it is, whatever its path.
#pragma once

#include <stdint.h>

namespace ociwrap {

struct FileIdentity {
  uint64_t device;
  uint64_t inode;
};

}  // namespace ociwrap
