#pragma once

#include "process-state.h"

namespace ociwrap {

enum class MountRoot { kNo, kYes, kUnknown };

struct FoundFolder {
  FileIdentity identity;
  // Whether a mount begins at the folder: what is seen there, and not what the mount table has a line for (another
  // mount may hide it).
  MountRoot mount_root;
};

// The directory `path` under `root`, reached without a symbolic link, without leaving `root` and without magic
// links of /proc. `root` itself is opened as it is named, links followed.
Failure resolve_beneath(const char* root, const char* path, FoundFolder* out);

// The same, one component at a time, for kernels and seccomp filters without openat2. It refuses every "..",
// where openat2 allows those that stay beneath the root.
Failure resolve_beneath_by_walk(const char* root, const char* path, FoundFolder* out);

}  // namespace ociwrap
