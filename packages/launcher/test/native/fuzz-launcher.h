// What the launcher reads of bytes that others wrote, put to arbitrary bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>

// One input: the first byte chooses what is read. The sanitizers end the program where memory is not respected, abort()
// where an answer cannot be right. The name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace ociwrap_test {

// How many kinds of input there are, and what each is called.
constexpr size_t kTargetCount = 8;
extern const char* const kTargetNames[kTargetCount];

// Makes `runs` inputs of a seed, the same ones for the same seed, and puts each. Says which input it was before the program
// is ended. Returns the exit status.
int put_seeded_inputs(uint64_t seed, uint64_t runs);

}  // namespace ociwrap_test
