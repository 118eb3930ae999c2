// What the kernel gave to this process, and execve(2).
#include "engine-call.h"
#include "engine-window.h"
#include "file-status.h"
#include "held-signals.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

long give_path(Text path, Bytes buffer) {
  if (path.size() > buffer.size) return -ERANGE;
  engine_copy(buffer.data, reinterpret_cast<const uint8_t*>(path.data()), path.size());
  return static_cast<long>(path.size());
}

Value list_of(char* const* texts) {
  TextList list;
  for (; *texts != nullptr; texts++) list.append(*texts);
  return list.take();
}

constexpr char kOwnFile[] = "/proc/self/exe";

}  // namespace

Value argv(const Arguments&) { return list_of(engine_call().argv); }

Value environment(const Arguments&) { return list_of(engine_call().env); }

// What the fast path found out about this call; no bytes where it did not.
Value foundCall(const Arguments&) { return new_bytes(engine_call().found); }

Value execFn(const Arguments& arguments) { return answer(give_path(engine_call().exec_fn, bytes_at(arguments, 0))); }

// The path into the first array, device and inode into the second. Without /proc it is what AT_EXECFN leads to.
Value exe(const Arguments& arguments) {
  char target[PATH_MAX];
  PathBuffer path;
  path.clear();
  struct stat found;
  const long length = raw::read_link(kOwnFile, target, sizeof target);
  if (length > 0 && raw::stat(kOwnFile, &found) == 0) {
    path.append(Text(target, static_cast<size_t>(length)));
  } else if (!resolve_path(engine_call().exec_fn, &path) || raw::stat(path.c_str(), &found) != 0) {
    return answer(0);
  }
  const uint64_t identity[] = {found.st_dev, found.st_ino};
  const long failed = give_numbers(identity, bytes_at(arguments, 1));
  return answer(failed != 0 ? failed : give_path(path.view(), bytes_at(arguments, 0)));
}

Value cwd(const Arguments& arguments) {
  PathBuffer path;
  return answer(read_working_directory(&path) ? give_path(path.view(), bytes_at(arguments, 0)) : -ENOENT);
}

Value getpid(const Arguments&) { return answer(raw::call(SYS_getpid)); }

Value geteuid(const Arguments&) { return answer(raw::call(SYS_geteuid)); }

Value umask(const Arguments& arguments) { return answer(raw::call(SYS_umask, integer_at(arguments, 0))); }

Value isRunning(const Arguments& arguments) {
  const int pid = static_cast<int>(integer_at(arguments, 0));
  return boolean(raw::call(SYS_kill, pid, 0) != -ESRCH);
}

// And chdir(2): a working directory that stays outside would lead out of the new root.
Value chroot(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  const long failed = raw::call(SYS_chroot, raw::number(path.c_str()));
  return answer(failed != 0 ? failed : raw::call(SYS_chdir, raw::number("/")));
}

// Path, arguments, environment. The program that is started finds the signals as this one did.
Value execve(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  // Both before a look at either: to ask for the second the engine runs, and may change what stands in the first.
  const Bytes word_list = bytes_at(arguments, 1);
  const Bytes variable_list = bytes_at(arguments, 2);
  char** words = pointers_to(word_list);
  char** variables = pointers_to(variable_list);
  if (words == nullptr || variables == nullptr) return answer(-ENOMEM);
  let_signals_go();
  const long failed = raw::execve(path.c_str(), words, variables);
  hold_signals_back();
  return answer(failed);
}

}  // namespace ociwrap::engine::port
