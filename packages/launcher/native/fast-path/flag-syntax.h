// How one flag is read: src/flag-syntax.ts in C++.
#pragma once

#include "argv-grammar.h"
#include "text.h"

namespace ociwrap {

// The flags that one reader of arguments knows, in up to three lists.
struct FlagTable {
  FlagList lists[3];
};

// What stands at one place of the argument list.
struct FlagReading {
  bool is_flag;        // false: an operand
  bool known;          // every flag of the word is in the table and the runtime would accept its shape
  bool may_take_next;  // an unknown flag without "=": the next word, which is there, may be its value
  bool ends;           // makes the runtime print something and leave
  int width;           // two when the value is a word of its own, which is there
  Text name;           // of the flag with a value, where there is one; a word holds at most one
  const char* value;   // null when there is none
};

// `next` is null behind the last word. The separator "--" is the caller's.
FlagReading read_flag(const char* word, const char* next, const FlagTable& table, FlagSyntax syntax);

}  // namespace ociwrap
