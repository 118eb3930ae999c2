#include <fcntl.h>

#include <algorithm>
#include <memory>

#include "js-values.h"
#include "kernel.h"
#include "libuv.h"

namespace ociwrap {
namespace {

// One wait for one descriptor, in the event loop of the thread that asked. It ends once: by the descriptor, by
// unwatchReadable, or with the thread.
struct Watch {
  napi_env env = nullptr;
  uint32_t id = 0;
  int fd = -1;  // a duplicate: libuv takes each descriptor once, and the caller may close the original at any time
  napi_ref callback = nullptr;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  std::unique_ptr<char[]> memory;
  uv_handle_s* handle() { return reinterpret_cast<uv_handle_s*>(memory.get()); }
  uv_poll_s* poll() { return reinterpret_cast<uv_poll_s*>(memory.get()); }
};

// The waits that have not ended, of one thread.
struct Watches {
  uint32_t last_id = 0;
  std::vector<Watch*> open;
};

Watch* watch_of(const uv_handle_s* handle) { return static_cast<Watch*>(uv_handle_get_data(handle)); }

void release(uv_handle_s* handle) {
  Watch* watch = watch_of(handle);
  // Last of what needs the environment: it may go with its last hook.
  if (watch->cleanup != nullptr) napi_remove_async_cleanup_hook(watch->cleanup);
  delete watch;
}

// Takes the watch off the list and closes it. `callback` is the function, for a last call.
void end(Watch* watch, napi_value* callback) {
  Watches* watches = nullptr;
  napi_get_instance_data(watch->env, reinterpret_cast<void**>(&watches));
  std::vector<Watch*>& open = watches->open;
  open.erase(std::remove(open.begin(), open.end(), watch), open.end());
  if (callback != nullptr) napi_get_reference_value(watch->env, watch->callback, callback);
  napi_delete_reference(watch->env, watch->callback);
  // Once it is stopped, libuv has no use for the descriptor; the memory it gives back a turn of the loop later.
  uv_poll_stop(watch->poll());
  syscall(SYS_close, watch->fd);
  uv_close(watch->handle(), release);
}

void on_ready(uv_poll_s* poll, int status, int) {
  Watch* watch = watch_of(reinterpret_cast<uv_handle_s*>(poll));
  const napi_env env = watch->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return end(watch, nullptr);
  napi_value callback, global, argument;
  end(watch, &callback);
  napi_get_global(env, &global);
  napi_create_int32(env, status, &argument);
  // Not napi_call_function: it would leave the microtasks for whoever comes next.
  const napi_status called = napi_make_callback(env, nullptr, global, callback, 1, &argument, nullptr);
  napi_value thrown;
  if (called == napi_pending_exception && napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
    napi_fatal_exception(env, thrown);
  }
  napi_close_handle_scope(env, scope);
}

// A thread that ends waits for these, so no handle is left in its loop.
void on_thread_end(napi_async_cleanup_hook_handle, void* data) { end(static_cast<Watch*>(data), nullptr); }

}  // namespace

void init_watches(Napi::Env env) { env.SetInstanceData<Watches>(new Watches()); }

Napi::Value js_watch_readable(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Function callback = info[1].As<Napi::Function>();
  uv_loop_s* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return to_js(env, {"uv_poll", ENOTSUP});
  const long fd = descriptor_control(info[0].ToNumber().Int32Value(), F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return to_js(env, {"fcntl", static_cast<int>(-fd)});
  std::unique_ptr<Watch> watch(new Watch);
  watch->memory.reset(new char[uv_handle_size(kUvPoll)]());
  const int refused = uv_poll_init(loop, watch->poll(), static_cast<int>(fd));
  if (refused != 0) {
    // libuv keeps no handle that it did not initialize.
    syscall(SYS_close, fd);
    return to_js(env, {"uv_poll", -refused});
  }
  Watches* watches = env.GetInstanceData<Watches>();
  watch->env = env;
  watch->id = ++watches->last_id;
  watch->fd = static_cast<int>(fd);
  napi_create_reference(env, callback, 1, &watch->callback);
  uv_handle_set_data(watch->handle(), watch.get());
  uv_poll_start(watch->poll(), kUvReadable, on_ready);  // fails for a handle that is closing only
  napi_add_async_cleanup_hook(env, on_thread_end, watch.get(), &watch->cleanup);
  watches->open.push_back(watch.get());
  return Napi::Number::New(env, watch.release()->id);
}

Napi::Value js_unwatch_readable(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint32_t id = info[0].ToNumber().Uint32Value();
  for (Watch* watch : env.GetInstanceData<Watches>()->open) {
    if (watch->id != id) continue;
    end(watch, nullptr);
    break;
  }
  return env.Undefined();
}

}  // namespace ociwrap
