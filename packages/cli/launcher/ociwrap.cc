// What people start: Node with lib/ociwrap.cjs, the arguments, and the environment without the variables that would
// change which code runs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "process-state.h"
#include "start-node.h"

namespace {

constexpr char kProgram[] = "ociwrap";
char node[PATH_MAX];
char script[PATH_MAX];

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
  const char* exec_fn = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  char exe_path[PATH_MAX];
  ociwrap::FileIdentity exe;
  ociwrap::find_own_file(exec_fn != nullptr ? exec_fn : "", exe_path, &exe);
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
