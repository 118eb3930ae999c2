#include "fast-path.h"

#include <alloca.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "fast-path-table.h"
#include "log-record.h"
#include "start-node.h"

namespace ociwrap {
namespace {

constexpr char kDepth[] = "OCIWRAP_DEPTH=";

Self self;
Resolution resolution;
LogSettings settings;
RecordText records;
Triggers triggers;

// Why the call can be passed through, in the words of plan-call.ts; null when that is not certain.
const char* reason_to_pass(const Invocation& invocation) {
  if (!carries_rewrite(invocation)) return "the verb cannot carry a rewrite";
  if (!invocation.certain || invocation.config_file != nullptr) return nullptr;
  char script[PATH_MAX];
  library_path(self.path, "wrapper.cjs", script);
  if (!read_table(self.path, self.id, script, &triggers)) return nullptr;
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

size_t count_of(char* const* list) {
  size_t count = 0;
  while (list[count] != nullptr) count++;
  return count;
}

// With OCIWRAP_DEPTH taken out wherever it stands, and put at the end: environmentForRuntime().
void become_runtime(char** argv, char* const* env) {
  FixedText<sizeof kDepth + 10> depth;
  depth.append(kDepth);
  depth.append_number(resolution.depth);
  // The kernel keeps arguments and environment, these pointers included, within a quarter of the stack.
  char** next_env = static_cast<char**>(alloca((count_of(env) + 2) * sizeof *next_env));
  char** end = next_env;
  for (; *env != nullptr; env++) {
    if (!starts_with(*env, kDepth)) *end++ = *env;
  }
  *end++ = const_cast<char*>(depth.c_str());
  *end = nullptr;

  char* const called_as = argv[0];
  argv[0] = const_cast<char*>(base_name(resolution.path.view()).data());
  execve(resolution.path.c_str(), argv, next_env);
  argv[0] = called_as;
}

}  // namespace

void take_fast_path(int argc, char** argv, char* const* env) {
  if (argc < 1) return;
  timespec began;
  clock_gettime(CLOCK_MONOTONIC, &began);
  const char* exec_fn = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (exec_fn == nullptr) exec_fn = "";

  find_self(exec_fn, &self);
  resolve_runtime({argv[0], exec_fn, env, &self}, &resolution);
  if (!resolution.found) return;
  const Invocation invocation = parse_invocation(argv + 1, grammar_of(resolution.path.view()));
  const char* reason = reason_to_pass(invocation);
  if (reason == nullptr) return;

  read_log_settings(env, &settings);
  append_records(&records, {&invocation, &resolution, began}, reason, settings);
  if (records.overflowed()) return;
  write_log(settings, records.view());
  // Node tries again when this fails, and says why. The record of the passage then stands in the log twice.
  become_runtime(argv, env);
}

}  // namespace ociwrap
