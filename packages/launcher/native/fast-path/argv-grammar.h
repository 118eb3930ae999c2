// The command lines of the runtimes as tables: the types of what tools/generate-grammar.mjs writes from
// packages/runtime-resolver/src/grammar/runtime-grammar.ts, which the TypeScript side reads its arguments by.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ociwrap {

// In the order in which a name that stands in several lists is taken.
enum class FlagKind : uint8_t { kBoolean, kEnds, kValue };

struct Flag {
  const char* name;
  FlagKind kind;
};

struct FlagList {
  const Flag* flags;
  size_t count;
};

struct VerbFlags {
  const char* verb;
  FlagList own;
  size_t most_operands;  // of create, run and restore: how many words that are no flags
};

enum class FlagSyntax : uint8_t { kGo, kGetopt, kClap };

struct Grammar {
  const char* dialect;
  FlagSyntax syntax;
  bool flags_after_id;
  bool globals_after_verb;
  FlagList global;
  FlagList global_ends;
  const VerbFlags* verbs;
  size_t verb_count;
  const char* const* other_verbs;  // of which no operand is the id of a container
  size_t other_verb_count;
};

}  // namespace ociwrap
