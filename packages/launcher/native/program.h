// What the program does with a call, under each of its names.
#pragma once

#include <stddef.h>

namespace ociwrap {

// As the kernel gave it to this process (execve(2)). `exec_fn` is AT_EXECFN, "" when unknown; `page_size` AT_PAGESZ, 0 when
// unknown.
struct ProgramCall {
  int argc;
  char** argv;
  char** env;
  const char* exec_fn;
  size_t page_size;
};

[[noreturn]] void run_program(const ProgramCall& call);

}  // namespace ociwrap
