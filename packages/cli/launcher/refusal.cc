#include "refusal.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace ociwrap {
namespace {

using Line = FixedText<4096>;

void append_digits(Line* line, uint64_t number, int digits) {
  uint64_t divisor = 1;
  while (--digits > 0) divisor *= 10;
  for (; divisor > 0; divisor /= 10) line->append(static_cast<char>('0' + number / divisor % 10));
}

struct Date {
  uint64_t year, month, day;
};

// Years are counted from March, so that the leap day is the last of its year; an era is 400 years, 146097 days.
Date date_of(uint64_t days_since_1970) {
  const uint64_t days = days_since_1970 + 719468;  // since the first of March of the year 0
  const uint64_t era = days / 146097;
  const uint64_t day_of_era = days % 146097;
  const uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint64_t months_from_march = (5 * day_of_year + 2) / 153;
  const uint64_t month = months_from_march < 10 ? months_from_march + 3 : months_from_march - 9;
  const uint64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  return {year, month, day_of_year - (153 * months_from_march + 2) / 5 + 1};
}

// Date.prototype.toISOString. Not by strftime, which would make the program half as large again.
void append_time(Line* line) {
  timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  const uint64_t seconds = static_cast<uint64_t>(now.tv_sec);
  const Date date = date_of(seconds / 86400);
  const struct {
    uint64_t number;
    int digits;
    char end;
  } parts[] = {
      {date.year, 4, '-'},
      {date.month, 2, '-'},
      {date.day, 2, 'T'},
      {seconds / 3600 % 24, 2, ':'},
      {seconds / 60 % 60, 2, ':'},
      {seconds % 60, 2, '.'},
      {static_cast<uint64_t>(now.tv_nsec) / 1000000, 3, 'Z'},
  };
  for (const auto& part : parts) {
    append_digits(line, part.number, part.digits);
    line->append(part.end);
  }
}

// The message holds no control character: whoever made it has escaped what is not ours.
void append_quoted(Line* line, Text text) {
  line->append('"');
  for (const char character : text) {
    if (character == '"' || character == '\\') line->append('\\');
    line->append(character);
  }
  line->append('"');
}

void append_record(Line* line, bool json, Text message) {
  line->append(json ? "{\"time\":\"" : "time=");
  append_time(line);
  line->append(json ? "\",\"level\":\"error\",\"msg\":" : " level=error msg=");
  append_quoted(line, message);
  line->append(json ? "}\n" : "\n");
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
  path.append(starts_with(log, scheme) ? log.substr(scheme.size()) : log);
  if (path.overflowed()) return;
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0644);
  if (fd < 0) return;
  struct stat found;
  if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
    const ssize_t written = write(fd, record.data(), record.size());
    (void)written;  // a log that cannot be written changes nothing about a refusal
  }
  close(fd);
}

}  // namespace

void tell_refusal(const Refusal& refusal, const RuntimeLog& log) {
  Line message;
  message.append(refusal.message.view());
  message.append(" [");
  message.append(refusal.code);
  message.append("]: ");
  message.append(refusal.hint);
  if (is_file(log.file)) {
    Line record;
    append_record(&record, log.json, message.view());
    append_to_file(log.file, record.view());
  }
  Line line;
  line.append("oci-runtime-wrapper: ");
  line.append(message.view());
  line.append('\n');
  const ssize_t written = write(STDERR_FILENO, line.view().data(), line.view().size());
  (void)written;  // stderr may be closed; there is no one else to tell
}

}  // namespace ociwrap
