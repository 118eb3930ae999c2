// The way past the engine, for calls of which it is certain that it would pass them through.
#pragma once

#include "log-record.h"

namespace ociwrap {

// Becomes the real runtime when nothing can be there to rewrite: the verb carries no rewrite, or no trigger text of an
// active rule occurs in config.json. Comes back, with nothing about the process altered, when it is not certain of that,
// or when there is something to refuse.
//
// `exec_fn` is AT_EXECFN; "" when unknown. Gives describe_found_call() of the call; nothing where the settings are the call's own.
Text take_fast_path(int argc, char** argv, char* const* env, const char* exec_fn);

// A call that the launcher could not pass through.
struct CallLeft {
  CallFacts facts;
  int exec_error;  // the errno of an execve of the runtime that failed, or 0
};

// The same where the engine failed: without a table the rules are the built-in ones, where there is no configuration that could
// name others.
CallLeft pass_without_engine(int argc, char** argv, char* const* env, const char* exec_fn);

}  // namespace ociwrap
