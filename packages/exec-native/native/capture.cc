#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#include "process-state.h"

namespace ociwrap {
namespace {

bool read_identity(const char* path, FileIdentity* out) {
  struct stat found;
  if (stat(path, &found) != 0) return false;
  *out = {static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)};
  return true;
}

}  // namespace

void find_own_file(const char* exec_fn, char (&path)[PATH_MAX], FileIdentity* identity) {
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length > 0 && read_identity("/proc/self/exe", identity)) {
    path[length] = '\0';
    return;
  }
  if (realpath(exec_fn, path) == nullptr || !read_identity(path, identity)) {
    path[0] = '\0';
    *identity = {0, 0};
  }
}

void capture_state(int argc, char* const* argv, char* const* env, CapturedState* out) {
  static char* const no_arguments[] = {nullptr};
  out->argv = argc > 0 ? argv : no_arguments;  // Linux before 5.18 lets argc be 0
  out->env = env;
  const char* exec_fn = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  out->exec_fn = exec_fn != nullptr ? exec_fn : "";

  change_signal_mask(SIG_BLOCK, nullptr, &out->signal_mask);
  out->ignored_signals = 0;
  for (int signal = 1; signal <= kSignalCount; signal++) {
    KernelSigaction action;
    if (get_signal_action(signal, &action) == 0 && action.handler == kIgnore) {
      out->ignored_signals |= uint64_t{1} << (signal - 1);
    }
  }
  out->limits_error = 0;
  for (int resource = 0; resource < kLimitCount; resource++) {
    const long failed = exchange_limit(resource, nullptr, &out->limits[resource]);
    if (failed != 0) out->limits_error = static_cast<int>(-failed);
  }
  out->umask = umask(0);
  umask(out->umask);
  int parent_death_signal = 0;
  prctl(PR_GET_PDEATHSIG, &parent_death_signal);
  out->parent_death_signal = static_cast<uint32_t>(parent_death_signal);

  // The system call, not getcwd(3): that one gives a path outside our root a second try through "..", and
  // the kernel marks such a path with "(unreachable)".
  const long length =
      checked(syscall(SYS_getcwd, out->working_directory, sizeof out->working_directory));
  if (length <= 0 || out->working_directory[0] != '/') out->working_directory[0] = '\0';
  find_own_file(out->exec_fn, out->exe_path, &out->exe);
}

}  // namespace ociwrap
