// Which program is the real runtime, and proof that it is not this one: packages/runtime-resolver in C++, so that a
// call that carries no rewrite never starts the engine. The two are held to one table of cases.
#pragma once

#include <limits.h>

#include "file-identity.h"
#include "real-path.h"
#include "utf8.h"

namespace ociwrap {

// Room for a path and ".real"; the kernel takes none that is longer than PATH_MAX.
using PathText = FixedText<PATH_MAX + 8>;

// This program: /proc/self/exe.
struct Self {
  PathBuffer path;       // empty when it is unknown
  PathBuffer real_path;  // of `path`; empty when there is none
  FileIdentity id;
};

void find_self(const char* exec_fn, Self* out);

struct RuntimeQuery {
  const char* invoked_as;  // argv[0]
  const char* exec_fn;     // AT_EXECFN; "" when unknown
  char* const* env;
  const Self* self;
  bool without_choice = false;  // as if SGS_RUNC_PATH were not set
};

// For the log, in three parts: a text of the caller's stands in the middle, in quotes.
struct ResolverWarning {
  const char* before;
  Text about;
  const char* after;
};

struct Resolution {
  bool found;
  PathText path;
  PathBuffer real_path;  // where `path` leads; empty where that cannot be said
  FileIdentity id;       // of what stands at `path`
  bool is_nvidia;        // the mode that the call is in
  uint32_t depth;  // for the next program
  ResolverWarning warnings[4];
  size_t warning_count;
  PathText beside;  // what a warning may be about
  // What to hand on as kNvidiaConfigVariable; empty when nothing is.
  FixedText<PATH_MAX + 64> nvidia_config;
};

constexpr char kNvidiaConfigVariable[] = "NVIDIA_CTK_CONFIG_FILE_PATH";

// `found` is false when there is none, or none may be called: the TypeScript side says why.
void resolve_runtime(const RuntimeQuery& query, Resolution* out);

// The value of a variable, the first of duplicate ones as getenv(3) gives it; empty when it is not set.
Text variable(char* const* env, Text name);

}  // namespace ociwrap
