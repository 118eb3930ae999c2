// The engine that lies: what quickjs.cc gives for each of the functions that lying-engine.cc does not know.
#pragma once

#include <stdint.h>

namespace ociwrap_test {

// Before each run: its memory as it is at the start of one.
void start_engine();

uint32_t lying_box();
uint32_t lying_flag();
uint64_t lying_value();

}  // namespace ociwrap_test
