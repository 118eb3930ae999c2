#include "flag-syntax.h"

namespace ociwrap {
namespace {

constexpr FlagReading kUnreadable = {true, false, false, false, 1, {}, nullptr};

const Flag* find_flag(const FlagTable& table, Text name) {
  const Flag* found = nullptr;
  for (const FlagList& list : table.lists) {
    for (size_t at = 0; at < list.count; at++) {
      const Flag& flag = list.flags[at];
      if (name == flag.name && (found == nullptr || flag.kind > found->kind)) found = &flag;
    }
  }
  return found;
}

// The long options that an abbreviation can mean (getopt_long(3), argp); which of them it is stays open.
struct Completions {
  size_t count;
  bool take_value;
  const Flag* only;
};

Completions complete(const FlagTable& table, Text written) {
  Completions found = {0, false, nullptr};
  for (const FlagList& list : table.lists) {
    for (size_t at = 0; at < list.count; at++) {
      const Flag& flag = list.flags[at];
      const Text name = flag.name;
      if (name.size() < 2 || !starts_with(name, written)) continue;
      found.count++;
      found.take_value = found.take_value || flag.kind == FlagKind::kValue;
      found.only = &flag;
    }
  }
  return found;
}

FlagReading with_value(Text name, const char* inline_value, const char* next) {
  const char* value = inline_value != nullptr ? inline_value : next;
  if (value == nullptr) return kUnreadable;
  return {true, true, false, false, inline_value != nullptr ? 1 : 2, name, value};
}

// Begins as a flag does, which a lone dash does not.
bool is_dashed(const char* word) { return word[0] == '-' && word[1] != '\0'; }

// Short options in one word: -db/bundle, -bDIR, -d -b DIR. -b=DIR names the folder =DIR by getopt, DIR by clap.
FlagReading read_cluster(const char* letters, const char* next, const FlagTable& table, FlagSyntax syntax) {
  bool ends = false;
  for (; *letters != '\0'; letters++) {
    const Text name(letters, 1);
    const Flag* flag = find_flag(table, name);
    if (flag == nullptr) return {true, false, letters[1] == '\0' && next != nullptr, ends, 1, {}, nullptr};
    if (flag->kind == FlagKind::kValue) {
      const char* rest = letters[1] != '\0' ? letters + 1 : nullptr;
      if (syntax == FlagSyntax::kClap && rest != nullptr && *rest == '=') rest++;
      FlagReading reading = with_value(name, rest, next);
      reading.ends = ends;
      return reading;
    }
    ends = ends || flag->kind == FlagKind::kEnds;
  }
  return {true, true, false, ends, 1, {}, nullptr};
}

// What strconv.ParseBool takes for false: --version=false prints no version.
bool is_go_false(const char* text) {
  if (text == nullptr) return false;
  constexpr const char* names[] = {"0", "f", "F", "false", "FALSE", "False"};
  for (const char* name : names) {
    if (Text(text) == name) return true;
  }
  return false;
}

}  // namespace

FlagReading read_flag(const char* word, const char* next, const FlagTable& table, FlagSyntax syntax) {
  if (!is_dashed(word)) return {false, true, false, false, 1, {}, nullptr};
  // No value begins with a dash to clap, unless it stands in the same word.
  if (syntax == FlagSyntax::kClap && next != nullptr && is_dashed(next)) next = nullptr;
  const bool two_dashes = word[1] == '-';
  if (syntax != FlagSyntax::kGo && !two_dashes) return read_cluster(word + 1, next, table, syntax);

  const char* body = word + (two_dashes ? 2 : 1);
  // "bad flag syntax" to Go's flag package, and no option of any getopt program here.
  if (body[0] == '-') return kUnreadable;
  const Text whole = body;
  const Text written(body, find(whole, '='));
  const char* inline_value = written.size() < whole.size() ? written.end() + 1 : nullptr;

  FlagReading unknown = kUnreadable;
  unknown.may_take_next = inline_value == nullptr && next != nullptr;
  const bool may_be_whole = syntax == FlagSyntax::kGo || written.size() > 1;
  const Flag* flag = may_be_whole ? find_flag(table, written) : nullptr;
  if (flag == nullptr && syntax == FlagSyntax::kGetopt) {
    const Completions meant = complete(table, written);
    if (meant.count > 1) {
      // The runtime refuses it.
      unknown.may_take_next = unknown.may_take_next && meant.take_value;
      return unknown;
    }
    flag = meant.only;
  }
  if (flag == nullptr) return unknown;
  if (flag->kind == FlagKind::kValue) return with_value(flag->name, inline_value, next);
  const bool accepted = inline_value == nullptr || syntax == FlagSyntax::kGo;
  const bool ends = flag->kind == FlagKind::kEnds && !is_go_false(inline_value);
  return {true, accepted, false, ends, 1, {}, nullptr};
}

}  // namespace ociwrap
