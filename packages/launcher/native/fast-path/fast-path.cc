#include "fast-path.h"

#include "container-creator.h"
#include "fast-path-table.h"
#include "found-call.h"
#include "generated/built-in-triggers.h"
#include "handler-name.h"
#include "log-record.h"
#include "system-calls.h"

namespace ociwrap {
namespace {

constexpr char kDepth[] = "OCIWRAP_DEPTH=";

// src/config: what chooses a configuration or a profile by the call alone, and where a configuration is by default.
constexpr const char* kSettingVariables[] = {"OCIWRAP_CONFIG", "GUARDIAN_RUNC_SHIM_BINARY"};
constexpr char kGuardianName[] = "guardian-runc-shim";
constexpr const char* kConfigFiles[] = {"/etc/ociwrap/config.toml", "/etc/ociwrap/conf.d", "/etc/ociwrap/handler.d"};

Self self = {};
Resolution resolution = {};
Resolution usual = {};  // as it would be without SGS_RUNC_PATH
LogSettings settings = {};
RecordText records = {};
Triggers triggers = {};
Invocation invocation = {};
Text handler;
timespec began;
bool is_configured;
bool has_table;

// Why a call that can carry a rewrite can be passed through, in the words of plan-call.ts; null when that is not certain.
const char* reason_without_trigger(const Invocation& invocation) {
  if (triggers.every) return nullptr;
  switch (look_at_config(invocation.bundle != nullptr ? invocation.bundle : "", triggers)) {
    case ConfigState::kClear:
      return "no trigger text in config.json";
    case ConfigState::kMissing:
      return "there is no config.json";
    case ConfigState::kDoubt:
      break;
  }
  return nullptr;
}

bool triggers_of_table() {
  has_table = read_table(self.path.c_str(), self.id, handler, &triggers);
  return has_table;
}

bool built_in_triggers() {
  triggers.count = 0;
  triggers.every = false;
  for (const char* text : kBuiltInTriggers) {
    if (!add_trigger(&triggers, text)) return false;
  }
  return true;
}

// A table says what holds for calls that set nothing by themselves.
bool chooses_settings(const char* argv0, const char* exec_fn, char* const* env) {
  for (const char* name : kSettingVariables) {
    if (!variable(env, name).empty()) return true;
  }
  return base_name(argv0) == kGuardianName || base_name(exec_fn) == kGuardianName;
}

bool may_have_configuration() {
  struct stat found;
  for (const char* file : kConfigFiles) {
    if (raw::lstat(file, &found) != -ENOENT) return true;
  }
  return false;
}

constexpr char kOtherVerb[] = "the verb cannot carry a rewrite";

bool is_certain() { return invocation.certain && invocation.config_file == nullptr; }

// A configuration may name the runtime: then only a table, which is not left where one does, tells that ours is the one.
const char* reason_by_table() {
  if (!carries_rewrite(invocation)) {
    return !may_have_configuration() || triggers_of_table() ? kOtherVerb : nullptr;
  }
  return is_certain() && triggers_of_table() ? reason_without_trigger(invocation) : nullptr;
}

// kill and delete must work wherever they can, by the built-in order if need be; what a configuration says of a create only
// the engine can tell.
const char* reason_without_engine() {
  if (!carries_rewrite(invocation)) return kOtherVerb;
  return is_certain() && !is_configured && built_in_triggers() ? reason_without_trigger(invocation) : nullptr;
}

size_t count_of(char* const* list) {
  size_t count = 0;
  while (list[count] != nullptr) count++;
  return count;
}

// Not on the stack, here as elsewhere in the launcher: under a low RLIMIT_STACK a long environment may have filled it.
char** room_for(size_t count) {
  static char* usual[2048];
  if (count <= sizeof usual / sizeof usual[0]) return usual;
  return static_cast<char**>(raw::memory(count * sizeof(char*)));
}

// With OCIWRAP_DEPTH, and the configuration of NVIDIA's runtime where there is one to name, taken out wherever they stand,
// and put at the end: environmentForRuntime(). Returns the errno of an execve that failed.
int become_runtime(char** argv, char* const* env) {
  FixedText<sizeof kDepth + 10> depth;
  depth.append(kDepth);
  depth.append_number(resolution.depth);
  const bool names_config = !resolution.nvidia_config.view().empty();
  static FixedText<sizeof kNvidiaConfigVariable + PATH_MAX + 64> config;
  config.clear();
  config.append(kNvidiaConfigVariable);
  config.append('=');
  char** next_env = room_for(count_of(env) + 3);
  if (next_env == nullptr) return ENOMEM;
  char** end = next_env;
  for (; *env != nullptr; env++) {
    if (starts_with(*env, kDepth)) continue;
    if (names_config && starts_with(*env, config.view())) continue;
    *end++ = *env;
  }
  if (names_config) {
    config.append(resolution.nvidia_config.view());
    *end++ = const_cast<char*>(config.c_str());
  }
  *end++ = const_cast<char*>(depth.c_str());
  *end = nullptr;

  char* const called_as = argv[0];
  argv[0] = const_cast<char*>(base_name(resolution.path.view()).data());
  const long failed = raw::execve(resolution.path.c_str(), argv, next_env);
  argv[0] = called_as;
  return static_cast<int>(-failed);
}

void read_call(char** argv, const RuntimeQuery& query) {
  resolve_runtime(query, &resolution);
  invocation = parse_invocation(argv + 1, dialect_of(resolution.path.view(), resolution.real_path.view()));
}

// The runtime that created the container in the place of the one that the environment names now: creatorOf().
void turn_to_creator(char** argv, RuntimeQuery query) {
  // Most calls end here, before anything is looked for a second time.
  if (variable(query.env, "SGS_RUNC_PATH").empty() || !resolution.found || !is_of_container(invocation)) return;
  query.without_choice = true;
  resolve_runtime(query, &usual);
  if (!is_creator(invocation, resolution, usual)) return;
  read_call(argv, query);
  constexpr size_t kRoom = sizeof resolution.warnings / sizeof resolution.warnings[0];
  if (resolution.warning_count == kRoom) return;
  resolution.warnings[resolution.warning_count++] = {
      "called is ", resolution.path.view(),
      ", which created the container, and not the runtime that the environment names now"};
}

// The errno of an execve that failed, 0 when the call could not be passed through.
int pass(char** argv, char* const* env, const char* exec_fn, const char* (*reason_to_pass)(), bool has_engine) {
  raw::read_clock(CLOCK_MONOTONIC, &began);
  find_self(exec_fn, &self);
  handler = handler_of(argv[0], exec_fn);
  const RuntimeQuery query = {argv[0], exec_fn, env, &self};
  read_call(argv, query);
  turn_to_creator(argv, query);
  if (!resolution.found) return 0;
  const char* reason = reason_to_pass();
  if (reason == nullptr) return 0;

  read_log_settings(env, &settings);
  records.clear();
  append_records(&records, {&invocation, &resolution, began}, reason, settings);
  if (records.overflowed()) return 0;
  const WhenTooLarge when_too_large = has_engine ? WhenTooLarge::kLeave : WhenTooLarge::kWrite;
  const LogOutcome outcome = write_log(settings, records.view(), when_too_large);
  if (outcome == LogOutcome::kNotWritten && has_engine) return 0;
  return become_runtime(argv, env);
}

}  // namespace

Text take_fast_path(int argc, char** argv, char* const* env, const char* exec_fn) {
  if (argc == 0 || chooses_settings(argv[0], exec_fn, env)) return {};
  // The engine tries again when the execve fails, and says why. The record of the passage then stands in the log twice.
  const int error = pass(argv, env, exec_fn, reason_by_table, true);
  return error != 0 ? Text() : describe_found_call(resolution, invocation, has_table);
}

CallLeft pass_without_engine(int argc, char** argv, char* const* env, const char* exec_fn) {
  is_configured = may_have_configuration() || (argc > 0 && chooses_settings(argv[0], exec_fn, env));
  const int error = argc > 0 ? pass(argv, env, exec_fn, reason_without_engine, false) : 0;
  return {{&invocation, &resolution, began}, error};
}

}  // namespace ociwrap
