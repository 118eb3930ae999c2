#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "beneath-open.h"
#include "js-values.h"

namespace ociwrap {
namespace {

constexpr int kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;
constexpr int kWaiting = 16;
// Of the text that comes with a descriptor: runtimes send the name of a terminal.
constexpr size_t kMostText = 4096;
// SCM_MAX_FD of the kernel: no message holds more, so none is cut off.
constexpr size_t kMostDescriptors = 253;

Napi::Value failed_call(Napi::Env env, const char* call, long result) { return to_js(env, failure(call, result)); }

// The descriptors of a message, the first of which is handed on if it is the only one.
struct Received {
  int first = -1;
  size_t count = 0;
};

Received take_descriptors(struct msghdr* message) {
  Received taken;
  for (struct cmsghdr* part = CMSG_FIRSTHDR(message); part != nullptr; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < count; index++) {
      int fd;
      memcpy(&fd, CMSG_DATA(part) + index * sizeof fd, sizeof fd);
      if (taken.count++ == 0) {
        taken.first = fd;
      } else {
        syscall(SYS_close, fd);
      }
    }
  }
  return taken;
}

}  // namespace

Napi::Value js_listen_unix(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = to_string(env, info[0]);
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return failed_call(env, "bind", -ENAMETOOLONG);
  // An empty one would be bound to a name that the kernel makes up.
  if (path.empty()) return failed_call(env, "bind", -ENOENT);
  memcpy(address.sun_path, path.data(), path.size());
  Fd fd(checked(syscall(SYS_socket, AF_UNIX, SOCK_STREAM | kFlags, 0)));
  if (fd.get() < 0) return failed_call(env, "socket", fd.get());
  long failed = checked(syscall(SYS_bind, fd.get(), &address, sizeof address));
  if (failed != 0) return failed_call(env, "bind", failed);
  failed = checked(syscall(SYS_listen, fd.get(), kWaiting));
  if (failed != 0) return failed_call(env, "listen", failed);
  return Napi::Number::New(env, static_cast<double>(fd.release()));
}

Napi::Value js_accept_unix(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const long fd =
      checked(syscall(SYS_accept4, info[0].ToNumber().Int32Value(), nullptr, nullptr, kFlags));
  if (fd < 0) return failed_call(env, "accept4", fd);
  return Napi::Number::New(env, static_cast<double>(fd));
}

Napi::Value js_receive_descriptor(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  char text[kMostText];
  alignas(struct cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))];
  struct iovec data = {text, sizeof text};
  struct msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const long length = checked(
      syscall(SYS_recvmsg, info[0].ToNumber().Int32Value(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
  if (length < 0) return failed_call(env, "recvmsg", length);
  const Received received = take_descriptors(&message);
  Fd first(received.first);
  if (length == 0 && received.count == 0) return failed_call(env, "recvmsg", -ECONNRESET);
  if (received.count != 1) return failed_call(env, "recvmsg", -EBADMSG);
  Napi::Object result = Napi::Object::New(env);
  result.Set("text", Napi::Buffer<char>::Copy(env, text, static_cast<size_t>(length)));
  result.Set("descriptor", Napi::Number::New(env, static_cast<double>(first.get())));
  first.release();
  return result;
}

}  // namespace ociwrap
