#include <fcntl.h>
#include <sys/ioctl.h>

#include "js-values.h"
#include "kernel.h"

namespace ociwrap {

Napi::Value js_open_pipe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int ends[2];
  const long failed = checked(syscall(SYS_pipe2, ends, O_CLOEXEC));
  if (failed != 0) return to_js(env, {"pipe2", static_cast<int>(-failed)});
  Napi::Object result = Napi::Object::New(env);
  result.Set("reading", ends[0]);
  result.Set("writing", ends[1]);
  return result;
}

Napi::Value js_close_descriptor(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const long failed = checked(syscall(SYS_close, info[0].ToNumber().Int32Value()));
  if (failed != 0) return to_js(env, {"close", static_cast<int>(-failed)});
  return env.Undefined();
}

Napi::Value js_window_size(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  struct winsize size = {};
  const long failed = checked(syscall(SYS_ioctl, info[0].ToNumber().Int32Value(), TIOCGWINSZ, &size));
  if (failed != 0) return to_js(env, {"ioctl", static_cast<int>(-failed)});
  Napi::Object result = Napi::Object::New(env);
  result.Set("columns", size.ws_col);
  result.Set("rows", size.ws_row);
  return result;
}

Napi::Value js_set_window_size(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  struct winsize size = {};
  size.ws_col = static_cast<unsigned short>(info[1].ToNumber().Uint32Value());
  size.ws_row = static_cast<unsigned short>(info[2].ToNumber().Uint32Value());
  const long failed = checked(syscall(SYS_ioctl, info[0].ToNumber().Int32Value(), TIOCSWINSZ, &size));
  if (failed != 0) return to_js(env, {"ioctl", static_cast<int>(-failed)});
  return env.Undefined();
}

}  // namespace ociwrap
