// realpath(3) without libc.
#pragma once

#include <limits.h>

#include "text.h"

namespace ociwrap {

using PathBuffer = FixedText<PATH_MAX>;

// The path without symlinks, "." and ".." that leads to the same file. 0, or a negative errno: of what is in the way.
long real_path(Text path, PathBuffer* out);

// The same. False when there is none, or when it cannot be said.
inline bool resolve_path(Text path, PathBuffer* out) { return real_path(path, out) == 0; }

// The working directory, absolute. False when it is unknown: removed, out of sight, or too long.
bool read_working_directory(PathBuffer* out);

}  // namespace ociwrap
