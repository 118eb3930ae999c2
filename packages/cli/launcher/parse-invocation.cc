#include "flag-syntax.h"
#include "generated/grammar-tables.h"
#include "invocation.h"

namespace ociwrap {
namespace {

constexpr Flag kGoEnds[] = {{"help", FlagKind::kEnds}, {"h", FlagKind::kEnds}};
constexpr Flag kGetoptEnds[] = {{"help", FlagKind::kEnds}, {"?", FlagKind::kEnds}, {"usage", FlagKind::kEnds}};

// The values of the flags that matter here; the last one given wins.
struct Given {
  const char* bundle;
  const char* config;
  const char* log;
  const char* log_format;

  void keep(const FlagReading& flag) {
    if (flag.value == nullptr) return;
    if (flag.name == "bundle" || flag.name == "b") bundle = flag.value;
    if (flag.name == "config" || flag.name == "f") config = flag.value;
    if (flag.name == "log") log = flag.value;
    if (flag.name == "log-format") log_format = flag.value;
  }
};

// How far the words are read, and what was found on the way.
struct Reading {
  Given given;
  bool certain;
  bool ended;                // a flag such as --help
  const char* operand;       // the verb, or the first operand behind it
  const char* const* rest;   // behind `operand`, where that is the verb
};

bool is_separator(const char* word) { return Text(word) == "--"; }

bool is_a_verb(const char* word) {
  for (const char* verb : kEveryVerb) {
    if (Text(word) == verb) return true;
  }
  return false;
}

bool is_bundle_verb(Text verb) { return verb == "create" || verb == "run" || verb == "restore"; }

// Whether `word` stands in `name` between characters that are no letters from a to z: crun in my-crun-1.15.
bool has_word(Text name, Text word) {
  const auto is_letter = [](char character) { return character >= 'a' && character <= 'z'; };
  size_t begin = 0;
  for (size_t at = 0; at <= name.size(); at++) {
    if (at < name.size() && is_letter(name[at])) continue;
    if (Text(name.data() + begin, at - begin) == word) return true;
    begin = at + 1;
  }
  return false;
}

const Grammar& grammar_named(Text dialect) {
  for (const Grammar& grammar : kGrammars) {
    if (dialect == grammar.dialect) return grammar;
  }
  return kGrammars[0];
}

const FlagList* own_flags(const Grammar& grammar, Text verb) {
  for (size_t at = 0; at < grammar.verb_count; at++) {
    if (verb == grammar.verbs[at].verb) return &grammar.verbs[at].own;
  }
  return nullptr;
}

// Up to the verb.
Reading read_globals(const char* const* words, const Grammar& grammar) {
  const FlagTable table = {{grammar.global, grammar.global_ends, {}}};
  Reading reading = {{}, true, false, nullptr, words};
  bool awaits_value = false;
  for (const char* const* at = words; *at != nullptr; at++) {
    if (is_separator(*at)) {
      reading.operand = at[1];
      if (at[1] != nullptr) reading.rest = at + 2;
      return reading;
    }
    const FlagReading flag = read_flag(*at, at[1], table, grammar.syntax);
    if (!flag.is_flag) {
      const bool is_value = awaits_value && !is_a_verb(*at);
      awaits_value = false;
      if (is_value) continue;
      reading.operand = *at;
      reading.rest = at + 1;
      return reading;
    }
    reading.given.keep(flag);
    if (flag.ends) return reading;
    reading.certain = reading.certain && flag.known;
    awaits_value = flag.may_take_next;
    at += flag.width - 1;
  }
  return reading;
}

// Behind the verb. For verbs without a bundle all that matters is the first operand.
Reading read_operands(const char* const* words, const FlagList& own, bool takes_bundle, const Grammar& grammar) {
  const FlagList none = {nullptr, 0};
  const FlagList ends = grammar.syntax == FlagSyntax::kGo ? FlagList{kGoEnds, 2} : FlagList{kGetoptEnds, 3};
  const FlagTable table = {{own, grammar.globals_after_verb ? grammar.global : none, ends}};
  Reading reading = {{}, true, false, nullptr, nullptr};
  bool awaits_value = false;
  for (const char* const* at = words; *at != nullptr; at++) {
    if (is_separator(*at)) {
      if (reading.operand == nullptr) reading.operand = at[1];
      return reading;
    }
    const FlagReading flag = read_flag(*at, at[1], table, grammar.syntax);
    if (flag.is_flag) {
      reading.given.keep(flag);
      reading.ended = flag.ends;
      if (flag.ends) return reading;
      reading.certain = reading.certain && flag.known;
      awaits_value = flag.may_take_next;
      at += flag.width - 1;
      continue;
    }
    // These verbs take one operand, so a word that is followed by more is the value of the flag before it.
    const bool is_value = takes_bundle && awaits_value && at[1] != nullptr;
    awaits_value = false;
    if (is_value) continue;
    if (reading.operand == nullptr) reading.operand = *at;
    if (!grammar.flags_after_id) return reading;
  }
  return reading;
}

const char* unless_empty(const char* text) { return text == nullptr || *text == '\0' ? nullptr : text; }

// --log and --log-format, each in the runtime's own sense.
void keep_log(Invocation* invocation, const Given& given, const Grammar& grammar) {
  const Text dialect = grammar.dialect;
  const char* log = given.log != nullptr ? given.log : "";
  if (dialect == "crun") {
    // [file:]PATH, syslog:ID, journald:ID; anything else with a colon it refuses.
    const Text scheme = "file:";
    if (starts_with(log, scheme)) {
      log += scheme.size();
    } else if (contains(log, ":")) {
      log = "";
    }
  }
  invocation->log = unless_empty(log);
  invocation->log_format = nullptr;
  if (invocation->log == nullptr) return;
  const char* format = dialect == "runsc" ? "json" : given.log_format;
  if (format == nullptr) return;
  if (Text(format) == "json" || Text(format) == "text") invocation->log_format = format;
}

}  // namespace

const Grammar& grammar_of(Text runtime_path, Text real_path) {
  const Text names[] = {base_name(real_path), base_name(runtime_path)};
  for (const Text name : names) {
    if (has_word(name, "crun") || has_word(name, "krun")) return grammar_named("crun");
    if (has_word(name, "runsc")) return grammar_named("runsc");
    if (has_word(name, "runc")) break;
  }
  return grammar_named("runc");
}

Invocation parse_invocation(const char* const* words, const Grammar& grammar) {
  Reading before = read_globals(words, grammar);
  Invocation invocation = {};
  invocation.certain = before.certain;
  keep_log(&invocation, before.given, grammar);
  const char* verb = before.ended ? nullptr : before.operand;
  if (verb == nullptr) return invocation;

  const FlagList* own = own_flags(grammar, verb);
  const bool takes_bundle = is_bundle_verb(verb);
  invocation.verb = verb;
  if (own == nullptr) return invocation;
  const Reading after = read_operands(before.rest, *own, takes_bundle, grammar);
  if (takes_bundle && after.ended) {
    invocation.verb = nullptr;
    return invocation;
  }
  invocation.id = after.operand;
  if (!takes_bundle) return invocation;
  invocation.bundle = unless_empty(after.given.bundle);
  invocation.config_file = unless_empty(after.given.config);
  invocation.certain = before.certain && after.certain;
  if (after.given.log != nullptr) before.given.log = after.given.log;
  if (after.given.log_format != nullptr) before.given.log_format = after.given.log_format;
  keep_log(&invocation, before.given, grammar);
  return invocation;
}

bool carries_rewrite(const Invocation& invocation) {
  return invocation.verb != nullptr && is_bundle_verb(invocation.verb);
}

}  // namespace ociwrap
