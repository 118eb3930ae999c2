#include <fcntl.h>
#include <signal.h>

#include "js-values.h"

namespace ociwrap {
namespace {

std::vector<char*> to_vector(std::vector<std::string>* strings) {
  std::vector<char*> pointers;
  for (std::string& string : *strings) pointers.push_back(&string[0]);
  pointers.push_back(nullptr);
  return pointers;
}

// Without a record only what Node is known to alter in every process can be undone.
Failure execve_as_we_are(const char* file, char* const* argv, char* const* env) {
  const int altered[] = {SIGPIPE, SIGXFSZ};  // ignored by Node since its start
  KernelSigaction actions[2];
  long flags[3];
  for (int index = 0; index < 2; index++) {
    const KernelSigaction by_default = {kDefault, 0, 0, 0};
    get_signal_action(altered[index], &actions[index]);
    set_signal_action(altered[index], &by_default);
  }
  for (int fd = 0; fd < 3; fd++) {
    flags[fd] = descriptor_control(fd, F_GETFD, 0);
    descriptor_control(fd, F_SETFD, 0);
  }
  execve(file, argv, env);
  const Failure failure = {"execve", errno};
  for (int fd = 0; fd < 3; fd++) {
    if (flags[fd] > 0) descriptor_control(fd, F_SETFD, flags[fd]);
  }
  for (int index = 0; index < 2; index++) set_signal_action(altered[index], &actions[index]);
  return failure;
}

Failure execve_as_started(const RecordView& record, const char* file, char* const* argv, char* const* env) {
  // Everything is allocated before the state is put back: its limits may leave Node no memory.
  std::vector<uint8_t> close_on_exec(record.header.sections[kDescriptors].count);
  NodeState node;
  node.close_on_exec = close_on_exec.data();
  save_node_state(record, &node);
  Failure failure = restore_state(record, node);
  if (failure.call == nullptr) {
    execve(file, argv, env);
    failure = {"execve", errno};
  }
  restore_node_state(record, node);
  return failure;
}

}  // namespace

// execve(file, argv, env, record | undefined): returns only when it failed.
Napi::Value js_execve(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string file = to_string(env, info[0]);
  std::vector<std::string> argv_strings = to_strings(env, info[1]);
  std::vector<std::string> env_strings = to_strings(env, info[2]);
  const std::vector<char*> argv = to_vector(&argv_strings);
  const std::vector<char*> environment = to_vector(&env_strings);
  if (info[3].IsUndefined()) return to_js(env, execve_as_we_are(file.c_str(), argv.data(), environment.data()));

  const ByteSpan bytes = to_bytes(env, info[3]);
  RecordView record;
  if (const char* reason = parse_record(bytes.data, bytes.size, &record)) return invalid_record(env, reason);
  return to_js(env, execve_as_started(record, file.c_str(), argv.data(), environment.data()));
}

// PDEATHSIG belongs to the thread, and execve of another thread takes the place of the main one without it.
Napi::Value js_is_main_thread(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), syscall(SYS_gettid) == getpid());
}

}  // namespace ociwrap
