// The checksum of the fast path's table, as packages/cli/src/fast-path/fast-path-table.ts has it.
#include "port-values.h"

namespace ociwrap::engine::port {

// FNV-1a, 64 bits.
Value fnv1a(const Arguments& arguments) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes_at(arguments, 0).text()) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  return vm_JS_NewBigUint64(context(), hash);
}

}  // namespace ociwrap::engine::port
