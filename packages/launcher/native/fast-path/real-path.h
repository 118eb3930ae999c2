// realpath(3) without libc.
#pragma once

#include <limits.h>

#include "text.h"

namespace ociwrap {

using PathBuffer = FixedText<PATH_MAX>;

// The path without symlinks, "." and ".." that leads to the same file. False when there is none, or when it cannot be said.
bool resolve_path(Text path, PathBuffer* out);

// The working directory, absolute. False when it is unknown: removed, out of sight, or too long.
bool read_working_directory(PathBuffer* out);

}  // namespace ociwrap
