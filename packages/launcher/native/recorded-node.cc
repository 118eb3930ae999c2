#include "recorded-node.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "library-path.h"

namespace ociwrap {
namespace {

constexpr char kPreload[] = "LD_PRELOAD=";

char preload[sizeof kPreload + PATH_MAX];
char record[16];
int guard_fd = -1;

constexpr uint64_t bit(int signal) { return uint64_t{1} << (signal - 1); }

// Node gives every signal its default action at its start. Blocked, an ignored signal waits until the addon ignores
// it again, which discards it. SIGPIPE and SIGXFSZ it ignores; blocked, they wait for the next program. (Not a SIGXFSZ
// that our own log could earn under a hard RLIMIT_FSIZE.)
void block_signals_that_node_would_change(const CapturedState& state) {
  const bool any_size = state.limits[RLIMIT_FSIZE].hard == ~uint64_t{0};
  const uint64_t changed = state.ignored_signals | bit(SIGPIPE) | (any_size ? bit(SIGXFSZ) : 0);
  change_signal_mask(SIG_BLOCK, &changed, nullptr);
}

// The dynamic linker takes LD_PRELOAD apart at spaces and colons, and expands "$": a guard in such a folder goes by a
// descriptor. It is numbered above the inherited ones, as the record is, and closed with whatever was not there.
bool put_guard_on_descriptor(char (&guard)[PATH_MAX], int record_fd) {
  const int opened = open(guard, O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  guard_fd = fcntl(opened, F_DUPFD, record_fd + 1);
  close(opened);
  snprintf(guard, sizeof guard, "/proc/self/fd/%d", guard_fd);
  return guard_fd >= 0 && access(guard, R_OK) == 0;
}

// Without it the call goes on, and a signal that the caller ignores or blocks may end it while Node works.
void find_signal_guard(const char* exe_path, int record_fd) {
  char guard[PATH_MAX];
  library_path(exe_path, "signal-guard.so", guard);
  if (access(guard, R_OK) != 0) return;
  if (strpbrk(guard, " :$") != nullptr && !put_guard_on_descriptor(guard, record_fd)) return;
  strcpy(preload, kPreload);
  strcat(preload, guard);
}

}  // namespace

NodeTrouble become_recorded_node(const CapturedState& state, const char* node, char* script) {
  if (state.limits_error != 0) return {"cannot read the limits of the process:", "prlimit64", state.limits_error};
  const LimitTrouble room = make_room_for_node(state);
  if (room.limit != nullptr && room.error != 0) return {"cannot raise for Node", room.limit, room.error};
  if (room.limit != nullptr) return {"Node cannot run under this hard", room.limit, 0};
  Failure failure = {nullptr, 0};
  const int fd = write_record(state, &failure);
  if (fd < 0) return {"cannot record the process state:", failure.call, failure.error};
  snprintf(record, sizeof record, "%d", fd);
  block_signals_that_node_would_change(state);
  find_signal_guard(state.exe_path, fd);

  char argv0[] = "node";
  char no_warnings[] = "--no-warnings";  // stderr is the container's
  // Nothing runs long enough to be worth compiling to machine code, and where PR_SET_MDWE or SELinux forbid it, Node
  // would die. lib/wrapper-code.cache is made under this flag, too (tools/package.mjs): V8 compares them.
  char jitless[] = "--jitless";
  char* const node_argv[] = {argv0, no_warnings, jitless, script, record, nullptr};
  // Times are written in UTC. Without a TZ, ICU looks for the machine's zone, at worst through all of zoneinfo.
  char utc[] = "TZ=UTC";
  // Node reads the machine's openssl.cnf at every start, and does not start when it cannot follow it.
  char no_settings[] = "OPENSSL_CONF=/dev/null";
  char* const node_env[] = {utc, no_settings, preload[0] == '\0' ? nullptr : preload, nullptr};
  execve(node, node_argv, node_env);
  const int error = errno;
  close(fd);
  if (guard_fd >= 0) close(guard_fd);
  return {"cannot start", node, error};
}

}  // namespace ociwrap
