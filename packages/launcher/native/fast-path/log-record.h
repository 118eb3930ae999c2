// Our log: the records of src/format-record.ts and src/wrapper-log.ts, byte for byte.
#pragma once

#include <time.h>

#include "invocation.h"
#include "resolve-runtime.h"

namespace ociwrap {

// Longer than any record of a call that an engine makes. A longer one is left to the TypeScript side.
using RecordText = FixedText<32 * 1024>;

enum class LogLevel { kDebug, kInfo, kWarn, kError };

struct LogSettings {
  PathText file;
  LogLevel level;
};

// OCIWRAP_LOG_FILE and OCIWRAP_LOG_LEVEL.
void read_log_settings(char* const* env, LogSettings* out);

// What every record of a call says.
struct CallFacts {
  const Invocation* invocation;
  const Resolution* resolution;
  timespec began;  // CLOCK_MONOTONIC
};

// Appends a record for each warning, and the one that says why the call is passed through, as far as `settings` want
// them. Empty when they want none.
void append_records(RecordText* out, const CallFacts& facts, const char* reason, const LogSettings& settings);

// Appends the record of a refusal, whatever the settings: no level hides errors.
void append_refusal(RecordText* out, const CallFacts& facts, Text message, const char* code, const char* hint);

// The time as Date.prototype.toISOString writes it, and a text in quotes as formatRecord() writes it: made printable, then
// JSON.
void append_now(RecordText* out);
void append_json_text(RecordText* out, Text text);

enum class LogOutcome { kWritten, kNotWritten };

// What becomes of records for a log that is to be rotated, which the TypeScript side does.
enum class WhenTooLarge { kWrite, kLeave };

// Writes `records` to the log, at once. A log that cannot be written never stops a container: what is not written the TypeScript
// side writes, or tells that it cannot.
LogOutcome write_log(const LogSettings& settings, Text records, WhenTooLarge when_too_large);

}  // namespace ociwrap
