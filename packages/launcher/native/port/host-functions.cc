#include "host-function.h"

namespace ociwrap::engine {

#define HOST_FUNCTION(name) Value name(const Arguments&);
namespace port {
#include "host-functions.h"
}
#undef HOST_FUNCTION

namespace {

struct Entry {
  Text name;
  HostFunction function;
};

constexpr Entry kFunctions[] = {
#define HOST_FUNCTION(name) {Text(#name, sizeof #name - 1), port::name},
#include "host-functions.h"
#undef HOST_FUNCTION
};

int compare(Text one, Text other) {
  for (size_t at = 0; at < one.size() && at < other.size(); at++) {
    if (one[at] != other[at]) return one[at] < other[at] ? -1 : 1;
  }
  return one.size() == other.size() ? 0 : one.size() < other.size() ? -1 : 1;
}

}  // namespace

HostFunction find_host_function(Text name) {
  size_t low = 0;
  size_t high = sizeof kFunctions / sizeof *kFunctions;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = compare(kFunctions[middle].name, name);
    if (order == 0) return kFunctions[middle].function;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return nullptr;
}

}  // namespace ociwrap::engine
