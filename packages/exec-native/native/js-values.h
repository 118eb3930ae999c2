// Values that cross the edge to JavaScript. A failed system call is returned as { syscall, errno } and an unusable
// record as { reason }; the TypeScript side makes errors of them. Wrong argument types throw a TypeError here.
#pragma once

#define NAPI_VERSION 8
#include <napi.h>

#include <string>
#include <vector>

#include "process-state.h"

namespace ociwrap {

inline Napi::Value to_js(Napi::Env env, const Failure& failure) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("syscall", failure.call);
  result.Set("errno", -failure.error);
  return result;
}

inline Napi::Value invalid_record(Napi::Env env, const char* reason) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("reason", reason);
  return result;
}

struct ByteSpan {
  const uint8_t* data;
  size_t size;
};

inline ByteSpan to_bytes(Napi::Env env, Napi::Value value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(env, "expected a Uint8Array");
  }
  const Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

inline std::string to_string(Napi::Env env, Napi::Value value) {
  const ByteSpan bytes = to_bytes(env, value);
  std::string text;
  if (bytes.size > 0) text.assign(reinterpret_cast<const char*>(bytes.data), bytes.size);
  if (text.find('\0') != std::string::npos) throw Napi::TypeError::New(env, "expected bytes without NUL");
  return text;
}

inline std::vector<std::string> to_strings(Napi::Env env, Napi::Value value) {
  if (!value.IsArray()) throw Napi::TypeError::New(env, "expected an array");
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<std::string> strings;
  for (uint32_t index = 0; index < array.Length(); index++) {
    strings.push_back(to_string(env, array.Get(index)));
  }
  return strings;
}

// The functions that addon.cc exports, each in the file that is named after what it works on.
Napi::Value js_execve(const Napi::CallbackInfo& info);
Napi::Value js_is_main_thread(const Napi::CallbackInfo& info);
Napi::Value js_read_process_state(const Napi::CallbackInfo& info);
Napi::Value js_parse_process_state(const Napi::CallbackInfo& info);
Napi::Value js_may_execute(const Napi::CallbackInfo& info);
Napi::Value js_resolve_beneath(const Napi::CallbackInfo& info);
Napi::Value js_resolve_beneath_by_walk(const Napi::CallbackInfo& info);
Napi::Value js_look_beneath(const Napi::CallbackInfo& info);
Napi::Value js_remove_beneath(const Napi::CallbackInfo& info);
Napi::Value js_list_beneath(const Napi::CallbackInfo& info);
Napi::Value js_try_lock(const Napi::CallbackInfo& info);
Napi::Value js_open_pidfd(const Napi::CallbackInfo& info);
Napi::Value js_signal_pidfd(const Napi::CallbackInfo& info);
Napi::Value js_exit_of(const Napi::CallbackInfo& info);
Napi::Value js_watch_readable(const Napi::CallbackInfo& info);
Napi::Value js_unwatch_readable(const Napi::CallbackInfo& info);
Napi::Value js_set_child_subreaper(const Napi::CallbackInfo& info);
Napi::Value js_is_child_subreaper(const Napi::CallbackInfo& info);
Napi::Value js_listen_unix(const Napi::CallbackInfo& info);
Napi::Value js_accept_unix(const Napi::CallbackInfo& info);
Napi::Value js_receive_descriptor(const Napi::CallbackInfo& info);
Napi::Value js_open_pipe(const Napi::CallbackInfo& info);
Napi::Value js_close_descriptor(const Napi::CallbackInfo& info);
Napi::Value js_window_size(const Napi::CallbackInfo& info);
Napi::Value js_set_window_size(const Napi::CallbackInfo& info);

// Before watchReadable and unwatchReadable are called.
void init_watches(Napi::Env env);

}  // namespace ociwrap
