#include "js-values.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  ociwrap::init_watches(env);
  exports.Set("execve", Napi::Function::New<ociwrap::js_execve>(env));
  exports.Set("isMainThread", Napi::Function::New<ociwrap::js_is_main_thread>(env));
  exports.Set("readProcessState", Napi::Function::New<ociwrap::js_read_process_state>(env));
  exports.Set("parseProcessState", Napi::Function::New<ociwrap::js_parse_process_state>(env));
  exports.Set("mayExecute", Napi::Function::New<ociwrap::js_may_execute>(env));
  exports.Set("resolveBeneath", Napi::Function::New<ociwrap::js_resolve_beneath>(env));
  exports.Set("resolveBeneathByWalk", Napi::Function::New<ociwrap::js_resolve_beneath_by_walk>(env));
  exports.Set("lookBeneath", Napi::Function::New<ociwrap::js_look_beneath>(env));
  exports.Set("removeBeneath", Napi::Function::New<ociwrap::js_remove_beneath>(env));
  exports.Set("listBeneath", Napi::Function::New<ociwrap::js_list_beneath>(env));
  exports.Set("tryLock", Napi::Function::New<ociwrap::js_try_lock>(env));
  exports.Set("openPidfd", Napi::Function::New<ociwrap::js_open_pidfd>(env));
  exports.Set("signalPidfd", Napi::Function::New<ociwrap::js_signal_pidfd>(env));
  exports.Set("exitOf", Napi::Function::New<ociwrap::js_exit_of>(env));
  exports.Set("watchReadable", Napi::Function::New<ociwrap::js_watch_readable>(env));
  exports.Set("unwatchReadable", Napi::Function::New<ociwrap::js_unwatch_readable>(env));
  exports.Set("setChildSubreaper", Napi::Function::New<ociwrap::js_set_child_subreaper>(env));
  exports.Set("isChildSubreaper", Napi::Function::New<ociwrap::js_is_child_subreaper>(env));
  exports.Set("listenUnix", Napi::Function::New<ociwrap::js_listen_unix>(env));
  exports.Set("acceptUnix", Napi::Function::New<ociwrap::js_accept_unix>(env));
  exports.Set("receiveDescriptor", Napi::Function::New<ociwrap::js_receive_descriptor>(env));
  exports.Set("openPipe", Napi::Function::New<ociwrap::js_open_pipe>(env));
  exports.Set("closeDescriptor", Napi::Function::New<ociwrap::js_close_descriptor>(env));
  exports.Set("windowSize", Napi::Function::New<ociwrap::js_window_size>(env));
  exports.Set("setWindowSize", Napi::Function::New<ociwrap::js_set_window_size>(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(exec_native, Init)
