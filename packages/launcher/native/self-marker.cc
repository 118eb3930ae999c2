// The text by which runtime-resolver knows a copy of this program, whatever its name or inode. It must lie within the
// first 4096 bytes of the file: the linker puts allocated notes right behind the program headers.
#include <stdint.h>

namespace {

struct SelfNote {
  uint32_t name_size;
  uint32_t text_size;
  uint32_t type;
  char name[8];
  char text[36];
};

__attribute__((used, section(".note.ociwrap"), aligned(4))) const SelfNote kSelfNote = {
    sizeof "ociwrap", sizeof "ociwrap:self:oci-runtime-wrapper", 1, "ociwrap", "ociwrap:self:oci-runtime-wrapper"};

}  // namespace
