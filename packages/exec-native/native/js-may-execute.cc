#include <fcntl.h>

#include "js-values.h"
#include "kernel.h"

namespace ociwrap {
namespace {

constexpr long kFaccessat2 = 439;  // the same number on every architecture

// may_execute() of the launcher's system-calls.h: with the effective ids, as execve(2) asks. The call is missing before
// Linux 5.8, and old seccomp profiles of containers refuse what they do not know.
long try_to_execute(const char* path) {
  const long failed = checked(syscall(kFaccessat2, AT_FDCWD, path, X_OK, AT_EACCESS));
  if (failed != -ENOSYS && failed != -EPERM) return failed;
  return checked(syscall(SYS_faccessat, AT_FDCWD, path, X_OK));
}

}  // namespace

Napi::Value js_may_execute(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Napi::Boolean::New(env, try_to_execute(to_string(env, info[0]).c_str()) == 0);
}

}  // namespace ociwrap
