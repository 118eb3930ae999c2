// Ids of a container's user namespace: a namespace that no process stays in, from which an id-mapped mount (mount_setattr(2)) takes its
// mappings, and the ids that this process has for files.
#include <linux/capability.h>
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

// A call of setfsuid or setfsgid gives what was there before, and says nothing of a failure.
bool set_id(long call, int64_t id) {
  raw::call(call, id);
  return raw::call(call, -1) == id;
}

}  // namespace

// A uid and a gid. The kernel takes the capabilities over files out of the effective set where the uid stops being 0
// (cap_task_fix_setuid, LSM_SETID_FS): they are put back.
Value setFileSystemIds(const Arguments& arguments) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  const long unknown = raw::call(SYS_capget, raw::number(&header), raw::number(sets));
  if (unknown != 0) return answer(unknown);
  const bool done = set_id(SYS_setfsgid, integer_at(arguments, 1)) && set_id(SYS_setfsuid, integer_at(arguments, 0));
  const long failed = raw::call(SYS_capset, raw::number(&header), raw::number(sets));
  return answer(failed != 0 ? failed : done ? 0 : -EPERM);
}

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
