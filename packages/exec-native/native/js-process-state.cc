#include <fcntl.h>

#include "js-values.h"

namespace ociwrap {
namespace {

class RecordObject {
 public:
  RecordObject(Napi::Env env, Napi::ArrayBuffer buffer, const RecordView& record)
      : env_(env), buffer_(buffer), base_(static_cast<const uint8_t*>(buffer.Data())), record_(record) {}

  Napi::Object build() const {
    const RecordHeader& header = record_.header;
    Napi::Object state = Napi::Object::New(env_);
    state.Set("argv", strings(kArgv));
    state.Set("env", strings(kEnv));
    state.Set("execFn", string(kExecFn));
    Napi::Object exe = Napi::Object::New(env_);
    exe.Set("path", string(kExePath));
    exe.Set("dev", Napi::BigInt::New(env_, header.exe.device));
    exe.Set("ino", Napi::BigInt::New(env_, header.exe.inode));
    state.Set("exe", exe);
    const bool has_directory = header.sections[kWorkingDirectory].size > 1;
    state.Set("cwd", has_directory ? Napi::Value(string(kWorkingDirectory)) : env_.Undefined());
    state.Set("descriptors", descriptors());
    state.Set("signalMask", Napi::BigInt::New(env_, header.signal_mask));
    state.Set("ignoredSignals", Napi::BigInt::New(env_, header.ignored_signals));
    state.Set("limits", limits());
    state.Set("umask", header.umask);
    state.Set("parentDeathSignal", header.parent_death_signal);
    state.Set("record", Napi::Uint8Array::New(env_, header.total_size, buffer_, 0));
    return state;
  }

 private:
  Napi::Uint8Array view(const uint8_t* from, size_t size) const {
    const size_t offset = static_cast<size_t>(from - base_);
    return Napi::Uint8Array::New(env_, size, buffer_, offset);
  }

  Napi::Uint8Array string(Section section) const {
    return view(record_.sections[section], record_.header.sections[section].size - 1);
  }

  Napi::Array strings(Section section) const {
    Napi::Array list = Napi::Array::New(env_);
    const uint8_t* at = record_.sections[section];
    for (uint32_t index = 0; index < record_.header.sections[section].count; index++) {
      const size_t length = strlen(reinterpret_cast<const char*>(at));
      list.Set(index, view(at, length));
      at += length + 1;
    }
    return list;
  }

  Napi::Array descriptors() const {
    Napi::Array list = Napi::Array::New(env_);
    for (uint32_t index = 0; index < record_.header.sections[kDescriptors].count; index++) {
      const Descriptor found = descriptor_at(record_, index);
      Napi::Object entry = Napi::Object::New(env_);
      entry.Set("fd", found.fd);
      entry.Set("closeOnExec", found.flags != 0);
      list.Set(index, entry);
    }
    return list;
  }

  Napi::Array limits() const {
    Napi::Array list = Napi::Array::New(env_);
    for (uint32_t resource = 0; resource < kLimitCount; resource++) {
      Napi::Object entry = Napi::Object::New(env_);
      entry.Set("soft", Napi::BigInt::New(env_, record_.header.limits[resource].soft));
      entry.Set("hard", Napi::BigInt::New(env_, record_.header.limits[resource].hard));
      list.Set(resource, entry);
    }
    return list;
  }

  Napi::Env env_;
  Napi::ArrayBuffer buffer_;
  const uint8_t* base_;
  const RecordView& record_;
};

Napi::Value to_state(Napi::Env env, Napi::ArrayBuffer buffer) {
  RecordView record;
  const uint8_t* bytes = static_cast<const uint8_t*>(buffer.Data());
  if (const char* reason = parse_record(bytes, buffer.ByteLength(), &record)) return invalid_record(env, reason);
  return RecordObject(env, buffer, record).build();
}

// What write_record leaves. F_GET_SEALS fails with EINVAL for anything that is no memfd.
constexpr long kRequiredSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

}  // namespace

Napi::Value js_read_process_state(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "expected a number");
  const int fd = info[0].As<Napi::Number>().Int32Value();
  const long seals = descriptor_control(fd, F_GET_SEALS, 0);
  if (seals < 0 && seals != -EINVAL) return to_js(env, {"fcntl", static_cast<int>(-seals)});
  if (seals < 0) return invalid_record(env, "the descriptor is no memfd");
  if ((seals & kRequiredSeals) != kRequiredSeals) return invalid_record(env, "it is not sealed");

  struct stat found;
  const long failed = stat_descriptor(fd, &found);
  if (failed != 0) return to_js(env, {"fstat", static_cast<int>(-failed)});
  const uint64_t size = static_cast<uint64_t>(found.st_size);
  if (size > kRecordMaxSize) return invalid_record(env, "it is too large");
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, size);
  for (uint64_t done = 0; done < size;) {
    const ssize_t length = pread(fd, static_cast<uint8_t*>(buffer.Data()) + done, size - done, done);
    if (length < 0 && errno != EINTR) return to_js(env, {"pread", errno});
    if (length == 0) return invalid_record(env, "it ends too early");
    if (length > 0) done += static_cast<uint64_t>(length);
  }
  return to_state(env, buffer);
}

// The same for bytes that are in memory; the memfd's checks do not apply.
Napi::Value js_parse_process_state(const Napi::CallbackInfo& info) {
  const ByteSpan bytes = to_bytes(info.Env(), info[0]);
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(info.Env(), bytes.size);
  if (bytes.size > 0) memcpy(buffer.Data(), bytes.data, bytes.size);
  return to_state(info.Env(), buffer);
}

}  // namespace ociwrap
