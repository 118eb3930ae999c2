#pragma once

#include "process-state.h"

namespace ociwrap {

// The directory `path` under `root`, reached without a symbolic link, without leaving `root` and without magic
// links of /proc. `root` itself is opened as it is named, links followed.
Failure resolve_beneath(const char* root, const char* path, FileIdentity* out);

// The same, one component at a time, for kernels and seccomp filters without openat2. It refuses every "..",
// where openat2 allows those that stay beneath the root.
Failure resolve_beneath_by_walk(const char* root, const char* path, FileIdentity* out);

}  // namespace ociwrap
