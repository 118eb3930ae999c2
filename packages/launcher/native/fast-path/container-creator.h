// Which runtime created the container of a call: src/container-creator.ts in C++.
#pragma once

#include "invocation.h"
#include "resolve-runtime.h"

namespace ociwrap {

// Whether the call is about a container that some runtime created before.
bool is_of_container(const Invocation& invocation);

// Of such a call: whether `usual`, the runtime that the call would have without SGS_RUNC_PATH, knows the container, and
// `chosen`, another one, does not.
bool is_creator(const Invocation& invocation, const Resolution& chosen, const Resolution& usual);

}  // namespace ociwrap
