#include "beneath.h"
#include "js-values.h"

namespace ociwrap {
namespace {

Napi::Value resolve_with(Failure (*resolve)(const char*, const char*, FoundFolder*),
                         const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string root = to_string(env, info[0]);
  const std::string path = to_string(env, info[1]);
  FoundFolder found;
  const Failure failure = resolve(root.c_str(), path.c_str(), &found);
  if (failure.call != nullptr) return to_js(env, failure);
  Napi::Object result = Napi::Object::New(env);
  result.Set("dev", Napi::BigInt::New(env, found.identity.device));
  result.Set("ino", Napi::BigInt::New(env, found.identity.inode));
  if (found.mount_root != MountRoot::kUnknown) {
    result.Set("isMountRoot", Napi::Boolean::New(env, found.mount_root == MountRoot::kYes));
  }
  return result;
}

}  // namespace

Napi::Value js_resolve_beneath(const Napi::CallbackInfo& info) { return resolve_with(resolve_beneath, info); }

Napi::Value js_resolve_beneath_by_walk(const Napi::CallbackInfo& info) {
  return resolve_with(resolve_beneath_by_walk, info);
}

}  // namespace ociwrap
