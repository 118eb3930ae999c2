#include "verb-flags.h"

namespace ociwrap {
namespace {

constexpr Flag kEnds[] = {{"help", FlagKind::kEnds}, {"h", FlagKind::kEnds}};
constexpr Flag kGetoptEnds[] = {{"help", FlagKind::kEnds}, {"?", FlagKind::kEnds}, {"usage", FlagKind::kEnds}};

}  // namespace

const VerbFlags* flags_of(const Grammar& grammar, Text verb) {
  for (size_t at = 0; at < grammar.verb_count; at++) {
    if (verb == grammar.verbs[at].verb) return &grammar.verbs[at];
  }
  return nullptr;
}

bool is_verb_of(const Grammar& grammar, Text verb) {
  for (size_t at = 0; at < grammar.other_verb_count; at++) {
    if (verb == grammar.other_verbs[at]) return true;
  }
  return flags_of(grammar, verb) != nullptr;
}

FlagTable global_table(const Grammar& grammar) { return {{grammar.global, grammar.global_ends, {}}}; }

FlagTable table_behind(const VerbFlags& verb, const Grammar& grammar) {
  const FlagList none = {nullptr, 0};
  const FlagList ends = grammar.syntax == FlagSyntax::kGetopt ? FlagList{kGetoptEnds, 3} : FlagList{kEnds, 2};
  return {{verb.own, grammar.globals_after_verb ? grammar.global : none, ends}};
}

}  // namespace ociwrap
