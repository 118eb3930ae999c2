// What both launchers do: find the program's own folder and become Node.
#pragma once

#include "library-path.h"

namespace ociwrap {

// Becomes lib/node with `argv`. When that fails, one line on stderr says why and the process ends with status 1.
[[noreturn]] void become_node(const char* program, const char* node, char* const* argv, char* const* env);

// One line on stderr, `<program>: <what> <subject>: <name of the errno>`, without the last where that is 0, and exit
// status 1.
[[noreturn]] void fail(const char* program, const char* what, const char* subject, int error);

// Ends the process like fail() unless `path` is a readable file and not empty: Node would print a page about a missing
// script, and take an empty one, which a crash leaves of a file that was being installed, for a program that ends well.
void require_file(const char* program, const char* path);

}  // namespace ociwrap
