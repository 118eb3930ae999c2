// What a grammar says of a verb: the flags before it and behind it.
#pragma once

#include "flag-syntax.h"

namespace ociwrap {

// Ends the flags; what stands behind it are operands.
inline bool is_separator(const char* word) { return Text(word) == "--"; }

inline bool is_bundle_verb(Text verb) { return verb == "create" || verb == "run" || verb == "restore"; }

// Null for a verb of which no operand is an id, and for one that the grammar does not have.
const VerbFlags* flags_of(const Grammar& grammar, Text verb);

// Whether the grammar has the verb, with flags or without.
bool is_verb_of(const Grammar& grammar, Text verb);

FlagTable global_table(const Grammar& grammar);
FlagTable table_behind(const VerbFlags& verb, const Grammar& grammar);

}  // namespace ociwrap
