// A refusal that the launcher says itself, where the engine cannot: the same line and the same records as refusal.ts,
// runtime-log.ts and run-wrapper.ts of packages/cli make.
#pragma once

#include "log-record.h"

namespace ociwrap {

struct Refusal {
  const char* code = "";
  const char* hint = "";
  FixedText<6 * PATH_MAX + 256> message;  // printable: a byte of a path may become an escape of six
};

// The record goes to the runtime's --log and to our log, the line to stderr.
void tell_refusal(const Refusal& refusal, const CallFacts& facts, char* const* env);

// The line alone, in the name of a program.
void tell_on_stderr(const Refusal& refusal, const char* program);

}  // namespace ociwrap
