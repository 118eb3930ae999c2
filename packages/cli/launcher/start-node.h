// What both launchers do: find the program's own folder and become Node.
#pragma once

#include "library-path.h"

namespace ociwrap {

// Becomes lib/node with `argv`. When that fails, one line on stderr says why and the process ends with status 1.
[[noreturn]] void become_node(const char* program, const char* node, char* const* argv, char* const* env);

// One line on stderr, `<program>: <what> <subject>: <name of the errno>`, and exit status 1.
[[noreturn]] void fail(const char* program, const char* what, const char* subject, int error);

// Ends the process like fail() unless `path` is a readable file: Node would print a page about a missing script.
void require_file(const char* program, const char* path);

}  // namespace ociwrap
