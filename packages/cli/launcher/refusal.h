// A refusal that the launcher says itself, where Node cannot: the same line and the same record as src/refusal.ts,
// src/runtime-log.ts and src/format-record.ts make.
#pragma once

#include "text.h"

namespace ociwrap {

struct Refusal {
  const char* code;
  const char* hint;
  FixedText<1024> message;
};

// Where the runtime would append its own errors; empty when nowhere.
struct RuntimeLog {
  Text file;  // the value of --log
  bool json;  // --log-format json
};

// The record goes to the runtime's log, the line to stderr.
void tell_refusal(const Refusal& refusal, const RuntimeLog& log);

}  // namespace ociwrap
