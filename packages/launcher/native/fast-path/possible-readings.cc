#include "possible-readings.h"

#include "verb-flags.h"

namespace ociwrap {
namespace {

size_t count_of(const char* const* words) {
  size_t count = 0;
  while (words[count] != nullptr) count++;
  return count;
}

// Which of the next places can be come to, as bits of any meaning: this word, the next one and the one behind it. A flag
// takes no more than two words, so that nothing else has to be kept, however many readings there are.
struct Reached {
  uint32_t here;
  uint32_t next;
  uint32_t after;

  void step() {
    here = next;
    next = after;
    after = 0;
  }
};

// possibleOperands(): whether the words behind create, run or restore can be what such a verb takes. Bit n of what is
// reached: with n operands so far.
bool can_follow(const char* const* words, const VerbFlags& own, const Grammar& grammar) {
  const FlagTable table = table_behind(own, grammar);
  const uint32_t wanted = ((2u << own.most_operands) - 1) & ~1u;
  const uint32_t counted = wanted | 1;
  // With `rest` more operands, one or more and no more than the verb takes.
  const auto fits = [&](uint32_t here, size_t rest) {
    return rest <= own.most_operands && ((here << rest) & wanted) != 0;
  };
  Reached reached = {1, 0, 0};
  for (const char* const* at = words; *at != nullptr; at++, reached.step()) {
    if (reached.here == 0) continue;
    if (is_separator(*at)) {
      if (fits(reached.here, count_of(at + 1))) return true;
      continue;
    }
    const FlagReading flag = read_flag(*at, at[1], table, grammar.syntax);
    if (!flag.is_flag) {
      if (grammar.flags_after_id) {
        reached.next |= (reached.here << 1) & counted;
      } else if (fits(reached.here, count_of(at))) {
        return true;
      }
      continue;
    }
    if (!flag.ends) (flag.width == 2 ? reached.after : reached.next) |= reached.here;
    if (flag.may_take_next) reached.after |= reached.here;
  }
  return fits(reached.here, 0);
}

}  // namespace

bool find_other_reading(const char* const* words, const Dialect& dialect, const char* const* likely) {
  const Grammar& grammar = dialect.grammar;
  const FlagTable table = global_table(grammar);
  const auto is_other = [&](const char* const* verb) {
    return *verb != nullptr && verb != likely && is_bundle_verb(*verb) &&
           can_follow(verb + 1, *flags_of(grammar, *verb), grammar);
  };
  Reached reached = {1, 0, 0};
  for (const char* const* at = words; *at != nullptr; at++, reached.step()) {
    if (reached.here == 0) continue;
    if (is_separator(*at)) {
      if (is_other(at + 1)) return true;
      continue;
    }
    const FlagReading flag = read_flag(*at, at[1], table, grammar.syntax);
    if (!flag.is_flag) {
      if (is_other(at)) return true;
      continue;
    }
    if (!flag.ends) (flag.width == 2 ? reached.after : reached.next) = 1;
    if (flag.may_take_next) reached.after = 1;
    if (!dialect.is_known) {
      reached.next = 1;
      if (!contains(*at, "=")) reached.after = 1;
    }
  }
  return false;
}

}  // namespace ociwrap
