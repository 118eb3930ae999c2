// One path at which the real runtime may be.
#pragma once

#include "resolve-runtime.h"

namespace ociwrap {

enum class Verdict { kTaken, kRejected, kUntrustedFolder, kScriptOfItself };

// Looks at one candidate. `is_beside`: it stands beside the name we were called by, in a folder that must be root's.
// `real` becomes where the path leads; empty where that cannot be said. `id` becomes
// that of the file that was looked at.
Verdict judge_candidate(const PathText& path, bool is_beside, const Self& self, PathBuffer* real, FileIdentity* id);

// Whether the path leads to this program, or to a copy of it.
bool leads_to_self(const PathText& path, const Self& self);

}  // namespace ociwrap
