// What the engine starts in place of a runtime. It records the process state before anything can alter it, and becomes
// Node (same pid, no child) with an environment of Node's own: the caller's NODE_OPTIONS, LD_PRELOAD or
// NODE_EXTRA_CA_CERTS must neither act on us nor be lost; they travel in the record.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process-state.h"
#include "start-node.h"

namespace {

constexpr char kProgram[] = "oci-runtime-wrapper";
constexpr char kPreload[] = "LD_PRELOAD=";

ociwrap::CapturedState state;
char node[PATH_MAX];
char script[PATH_MAX];
char preload[sizeof kPreload + PATH_MAX];
char record[16];

// Node gives every signal its default action at its start. Blocked, an ignored signal waits until the addon ignores
// it again, which discards it.
void block_ignored_signals() { ociwrap::change_signal_mask(SIG_BLOCK, &state.ignored_signals, nullptr); }

// Empty when there is nothing to preload, or a path that the dynamic linker would take for several or expand.
void find_signal_guard() {
  char guard[PATH_MAX];
  ociwrap::library_path(state.exe_path, "signal-guard.so", guard);
  if (strpbrk(guard, " :$") != nullptr || access(guard, R_OK) != 0) return;
  strcpy(preload, kPreload);
  strcat(preload, guard);
}

}  // namespace

int main(int argc, char** argv, char** env) {
  ociwrap::capture_state(argc, argv, env, &state);
  ociwrap::make_room_for_node(state);

  ociwrap::library_path(state.exe_path, "node", node);
  ociwrap::library_path(state.exe_path, "wrapper.cjs", script);
  if (node[0] == '\0') ociwrap::fail(kProgram, "cannot find its own folder from", state.exec_fn, ENOENT);
  ociwrap::require_file(kProgram, script);

  ociwrap::Failure failure = {nullptr, 0};
  const int fd = ociwrap::write_record(state, &failure);
  if (fd < 0) ociwrap::fail(kProgram, "cannot record the process state:", failure.call, failure.error);
  snprintf(record, sizeof record, "%d", fd);
  block_ignored_signals();
  find_signal_guard();

  char argv0[] = "node";
  char no_warnings[] = "--no-warnings";  // stderr is the container's
  char* const node_argv[] = {argv0, no_warnings, script, record, nullptr};
  // Node reads the machine's openssl.cnf at every start, and does not start when it cannot follow it.
  char no_settings[] = "OPENSSL_CONF=/dev/null";
  char* const node_env[] = {no_settings, preload[0] == '\0' ? nullptr : preload, nullptr};
  ociwrap::become_node(kProgram, node, node_argv, node_env);
}
