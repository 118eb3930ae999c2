// A user namespace that no process stays in: an id-mapped mount (mount_setattr(2)) takes its mappings from one.
#include <linux/wait.h>
#include <sched.h>
#include <signal.h>

#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

using ProcessFile = FixedText<64>;

ProcessFile file_of(long pid, const char* name) {
  ProcessFile path;
  path.append("/proc/");
  path.append_number(static_cast<uint64_t>(pid));
  path.append(name);
  return path;
}

// The kernel takes a map in one write only.
long write_map(long pid, const char* name, const PathBuffer& map) {
  const Descriptor file(raw::open_at(AT_FDCWD, file_of(pid, name).c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) return file.get();
  const long written = uninterrupted(
      [&] { return long{raw::write(static_cast<int>(file.get()), map.view().data(), map.view().size())}; });
  return written < 0 ? written : written == static_cast<long>(map.view().size()) ? 0 : -EIO;
}

long mapped(long pid, const PathBuffer& uids, const PathBuffer& gids) {
  long wrong = write_map(pid, "/uid_map", uids);
  if (wrong == 0) wrong = write_map(pid, "/gid_map", gids);
  if (wrong != 0) return wrong;
  return raw::open_at(AT_FDCWD, file_of(pid, "/ns/user").c_str(), O_RDONLY | O_CLOEXEC);
}

}  // namespace

// The maps of uids and gids, as /proc/PID/uid_map takes them: the namespace's descriptor.
Value userNamespace(const Arguments& arguments) {
  PathBuffer uids;
  PathBuffer gids;
  const long unusable = path_at(arguments, 0, &uids);
  const long also = path_at(arguments, 1, &gids);
  if (unusable != 0 || also != 0) return answer(unusable != 0 ? unusable : also);
  // Without a signal for its end: the caller's disposition of SIGCHLD is none of its business.
  const long pid = raw::call(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0);
  if (pid < 0) return answer(pid);
  if (pid == 0) {
    // Waits to be killed, and never touches what it shares nothing of any more.
    for (;;) raw::call(SYS_ppoll, 0, 0, 0, 0, 0);
  }
  const long result = mapped(pid, uids, gids);
  raw::call(SYS_kill, pid, SIGKILL);
  uninterrupted([&] { return raw::call(SYS_wait4, pid, 0, __WALL, 0); });
  return answer(result);
}

}  // namespace ociwrap::engine::port
