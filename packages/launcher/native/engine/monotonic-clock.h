#pragma once

#include <time.h>

#include "system-calls.h"

namespace ociwrap::engine {

// CLOCK_MONOTONIC in nanoseconds.
inline int64_t monotonic_now() {
  timespec now;
  raw::read_clock(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000 + now.tv_nsec;
}

}  // namespace ociwrap::engine
