#include "without-engine.h"

#include <signal.h>

#include "fast-path.h"
#include "generated/errno-names.h"
#include "refusal.h"
#include "system-calls.h"

namespace ociwrap {
namespace {

// CLI_ERROR_CODES of packages/cli/src/cli-error.ts, as is what follows.
constexpr char kCode[] = "ERR_ENGINE_FAILED";
constexpr char kHint[] =
    "look for who wrote so large a config.json, if it has more than some megabytes; else give the service of the container "
    "engine more memory (its cgroup, LimitAS), and report it together with this line where it has enough";
constexpr char kExecCode[] = "ERR_EXEC_FAILED";
constexpr char kExecHint[] =
    "run the named file by hand; check its interpreter, its architecture and the mount options of its file system";

// What a rule or a document made of an exception may be long; the first line says what it was.
constexpr size_t kMostShown = 512;

Refusal refusal;

Text first_line(Text text) {
  const Text line(text.data(), find(text, '\n'));
  return line.size() > kMostShown ? Text(line.data(), kMostShown) : line;
}

void put_engine_end(const EngineEnd& end) {
  refusal.code = kCode;
  refusal.hint = kHint;
  refusal.message.append("the JavaScript engine failed: ");
  append_printable(&refusal.message, first_line(end.text));
}

// By its name: the texts of strerror(3) are what engines look for in a runtime's output (podman turns them into exit statuses
// of its own).
void put_exec_error(Text runtime, int error) {
  refusal.code = kExecCode;
  refusal.hint = kExecHint;
  refusal.message.append("cannot execute ");
  append_quoted(&refusal.message, runtime);
  refusal.message.append(": ");
  const bool is_named = error > 0 && static_cast<size_t>(error) < sizeof kErrnoNames / sizeof kErrnoNames[0];
  refusal.message.append(is_named ? kErrnoNames[error] : "an unknown error");
}

// A log or a stderr that RLIMIT_FSIZE lets no one write to, or that nobody reads, must not kill a refusal.
void hold_signals_of_writes() {
  const uint64_t held = uint64_t{1} << (SIGXFSZ - 1) | uint64_t{1} << (SIGPIPE - 1);
  raw::call(SYS_rt_sigprocmask, SIG_BLOCK, raw::number(&held), 0, sizeof held);
}

}  // namespace

void go_on_without_engine(const ProgramCall& call, const EngineEnd& end) {
  const CallLeft left = pass_without_engine(call.argc, call.argv, call.env, call.exec_fn);
  if (left.exec_error == 0) {
    put_engine_end(end);
  } else {
    put_exec_error(left.facts.resolution->path.view(), left.exec_error);
  }
  hold_signals_of_writes();
  tell_refusal(refusal, left.facts, call.env);
}

void say_engine_failed(const char* program, const EngineEnd& end) {
  put_engine_end(end);
  hold_signals_of_writes();
  tell_on_stderr(refusal, program);
}

}  // namespace ociwrap
