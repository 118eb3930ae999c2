// Text into the engine and out of it.
#pragma once

#include "text.h"

namespace ociwrap::engine {

// Addresses in the engine's memory; what they name is never freed, since the process ends with the call.
uint32_t new_c_string(Text text);
// A box.
uint32_t new_string(Text text);

// What String() makes of a boxed value. A text that says so where that cannot be told.
Text text_of(uint32_t box);
// The text, and the member `stack` of what was thrown below it. Of a long one the start is kept.
Text with_stack(Text text, uint32_t thrown);

}  // namespace ociwrap::engine
