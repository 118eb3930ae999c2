#pragma once

namespace ociwrap_test {

// After each run: what was mapped and not given back. A kernel does it when the process ends.
void end_kernel();

}  // namespace ociwrap_test
