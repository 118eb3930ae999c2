// What the engine imports: its host calls, and the few functions of WASI that it is linked with.
#pragma once

namespace ociwrap::engine {

// Which host function a name stands for is found anew from now on. Names are told apart by their addresses, and a realm may have
// let go of one.
void forget_host_functions();

}  // namespace ociwrap::engine
