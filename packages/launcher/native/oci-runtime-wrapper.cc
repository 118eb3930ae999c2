// What the engine starts in place of a runtime, for the calls that come back from the fast path (fast-start.cc). It records
// the process state before anything can alter it, and becomes Node (same pid, no child).
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process-state.h"
#include "start-node.h"
#include "without-node.h"

namespace {

int argument_count;
char** arguments;
ociwrap::CapturedState state;
char node[PATH_MAX];
char script[PATH_MAX];
char code[PATH_MAX];
char addon[PATH_MAX];

[[noreturn]] void do_without_node(const char* what, const char* subject, int error) {
  ociwrap::go_on_without_node(argument_count, arguments, state, {what, subject, error});
}

// An empty file is what a crash leaves of one that was being installed: Node would take it for a program that ends well.
void require_readable(const char* path) {
  if (access(path, R_OK) != 0) do_without_node("cannot read", path, errno);
  struct stat found;
  if (stat(path, &found) == 0 && found.st_size == 0) do_without_node("cannot use the empty file", path, 0);
}

void find_files() {
  ociwrap::library_path(state.exe_path, "node", node);
  ociwrap::library_path(state.exe_path, "wrapper.cjs", script);
  ociwrap::library_path(state.exe_path, "wrapper-code.cjs", code);
  ociwrap::library_path(state.exe_path, "exec_native.node", addon);
  if (node[0] == '\0' || script[0] == '\0' || code[0] == '\0' || addon[0] == '\0') {
    do_without_node("cannot find the wrapper's own folder from", state.exec_fn, ENOENT);
  }
  require_readable(script);
  require_readable(code);
  require_readable(addon);
}

}  // namespace

int main(int argc, char** argv, char** env) {
  argument_count = argc;
  arguments = argv;
  ociwrap::capture_state(argc, argv, env, &state);
  find_files();
  const ociwrap::NodeTrouble trouble = ociwrap::become_recorded_node(state, node, script);
  do_without_node(trouble.what, trouble.subject, trouble.error);
}
