// Where the files of the package stand.
#pragma once

#include <limits.h>

namespace ociwrap {

// <folder of `exe_path`>/../lib/<name>, with the ".." taken off textually: `exe_path` has no symbolic link in it.
// Empty when `exe_path` is, or when the result is too long.
void library_path(const char* exe_path, const char* name, char (&out)[PATH_MAX]);

}  // namespace ociwrap
