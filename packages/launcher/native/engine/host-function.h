// A host function: what a member of the bundle's object `host` does. It gets values and gives one; where it gives
// kException, it has thrown an error in the engine.
#pragma once

#include "engine-values.h"
#include "text.h"

namespace ociwrap::engine {

class Arguments {
 public:
  // The values stand one behind the other in the engine's memory; they are the caller's.
  Arguments(uint32_t count, uint32_t values) : count_(count), values_(values) {}
  // undefined behind the last one, as in JavaScript.
  Value at(uint32_t index) const {
    return index < count_ ? read_value(values_ + index * static_cast<uint32_t>(sizeof(Value))) : kUndefined;
  }
  uint32_t count() const { return count_; }

 private:
  uint32_t count_;
  uint32_t values_;
};

using HostFunction = Value (*)(const Arguments&);

// Null where there is none of this name.
HostFunction find_host_function(Text name);

}  // namespace ociwrap::engine
