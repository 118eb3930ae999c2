#include <sys/prctl.h>

#include "js-values.h"
#include "kernel.h"

namespace ociwrap {

Napi::Value js_set_child_subreaper(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const unsigned long on = info[0].ToBoolean() ? 1 : 0;
  const long failed = checked(syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, on, 0, 0, 0));
  if (failed != 0) return to_js(env, {"prctl", static_cast<int>(-failed)});
  return env.Undefined();
}

Napi::Value js_is_child_subreaper(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int on = 0;
  const long failed = checked(syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &on, 0, 0, 0));
  if (failed != 0) return to_js(env, {"prctl", static_cast<int>(-failed)});
  return Napi::Boolean::New(env, on != 0);
}

}  // namespace ociwrap
