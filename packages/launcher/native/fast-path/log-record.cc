#include "log-record.h"

#include <sys/resource.h>
#include <sys/sysmacros.h>

#include "generated/program-version.h"
#include "system-calls.h"

namespace ociwrap {
namespace {

// DEFAULT_LOG_FILE of wrapper-log.ts.
constexpr char kDefaultLogFile[] = "/var/log/sgs-runtime-wrapper.log";
// DEFAULT_MAX_SIZE there.
constexpr off_t kMostOfLog = 10 * 1024 * 1024;
constexpr const char* kLevelNames[] = {"debug", "info", "warn", "error"};

// A character of a text that people read, inside a JSON string. printable() makes an escape of what is not printable, and
// JSON escapes its backslash once more; a control character is never left for JSON.
void append_shown_character(RecordText* out, uint32_t character) {
  if (is_unprintable(character)) {
    out->append('\\');
    append_escape(out, character);
    return;
  }
  if (character == '"' || character == '\\') out->append('\\');
  append_character(out, character);
}

void append_shown(RecordText* out, Text bytes) {
  while (!bytes.empty() && !out->overflowed()) append_shown_character(out, take_character(&bytes));
}

// quoted() of runtime-spec, for texts that are not shortened.
void append_shown_quoted(RecordText* out, Text bytes) {
  append_shown_character(out, '"');
  while (!bytes.empty() && !out->overflowed()) {
    const uint32_t character = take_character(&bytes);
    if (character == '"' || character == '\\') append_shown_character(out, '\\');
    append_shown_character(out, character);
  }
  append_shown_character(out, '"');
}

void append_member(RecordText* out, const char* name) {
  out->append(",\"");
  out->append(name);
  out->append("\":");
}

void append_padded(RecordText* out, uint64_t number, int digits) {
  uint64_t tenfold = 1;
  while (--digits > 0) tenfold *= 10;
  for (; tenfold > 1 && number < tenfold; tenfold /= 10) out->append('0');
  out->append_number(number);
}

// The day of a count of days since 1970, in UTC. gmtime_r(3) would read TZ and /etc/localtime first. Counted in years
// that begin in March, so that the leap day is the last one (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
void append_date(RecordText* out, uint64_t days) {
  const uint64_t shifted = days + 719468;
  const uint64_t era = shifted / 146097;
  const uint64_t day_of_era = shifted % 146097;
  const uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint64_t month_from_march = (5 * day_of_year + 2) / 153;
  const uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  append_padded(out, era * 400 + year_of_era + (month <= 2 ? 1 : 0), 4);
  out->append('-');
  append_padded(out, month, 2);
  out->append('-');
  append_padded(out, day_of_year - (153 * month_from_march + 2) / 5 + 1, 2);
}

void append_time(RecordText* out, const timespec& now) {
  const uint64_t seconds = static_cast<uint64_t>(now.tv_sec);
  append_date(out, seconds / 86400);
  out->append('T');
  append_padded(out, seconds / 3600 % 24, 2);
  out->append(':');
  append_padded(out, seconds / 60 % 60, 2);
  out->append(':');
  append_padded(out, seconds % 60, 2);
  out->append('.');
  append_padded(out, static_cast<uint64_t>(now.tv_nsec) / 1000000, 3);
  out->append('Z');
}

// Milliseconds since the call began, with one decimal unless it is 0, as JavaScript writes such a number.
void append_duration(RecordText* out, const timespec& began) {
  timespec now;
  raw::read_clock(CLOCK_MONOTONIC, &now);
  const int64_t nanoseconds = (now.tv_sec - began.tv_sec) * 1000000000l + (now.tv_nsec - began.tv_nsec);
  const uint64_t tenths = static_cast<uint64_t>(nanoseconds + 50000) / 100000;
  out->append_number(tenths / 10);
  if (tenths % 10 == 0) return;
  out->append('.');
  out->append_number(tenths % 10);
}

void append_text_member(RecordText* out, const char* name, const char* value) {
  if (value == nullptr) return;
  append_member(out, name);
  append_json_text(out, value);
}

void begin_record(RecordText* out, LogLevel level) {
  out->append("{\"time\":\"");
  append_now(out);
  out->append("\",\"level\":\"");
  out->append(kLevelNames[static_cast<int>(level)]);
  out->append("\",\"msg\":\"");
}

// Behind the message. A call that is passed through has a runtime; one that is refused may have none.
void append_facts(RecordText* out, const CallFacts& facts) {
  const Invocation& invocation = *facts.invocation;
  out->append('"');
  append_text_member(out, "id", invocation.id);
  if (invocation.verb != nullptr) {
    append_member(out, "verb");
    out->append('"');
    // One character a byte, as parseInvocation() holds words.
    for (const char* at = invocation.verb; *at != '\0'; at++) append_shown_character(out, static_cast<uint8_t>(*at));
    out->append('"');
  }
  append_text_member(out, "bundle", invocation.bundle);
  if (facts.resolution->found) {
    append_member(out, "runtime");
    append_json_text(out, facts.resolution->path.view());
  }
  append_member(out, "durationMs");
  append_duration(out, facts.began);
  append_text_member(out, "version", kProgramVersion);
}

// Writing beyond RLIMIT_FSIZE ends the process with SIGXFSZ. The soft limit is lifted for the one write; where the
// hard one is in the way there is no record.
bool write_within_limit(int fd, off_t end, Text records) {
  Limit before;
  if (raw::exchange_limit(RLIMIT_FSIZE, nullptr, &before) != 0) return false;
  if (static_cast<uint64_t>(end) > before.hard) return false;
  const bool is_low = static_cast<uint64_t>(end) > before.soft;
  const Limit lifted = {before.hard, before.hard};
  if (is_low && raw::exchange_limit(RLIMIT_FSIZE, &lifted, nullptr) != 0) return false;
  const long written = raw::write(fd, records.data(), records.size());
  if (is_low) raw::exchange_limit(RLIMIT_FSIZE, &before, nullptr);
  return written == static_cast<long>(records.size());
}

// For those who want no log (Documentation/admin-guide/devices.txt).
bool is_null(const struct stat& found) {
  return S_ISCHR(found.st_mode) && found.st_rdev == makedev(1, 3);
}

}  // namespace

void read_log_settings(char* const* env, LogSettings* out) {
  const Text file = variable(env, "OCIWRAP_LOG_FILE");
  const Text level = variable(env, "OCIWRAP_LOG_LEVEL");
  out->file.clear();
  append_decoded(&out->file, file.empty() ? Text(kDefaultLogFile) : file);
  out->level = LogLevel::kInfo;
  for (int at = 0; at < 4; at++) {
    if (level == kLevelNames[at]) out->level = static_cast<LogLevel>(at);
  }
}

void append_records(RecordText* out, const CallFacts& facts, const char* reason, const LogSettings& settings) {
  const Resolution& resolution = *facts.resolution;
  for (size_t at = 0; at < resolution.warning_count && settings.level <= LogLevel::kWarn; at++) {
    const ResolverWarning& warning = resolution.warnings[at];
    begin_record(out, LogLevel::kWarn);
    append_shown(out, warning.before);
    append_shown_quoted(out, warning.about);
    append_shown(out, warning.after);
    append_facts(out, facts);
    out->append("}\n");
  }
  if (settings.level > LogLevel::kDebug) return;
  begin_record(out, LogLevel::kDebug);
  out->append("passed through");
  append_facts(out, facts);
  out->append(",\"decision\":\"pass\",\"reason\":\"");
  out->append(reason);
  out->append("\"}\n");
}

void append_refusal(RecordText* out, const CallFacts& facts, Text message, const char* code, const char* hint) {
  begin_record(out, LogLevel::kError);
  append_shown(out, message);
  append_facts(out, facts);
  out->append(",\"decision\":\"refuse\",\"code\":\"");
  out->append(code);
  out->append('"');
  append_text_member(out, "hint", hint);
  out->append("}\n");
}

void append_now(RecordText* out) {
  timespec now;
  raw::read_clock(CLOCK_REALTIME, &now);
  append_time(out, now);
}

void append_json_text(RecordText* out, Text text) {
  out->append('"');
  append_shown(out, text);
  out->append('"');
}

LogOutcome write_log(const LogSettings& settings, Text records, WhenTooLarge when_too_large) {
  if (records.empty()) return LogOutcome::kWritten;
  if (settings.file.overflowed()) return LogOutcome::kNotWritten;
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
  const int fd = raw::open_at(AT_FDCWD, settings.file.c_str(), flags, 0600);
  if (fd < 0) return LogOutcome::kNotWritten;
  struct stat found;
  bool is_written = raw::stat(fd, &found) == 0;
  if (is_written && !is_null(found)) {
    const bool may_be_longer = when_too_large == WhenTooLarge::kWrite || found.st_size <= kMostOfLog;
    is_written = S_ISREG(found.st_mode) && may_be_longer &&
                 write_within_limit(fd, found.st_size + static_cast<off_t>(records.size()), records);
    // Rotated out of sight before it was written.
    if (is_written && raw::stat(fd, &found) == 0 && found.st_nlink == 0) is_written = false;
  }
  raw::close(fd);
  return is_written ? LogOutcome::kWritten : LogOutcome::kNotWritten;
}

}  // namespace ociwrap
