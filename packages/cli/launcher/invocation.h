// What a command line asks of the runtime: src/parse-invocation.ts in C++, for the same grammar. Every text is a part of
// the arguments themselves; null where there is none.
#pragma once

#include "argv-grammar.h"
#include "text.h"

namespace ociwrap {

struct Invocation {
  const char* verb;         // what the runtime will carry out; null when it only prints something, or is asked for nothing
  const char* bundle;       // as given; null (or given empty) means the working directory
  const char* config_file;  // the file that replaces the bundle's config.json
  const char* id;
  const char* log;          // the file of the runtime's --log
  const char* log_format;   // "json" or "text"
  bool certain;             // every flag that could bear on verb and bundle is known
};

// The grammar of the runtime behind a path: by the name of the file that it leads to, else by its own; runtimeKind() of
// rootfs-rewriter. `real_path` may be empty.
const Grammar& grammar_of(Text runtime_path, Text real_path);

// `words` are the arguments without argv[0], with a null pointer behind the last.
Invocation parse_invocation(const char* const* words, const Grammar& grammar);

// create, run, restore: they alone read config.json to make a container of it.
bool carries_rewrite(const Invocation& invocation);

}  // namespace ociwrap
