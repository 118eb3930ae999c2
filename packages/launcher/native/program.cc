#include "program.h"

#include "fast-path.h"
#include "invocation.h"
#include "system-calls.h"
#include "text.h"
#include "verb-flags.h"
#if !defined(OCIWRAP_WITHOUT_ENGINE)
#include "engine.h"
#include "without-engine.h"
#endif

namespace ociwrap {
namespace {

enum class Program { kWrapper, kOciwrap, kHook };

constexpr char kOciwrap[] = "ociwrap";
constexpr char kHook[] = "nvidia-container-runtime-hook";
constexpr char kOlderHook[] = "nvidia-container-toolkit";

bool is_hook_name(Text name) { return name == kHook || name == kOlderHook; }

// A verb of runc's is none of ociwrap's commands: an engine may have been given a link to the wrapper that is called ociwrap.
bool is_call_of_runtime(const ProgramCall& call) {
  if (call.argc < 2) return false;
  const Dialect dialect = dialect_of("runc", "");
  const Invocation invocation = parse_invocation(call.argv + 1, dialect);
  if (invocation.verb == nullptr) return false;
  const Text verb = invocation.verb;
  return verb != "help" && verb != "h" && is_verb_of(dialect.grammar, verb);
}

// By the name of the file that was executed: argv[0] is the caller's to choose, and engines give names of their own in it. Of
// the hook either name counts, since runtimes take both from the configuration.
Program program_of(const ProgramCall& call) {
  const Text argv0 = call.argc > 0 ? Text(call.argv[0]) : Text("");
  const Text exec_fn = call.exec_fn;
  if (is_hook_name(base_name(argv0)) || is_hook_name(base_name(exec_fn))) return Program::kHook;
  const bool is_ociwrap = base_name(exec_fn.empty() ? argv0 : exec_fn) == kOciwrap;
  return is_ociwrap && !is_call_of_runtime(call) ? Program::kOciwrap : Program::kWrapper;
}

[[noreturn]] void end(int status) {
  for (;;) raw::call(SYS_exit_group, status);
}

#if defined(OCIWRAP_WITHOUT_ENGINE)

// For tests, which ask by it whether a call needs the engine.
constexpr int kEngineWasWanted = 99;

[[noreturn]] void run_for_people(const ProgramCall&, const char*, const char*) { end(kEngineWasWanted); }
[[noreturn]] void go_on_in_engine(const ProgramCall&, Text) { end(kEngineWasWanted); }

#else

// The names of the programs in the bundle (packages/cli/src/main/engine-main.ts).
EngineEnd run_in_engine(const ProgramCall& call, const char* main, bool was_rehearsed, Text found) {
  return run_engine({main, was_rehearsed, call.argc, call.argv, call.env, call.exec_fn, call.page_size, found});
}

[[noreturn]] void run_for_people(const ProgramCall& call, const char* main, const char* shown) {
  const EngineEnd ended = run_in_engine(call, main, false, {});
  if (ended.failure != EngineFailure::kNone) {
    say_engine_failed(shown, ended);
    end(1);
  }
  end(ended.status);
}

[[noreturn]] void go_on_in_engine(const ProgramCall& call, Text found) {
  const EngineEnd ended = run_in_engine(call, "wrapper", true, found);
  if (ended.failure != EngineFailure::kNone) {
    go_on_without_engine(call, ended);
    end(1);
  }
  end(ended.status);
}

#endif

[[noreturn]] void run_wrapper(const ProgramCall& call) {
  Text found;
#if !defined(OCIWRAP_WITHOUT_FAST_PATH)
  found = take_fast_path(call.argc, call.argv, call.env, call.exec_fn);
#endif
  go_on_in_engine(call, found);
}

}  // namespace

void run_program(const ProgramCall& call) {
  switch (program_of(call)) {
    case Program::kHook:
      run_for_people(call, "nvidia-hook", kHook);
    case Program::kOciwrap:
      run_for_people(call, "ociwrap", kOciwrap);
    case Program::kWrapper:
      run_wrapper(call);
  }
  __builtin_unreachable();
}

}  // namespace ociwrap
