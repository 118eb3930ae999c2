// The JavaScript engine of the launcher: the bundle as it was when its snapshot was made, and one call of its function
// `main`. Everything that ends such a call is a value; nothing here writes a message or ends the process.
#pragma once

#include "text.h"

namespace ociwrap {

enum class EngineFailure {
  kNone,
  kNoMemory,           // not even the smallest memory could be reserved
  kMissingExport,      // the bundle has no function `main`
  kUncaughtException,  // what `main` threw, or its promise was rejected with, or a promise that nobody looked at
  kOutOfMemory,        // the same, where it is the engine's memory that was used up
  kUnfinished,         // the promise of `main` was not settled when nothing was left to do
  kNoStatus,           // `main` gave something else than an exit status
  kTrap,               // the engine itself went wrong: an access outside of its memory, or a stack used up
};

struct EngineEnd {
  EngineFailure failure;
  int status;  // of exit(2), where nothing failed
  Text text;   // what went wrong, in UTF-8, of any length and content; its bytes live as long as the process
};

struct EngineCall {
  Text main;  // which of the programs in the bundle: the argument of its function `main`
  bool was_rehearsed;  // whether it is one like that which was run when the snapshot was made
  // As the kernel gave them to this process (execve(2)). `exec_fn` is AT_EXECFN, "" when unknown; `page_size` AT_PAGESZ, 0
  // when unknown.
  int argc;
  char* const* argv;
  char* const* env;
  const char* exec_fn;
  size_t page_size;
  Text found;  // describe_found_call() of the fast path; may be empty
};

// Once in a process. Starts no thread, opens no file, leaves the dispositions and the mask of signals as they were. Needs neither
// libc's start nor a heap.
EngineEnd run_engine(const EngineCall& call);

}  // namespace ociwrap
