// The cheap test that comes before any parse: does a trigger text of an active rule occur in config.json?
#pragma once

#include "text.h"

namespace ociwrap {

constexpr size_t kMaxTriggers = 64;
constexpr size_t kMaxTriggerSize = 256;

// The trigger texts of the active rules. None: no rule is active.
struct Triggers {
  Text texts[kMaxTriggers];
  size_t count;
  bool every;  // no text tells: a rule looks at every container
};

// Whether a text can be searched for in raw bytes: characters that an encoder may write as an escape, or in more than
// one way, are none of these. Short enough, and not empty.
bool is_plain_trigger(Text text);

// False, and nothing changed, when `text` is no plain trigger or there are too many.
bool add_trigger(Triggers* triggers, Text text);

enum class ScanResult {
  kClear,    // proof that no rule acts on this file
  kTrigger,  // a trigger text occurs, or an escape that could spell a character of one
  kFailed,   // the file cannot be read
};

// Reads `fd` to its end. Says kTrigger for exactly the files for which mayClaim() of rootfs-rewriter says true.
ScanResult scan_for_triggers(int fd, const Triggers& triggers);

enum class ConfigState {
  kClear,
  kMissing,  // ENOENT or ENOTDIR: there is nothing that could have been asked of a rule
  kDoubt,    // everything else: a trigger, a FIFO, an error, more than the TypeScript side reads
};

// Looks at config.json of the bundle `dir` as readBundleConfig() of runtime-spec opens it. An empty `dir` is ".".
ConfigState look_at_config(const char* dir, const Triggers& triggers);

}  // namespace ociwrap
