#include "refusal.h"

#include <limits.h>
#include <unistd.h>

#include "system-calls.h"

namespace ociwrap {
namespace {

RecordText text;
RecordText record;

void append_record(RecordText* out, bool json, Text message) {
  out->append(json ? "{\"time\":\"" : "time=");
  append_now(out);
  out->append(json ? "\",\"level\":\"error\",\"msg\":" : " level=error msg=");
  append_json_text(out, message);
  out->append(json ? "}\n" : "\n");
}

// The line goes to stderr in any case; crun's two services are not read by any engine.
bool is_file(Text log) {
  const Text elsewhere[] = {"", "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"};
  for (const Text other : elsewhere) {
    if (log == other) return false;
  }
  return !starts_with(log, "syslog:") && !starts_with(log, "journald:");
}

// O_NONBLOCK: a FIFO in the file's place must not hang the call.
void append_to_file(Text log, Text record) {
  const Text scheme = "file:";
  FixedText<PATH_MAX> path;
  path.append(starts_with(log, scheme) ? Text(log.data() + scheme.size(), log.size() - scheme.size()) : log);
  if (path.overflowed()) return;
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC;
  const int fd = raw::open_at(AT_FDCWD, path.c_str(), flags, 0644);
  if (fd < 0) return;
  struct stat found;
  // A log that cannot be written changes nothing about a refusal.
  if (raw::stat(fd, &found) == 0 && S_ISREG(found.st_mode)) raw::write(fd, record.data(), record.size());
  raw::close(fd);
}

// refusalLine() of packages/cli/src/call/refusal.ts.
void put_line(const Refusal& refusal) {
  text.clear();
  text.append(refusal.message.view());
  text.append(" [");
  text.append(refusal.code);
  text.append("]: ");
  text.append(refusal.hint);
}

void write_line(const char* program) {
  record.clear();
  record.append(program);
  record.append(": ");
  record.append(text.view());
  record.append('\n');
  raw::write(STDERR_FILENO, record.view().data(), record.view().size());  // it may be closed; there is no one else to tell
}

}  // namespace

void tell_on_stderr(const Refusal& refusal, const char* program) {
  put_line(refusal);
  write_line(program);
}

void tell_refusal(const Refusal& refusal, const CallFacts& facts, char* const* env) {
  const Invocation& invocation = *facts.invocation;
  put_line(refusal);

  const Text log = invocation.log != nullptr ? invocation.log : "";
  if (is_file(log)) {
    const bool json = invocation.log_format != nullptr && Text(invocation.log_format) == "json";
    record.clear();
    append_record(&record, json, text.view());
    append_to_file(log, record.view());
  }

  write_line("oci-runtime-wrapper");

  record.clear();
  append_refusal(&record, facts, refusal.message.view(), refusal.code, refusal.hint);
  LogSettings settings;
  read_log_settings(env, &settings);
  write_log(settings, record.view(), WhenTooLarge::kWrite);
}

}  // namespace ociwrap
