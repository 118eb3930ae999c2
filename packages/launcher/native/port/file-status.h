#pragma once

#include "port-values.h"

namespace ociwrap::engine::port {

// Writes what stat(2) says as twelve numbers of 64 bits, in the order of STATUS in engine-system.ts. 0, or -ERANGE where the
// array has no room for them.
long give_status(const struct stat& found, Bytes numbers);

// Numbers of 64 bits at the start of the array.
template <size_t count>
long give_numbers(const uint64_t (&values)[count], Bytes numbers) {
  if (numbers.size < sizeof values) return -ERANGE;
  engine_copy(numbers.data, reinterpret_cast<const uint8_t*>(values), sizeof values);
  return 0;
}

}  // namespace ociwrap::engine::port
