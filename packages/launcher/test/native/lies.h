// Where the lies come from: the bytes of one input. Each decision takes a few of them, and where none are left it takes zeros, by
// which everything comes to its end.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ociwrap_test {

void start_lies(const uint8_t* data, size_t size);

// Whether anything is left.
bool has_lies();

uint32_t lie_byte();
uint32_t lie_word();
// Less than the limit, which is not 0 and less than 65,536.
uint32_t lie_below(uint32_t limit);
// Seldom, in most inputs: what nearly always lies is found out at once, and what comes behind is never tried.
bool lies_now();

// Content: names, paths, JSON, lists of texts, UTF-8 and bytes that are none. All of the size is filled; none is closed by a NUL.
void write_content(uint8_t* to, size_t size);

}  // namespace ociwrap_test
