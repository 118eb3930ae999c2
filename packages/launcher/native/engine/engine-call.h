#pragma once

#include "engine.h"

namespace ociwrap::engine {

// The call that is being run.
const EngineCall& engine_call();

// Of CLOCK_MONOTONIC, in nanoseconds, when it began.
int64_t start_time();

}  // namespace ociwrap::engine
