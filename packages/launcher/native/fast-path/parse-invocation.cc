#include "generated/grammar-tables.h"
#include "invocation.h"
#include "possible-readings.h"
#include "verb-flags.h"

namespace ociwrap {
namespace {

// The values of the flags that matter here; the last one given wins.
struct Given {
  const char* bundle;
  const char* config;
  const char* log;
  const char* log_format;
  const char* root;

  void keep(const FlagReading& flag) {
    if (flag.value == nullptr) return;
    if (flag.name == "bundle" || flag.name == "b") bundle = flag.value;
    if (flag.name == "config" || flag.name == "f") config = flag.value;
    if (flag.name == "log" || flag.name == "l") log = flag.value;
    if (flag.name == "log-format") log_format = flag.value;
    if (flag.name == "root") root = flag.value;
  }
};

// How far the words are read, and what was found on the way.
struct Reading {
  Given given;
  bool certain;
  bool ended;                // a flag such as --help
  const char* operand;       // behind the verb: the first one
  const char* const* verb;   // its place; null when there is none
};

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

bool is_verb(const Grammar& grammar, Text word) {
  for (size_t at = 0; at < grammar.other_verb_count; at++) {
    if (word == grammar.other_verbs[at]) return true;
  }
  return flags_of(grammar, word) != nullptr;
}

const Grammar& grammar_named(Text dialect) {
  for (const Grammar& grammar : kGrammars) {
    if (dialect == grammar.dialect) return grammar;
  }
  return kGrammars[0];
}

// Up to the verb.
Reading read_globals(const char* const* words, const Grammar& grammar) {
  const FlagTable table = global_table(grammar);
  Reading reading = {{}, true, false, nullptr, nullptr};
  bool awaits_value = false;
  for (const char* const* at = words; *at != nullptr; at++) {
    if (is_separator(*at)) {
      if (at[1] != nullptr) reading.verb = at + 1;
      return reading;
    }
    const FlagReading flag = read_flag(*at, at[1], table, grammar.syntax);
    if (!flag.is_flag) {
      const bool is_value = awaits_value && !is_verb(grammar, *at);
      awaits_value = false;
      if (is_value) continue;
      reading.verb = at;
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
Reading read_operands(const char* const* words, const VerbFlags& own, bool takes_bundle, const Grammar& grammar) {
  const FlagTable table = table_behind(own, grammar);
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

// --root, --log and --log-format, each in the runtime's own sense.
void keep_globals(Invocation* invocation, const Given& given, const Grammar& grammar) {
  const Text dialect = grammar.dialect;
  invocation->root = unless_empty(given.root);
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

Invocation likely_reading(const char* const* words, const Grammar& grammar, const char* const** bundle_verb) {
  Reading before = read_globals(words, grammar);
  Invocation invocation = {};
  invocation.certain = before.certain;
  keep_globals(&invocation, before.given, grammar);
  if (before.ended || before.verb == nullptr) return invocation;

  const char* verb = *before.verb;
  const VerbFlags* own = flags_of(grammar, verb);
  const bool takes_bundle = is_bundle_verb(verb);
  invocation.verb = verb;
  if (own == nullptr) return invocation;
  const Reading after = read_operands(before.verb + 1, *own, takes_bundle, grammar);
  if (!takes_bundle) {
    invocation.id = after.operand;
    return invocation;
  }
  invocation.certain = before.certain && after.certain;
  if (after.ended) {
    invocation.verb = nullptr;
    return invocation;
  }
  invocation.id = after.operand;
  *bundle_verb = before.verb;
  invocation.bundle = unless_empty(after.given.bundle);
  invocation.config_file = unless_empty(after.given.config);
  if (after.given.root != nullptr) before.given.root = after.given.root;
  if (after.given.log != nullptr) before.given.log = after.given.log;
  if (after.given.log_format != nullptr) before.given.log_format = after.given.log_format;
  keep_globals(&invocation, before.given, grammar);
  return invocation;
}

}  // namespace

Dialect dialect_of(Text runtime_path, Text real_path) {
  const Text names[] = {base_name(real_path), base_name(runtime_path)};
  for (const Text name : names) {
    if (has_word(name, "crun") || has_word(name, "krun")) return {grammar_named("crun"), true};
    if (has_word(name, "runsc")) return {grammar_named("runsc"), true};
    if (has_word(name, "youki")) return {grammar_named("youki"), true};
    if (has_word(name, "runc")) return {grammar_named("runc"), true};
  }
  return {grammar_named("runc"), false};
}

Invocation parse_invocation(const char* const* words, const Dialect& dialect) {
  const char* const* bundle_verb = nullptr;
  Invocation invocation = likely_reading(words, dialect.grammar, &bundle_verb);
  if (invocation.certain && dialect.is_known) return invocation;
  invocation.has_other_reading = find_other_reading(words, dialect, bundle_verb);
  invocation.certain = invocation.certain && !invocation.has_other_reading;
  return invocation;
}

bool carries_rewrite(const Invocation& invocation) {
  return invocation.has_other_reading || (invocation.verb != nullptr && is_bundle_verb(invocation.verb));
}

}  // namespace ociwrap
