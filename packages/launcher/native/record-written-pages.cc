// Rehearses a call and prints which pages of the engine's memory it wrote to, a range a line: the first page and how many. Run when
// the package is made (tools/build-program.mjs).
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "engine-memory.h"
#include "engine.h"

namespace {

constexpr size_t kPage = 4096;
constexpr uint32_t kPagesOfWasm = 65536 / kPage;

// Documentation/admin-guide/mm/pagemap.rst: 64 bits a page. A page of a file that is mapped privately is no longer the file's
// once it was written to.
constexpr uint64_t kIsPresent = uint64_t{1} << 63;
constexpr uint64_t kIsOfFile = uint64_t{1} << 61;

void print_range(uint32_t first, uint32_t end) {
  if (end > first) printf("%u %u\n", first, end - first);
}

}  // namespace

int main(int argc, char** argv, char** env) {
  const ociwrap::EngineEnd end = ociwrap::run_engine({"rehearsal", false, argc, argv, env, argv[0], kPage, {}});
  if (end.failure != ociwrap::EngineFailure::kNone || end.status != 0) {
    fprintf(stderr, "the rehearsal failed: %.*s\n", static_cast<int>(end.text.size()), end.text.data());
    return 1;
  }
  const int map = open("/proc/self/pagemap", O_RDONLY);
  uint32_t first = 0, page = 0;
  for (; page < engine_memory_pages * kPagesOfWasm; page++) {
    uint64_t entry;
    const off_t at = static_cast<off_t>((ENGINE_MEMORY_AT / kPage + page) * sizeof entry);
    if (pread(map, &entry, sizeof entry, at) != sizeof entry) {
      perror("/proc/self/pagemap");
      return 1;
    }
    if ((entry & kIsPresent) != 0 && (entry & kIsOfFile) == 0) continue;
    print_range(first, page);
    first = page + 1;
  }
  print_range(first, page);
  return 0;
}
