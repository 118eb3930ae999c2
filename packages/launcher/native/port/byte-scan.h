// Bytes compared and looked for sixteen at a time, as both architectures have registers for (vector extensions of GCC and
// Clang): documents have megabytes. What the fast path has for the same (bytes.h) is for short texts.
#pragma once

#include "text.h"

namespace ociwrap::engine::port {

bool same_bytes(Text one, Text other);

// Where `part`, which is not empty, first stands in the text, or the size of the text.
size_t find_part(Text text, Text part);

}  // namespace ociwrap::engine::port
