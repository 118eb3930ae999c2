// What people start: Node with lib/ociwrap.cjs, the arguments, and the environment without the variables that would
// change which code runs. What runtimes start as the NVIDIA hook is this program too: as `ociwrap nvidia-hook`, or by one
// of the names of that hook. Then it is lib/nvidia-hook.cjs, and nvidia-container-cli gets the process as it was found.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "process-state.h"
#include "recorded-node.h"
#include "start-node.h"

namespace {

constexpr char kProgram[] = "ociwrap";
char node[PATH_MAX];
char script[PATH_MAX];

constexpr char kHook[] = "nvidia-container-runtime-hook";
constexpr char kOlderHook[] = "nvidia-container-toolkit";
ociwrap::CapturedState state;

bool is_hook_name(const char* path) {
  const char* slash = strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  return strcmp(name, kHook) == 0 || strcmp(name, kOlderHook) == 0;
}

[[noreturn]] void become_hook(int argc, char** argv, char** env) {
  ociwrap::capture_state(argc, argv, env, &state);
  ociwrap::library_path(state.exe_path, "node", node);
  ociwrap::library_path(state.exe_path, "nvidia-hook.cjs", script);
  if (node[0] == '\0') ociwrap::fail(kHook, "cannot find its own folder from", state.exec_fn, ENOENT);
  ociwrap::require_file(kHook, script);
  const ociwrap::NodeTrouble trouble = ociwrap::become_recorded_node(state, node, script);
  ociwrap::fail(kHook, trouble.what, trouble.subject, trouble.error);
}

bool changes_code(const char* variable) {
  return strncmp(variable, "NODE_", 5) == 0 || strncmp(variable, "LD_", 3) == 0;
}

void drop_variables_that_change_code(char** env) {
  char** kept = env;
  for (; *env != nullptr; env++) {
    if (!changes_code(*env)) *kept++ = *env;
  }
  *kept = nullptr;
}

}  // namespace

int main(int argc, char** argv, char** env) {
  const char* told = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  const char* exec_fn = told != nullptr ? told : "";
  const bool is_hook = (argc > 0 && is_hook_name(argv[0])) || is_hook_name(exec_fn) ||
                       (argc > 1 && strcmp(argv[1], "nvidia-hook") == 0);
  if (is_hook) become_hook(argc, argv, env);
  char exe_path[PATH_MAX];
  ociwrap::FileIdentity exe;
  ociwrap::find_own_file(exec_fn, exe_path, &exe);
  ociwrap::library_path(exe_path, "node", node);
  ociwrap::library_path(exe_path, "ociwrap.cjs", script);
  if (node[0] == '\0') ociwrap::fail(kProgram, "cannot find its own folder from", exec_fn, ENOENT);
  ociwrap::require_file(kProgram, script);

  const size_t arguments = argc > 1 ? static_cast<size_t>(argc) - 1 : 0;
  char** node_argv = static_cast<char**>(calloc(arguments + 3, sizeof *node_argv));
  if (node_argv == nullptr) ociwrap::fail(kProgram, "cannot start", node, ENOMEM);
  char argv0[] = "node";
  node_argv[0] = argv0;
  node_argv[1] = script;
  if (arguments > 0) memcpy(node_argv + 2, argv + 1, arguments * sizeof *node_argv);
  drop_variables_that_change_code(env);
  ociwrap::become_node(kProgram, node, node_argv, env);
}
