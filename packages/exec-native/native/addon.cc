#include "js-values.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
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
  return exports;
}

}  // namespace

NODE_API_MODULE(exec_native, Init)
