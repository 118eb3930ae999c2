#pragma once

#include "text.h"

namespace ociwrap::engine::port {

// How many bytes at the start are well-formed UTF-8 (Unicode 15, table 3-7).
size_t well_formed_length(Text text);

}  // namespace ociwrap::engine::port
