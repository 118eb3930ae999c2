#include <sys/file.h>

#include "entry-beneath.h"
#include "js-values.h"

namespace ociwrap {
namespace {

// Strings that outlive the call, and the identity that the folder must still have.
struct RootArgument {
  std::string path;
  FileIdentity identity;
  RootFolder folder() const { return {path.c_str(), identity}; }
};

uint64_t to_uint64(Napi::Env env, Napi::Value value) {
  if (!value.IsBigInt()) throw Napi::TypeError::New(env, "expected a bigint");
  bool lossless;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

RootArgument root_of(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return {to_string(env, info[0]), {to_uint64(env, info[1]), to_uint64(env, info[2])}};
}

const char* name_of(EntryType type) {
  switch (type) {
    case EntryType::kFile:
      return "file";
    case EntryType::kDirectory:
      return "directory";
    case EntryType::kSymlink:
      return "symlink";
    case EntryType::kOther:
      break;
  }
  return "other";
}

Expected to_expected(Napi::Env env, Napi::Value value) {
  const std::string kind = value.ToString();
  if (kind == "empty-file") return Expected::kEmptyFile;
  if (kind == "file") return Expected::kFile;
  if (kind == "empty-directory") return Expected::kEmptyDirectory;
  if (kind == "symlink") return Expected::kSymlink;
  throw Napi::TypeError::New(env, "expected a kind of entry");
}

}  // namespace

Napi::Value js_look_beneath(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const RootArgument root = root_of(info);
  Entry entry;
  const Failure failure = look_beneath(root.folder(), to_string(env, info[3]), &entry);
  if (failure.call != nullptr) return to_js(env, failure);
  if (!entry.found) return env.Undefined();
  Napi::Object result = Napi::Object::New(env);
  result.Set("type", name_of(entry.type));
  result.Set("size", Napi::BigInt::New(env, entry.size));
  if (entry.type == EntryType::kSymlink) {
    result.Set("target", Napi::Buffer<char>::Copy(env, entry.target.data(), entry.target.size()));
  }
  return result;
}

Napi::Value js_remove_beneath(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const RootArgument root = root_of(info);
  const Expected expected = to_expected(env, info[4]);
  const std::string target = info[5].IsUndefined() ? "" : to_string(env, info[5]);
  Removal removal;
  const Failure failure = remove_beneath(root.folder(), to_string(env, info[3]), expected, target, &removal);
  if (failure.call != nullptr) return to_js(env, failure);
  const char* said = removal == Removal::kRemoved   ? "removed"
                     : removal == Removal::kMissing ? "missing"
                                                    : "different";
  return Napi::String::New(env, said);
}

Napi::Value js_list_beneath(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const RootArgument root = root_of(info);
  std::vector<std::string> names;
  const size_t limit = info[4].ToNumber().Uint32Value();
  const Failure failure = list_beneath(root.folder(), to_string(env, info[3]), limit, &names);
  if (failure.call != nullptr) return to_js(env, failure);
  Napi::Array result = Napi::Array::New(env, names.size());
  for (uint32_t index = 0; index < names.size(); index++) {
    result.Set(index, Napi::Buffer<char>::Copy(env, names[index].data(), names[index].size()));
  }
  return result;
}

Napi::Value js_try_lock(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const long result = checked(syscall(SYS_flock, info[0].ToNumber().Int32Value(), LOCK_EX | LOCK_NB));
  if (result == 0 || result == -EWOULDBLOCK) return Napi::Boolean::New(env, result == 0);
  return to_js(env, {"flock", static_cast<int>(-result)});
}

}  // namespace ociwrap
