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
  const char* root;         // the folder of the runtime's own records of containers
  bool certain;             // every flag that could bear on verb and bundle is known
  bool has_other_reading;   // the words can be read as create, run or restore where this is none, or at another place
};

// Whose command line it is.
struct Dialect {
  const Grammar& grammar;
  bool is_known;  // else runc's grammar is a guess, and any global flag may be one with a value or without
};

// The dialect of the runtime behind a path: by the name of the file that it leads to, else by its own;
// namedRuntimeKind() of rootfs-rewriter. `real_path` may be empty.
Dialect dialect_of(Text runtime_path, Text real_path);

// The likelier reading. `words` are the arguments without argv[0], with a null pointer behind the last.
Invocation parse_invocation(const char* const* words, const Dialect& dialect);

// create, run, restore: they alone read config.json to make a container of it. By this reading, or by another.
bool carries_rewrite(const Invocation& invocation);

}  // namespace ociwrap
