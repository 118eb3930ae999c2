#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "js-values.h"
#include "kernel.h"

namespace ociwrap {
namespace {

// The same numbers on every architecture; the headers of glibc before 2.36 and of musl lack the names.
constexpr long kPidfdOpen = 434;
constexpr long kPidfdSendSignal = 424;
constexpr int kByPidfd = 3;  // P_PIDFD of waitid(2), since Linux 5.4

// struct pidfd_info of include/uapi/linux/pidfd.h in its first form, which has the exit code since Linux 6.15.
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t pid, tgid, ppid;
  uint32_t ids[8];
  int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64, "PIDFD_INFO_SIZE_VER0");
constexpr unsigned long kPidfdGetInfo = 0xc040ff0b;  // _IOWR(0xFF, 11, struct pidfd_info)
constexpr uint64_t kPidfdInfoExit = 1u << 3;

Napi::Value exited(Napi::Env env, int code) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("exitCode", code);
  return result;
}

Napi::Value killed(Napi::Env env, int signal) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("signal", signal);
  return result;
}

Napi::Value unknown(Napi::Env env, const char* why) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("unknown", why);
  return result;
}

// Readable once all threads of the process have ended; /proc/PID/stat says "Z" for a main thread that ended alone.
long has_ended(int pidfd) {
  struct pollfd watched = {pidfd, POLLIN, 0};
  const struct timespec now = {0, 0};
  const long count = checked(syscall(SYS_ppoll, &watched, 1, &now, nullptr, 0));
  if (count > 0 && (watched.revents & POLLNVAL) != 0) return -EBADF;
  return count;
}

Napi::Value exit_of_other(Napi::Env env, int pidfd) {
  const long ended = has_ended(pidfd);
  if (ended < 0) return to_js(env, {"ppoll", static_cast<int>(-ended)});
  if (ended == 0) return env.Undefined();
  // In this order: what the kernel keeps is there before the process can no longer be found.
  const bool reaped = checked(syscall(kPidfdSendSignal, pidfd, 0, nullptr, 0)) == -ESRCH;
  PidfdInfo info = {};
  info.mask = kPidfdInfoExit;
  const long failed = checked(syscall(SYS_ioctl, pidfd, kPidfdGetInfo, &info));
  if (failed != 0 || (info.mask & kPidfdInfoExit) == 0) return unknown(env, reaped ? "not-kept" : "not-reaped");
  // The form of waitpid(2).
  const int signal = info.exit_code & 0x7f;
  return signal == 0 ? exited(env, (info.exit_code >> 8) & 0xff) : killed(env, signal);
}

}  // namespace

Napi::Value js_open_pidfd(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  // The kernel sets FD_CLOEXEC on every pidfd.
  const long fd = checked(syscall(kPidfdOpen, info[0].ToNumber().Int32Value(), 0));
  if (fd < 0) return to_js(env, {"pidfd_open", static_cast<int>(-fd)});
  return Napi::Number::New(env, static_cast<double>(fd));
}

Napi::Value js_signal_pidfd(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int pidfd = info[0].ToNumber().Int32Value();
  const long failed = checked(syscall(kPidfdSendSignal, pidfd, info[1].ToNumber().Int32Value(), nullptr, 0));
  if (failed != 0) return to_js(env, {"pidfd_send_signal", static_cast<int>(-failed)});
  return env.Undefined();
}

Napi::Value js_exit_of(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int pidfd = info[0].ToNumber().Int32Value();
  // A second time for a child that ended between the two calls. One that ended and cannot be collected has a tracer.
  for (int attempt = 0; attempt < 2; attempt++) {
    siginfo_t found = {};
    // __WALL: also a child that its creator gave another signal than SIGCHLD to end with.
    const long failed =
        checked(syscall(SYS_waitid, kByPidfd, pidfd, &found, WEXITED | WNOHANG | __WALL, nullptr));
    if (failed == -ECHILD) return exit_of_other(env, pidfd);
    if (failed != 0) return to_js(env, {"waitid", static_cast<int>(-failed)});
    if (found.si_pid != 0) {
      return found.si_code == CLD_EXITED ? exited(env, found.si_status) : killed(env, found.si_status);
    }
    const long ended = has_ended(pidfd);
    if (ended < 0) return to_js(env, {"ppoll", static_cast<int>(-ended)});
    if (ended == 0) return env.Undefined();
  }
  return unknown(env, "not-reaped");
}

}  // namespace ociwrap
