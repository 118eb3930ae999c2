#include "without-node.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fast-path.h"
#include "refusal.h"

namespace ociwrap {
namespace {

// CLI_ERROR_CODES of src/cli-error.ts.
constexpr char kCode[] = "ERR_NODE_CANNOT_RUN";
constexpr char kHint[] =
    "check that the lib folder beside the wrapper's bin folder is whole, and the limits of the engine's service "
    "(LimitNOFILE, LimitAS, LimitDATA, LimitSTACK, TasksMax)";

// CLI_ERROR_CODES of src/cli-error.ts.
constexpr char kExecCode[] = "ERR_EXEC_FAILED";
constexpr char kExecHint[] =
    "run the named file by hand; check its interpreter, its architecture and the mount options of its file system";

Refusal refusal;

void say(const NodeTrouble& trouble) {
  refusal.message.append(trouble.what);
  refusal.message.append(' ');
  if (trouble.subject[0] == '/') {
    append_quoted(&refusal.message, trouble.subject);
  } else {
    append_printable(&refusal.message, trouble.subject);
  }
  if (trouble.error == 0) return;
  // By its name: strerror's texts are what engines look for in a runtime's output (podman turns them into exit
  // statuses of its own).
  const char* name = strerrorname_np(trouble.error);
  refusal.message.append(": ");
  refusal.message.append(name != nullptr ? name : "unknown error");
}

// The runtime must find the state as the engine left it. Where the limits were never learnt, none was changed.
LimitTrouble take_state_back(const CapturedState& state) {
  const LimitTrouble trouble = state.limits_error == 0 ? take_room_back(state) : LimitTrouble{nullptr, 0};
  change_signal_mask(SIG_SETMASK, &state.signal_mask, nullptr);
  return trouble;
}

}  // namespace

void go_on_without_node(int argc, char** argv, const CapturedState& state, const NodeTrouble& trouble) {
  const LimitTrouble stuck = take_state_back(state);
  const CallLeft left = pass_without_node(argc, argv, state.env, state.exec_fn, stuck.limit == nullptr);
  if (left.exec_error == 0) {
    refusal.code = kCode;
    refusal.hint = kHint;
    say(stuck.limit == nullptr ? trouble : NodeTrouble{"cannot put back", stuck.limit, stuck.error});
  } else {
    refusal.code = kExecCode;
    refusal.hint = kExecHint;
    say({"cannot execute", left.facts.resolution->path.c_str(), left.exec_error});
  }
  // A log or a stderr that RLIMIT_FSIZE lets no one write to must not kill a refusal.
  const KernelSigaction ignore = {kIgnore, 0, 0, 0};
  set_signal_action(SIGXFSZ, &ignore);
  tell_refusal(refusal, left.facts, state.env);
  _exit(1);
}

}  // namespace ociwrap
