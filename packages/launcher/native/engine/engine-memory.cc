#include "engine-memory.h"

#include <linux/mman.h>
#include <sys/mman.h>

#include "engine-window.h"
#include "snapshot.h"
#include "system-calls.h"
#include "written-pages.h"

// Writable and on pages of its own, so that its pages can be moved: they are then the file's, copied when first written to.
__asm__(
    ".section .snap,\"aw\",%progbits\n"
    ".balign 4096\n"
    ".global engine_snapshot\n"
    "engine_snapshot:\n"
    ".incbin \"snapshot.bin\"\n"
    ".balign 4096\n"
    ".previous\n");

extern "C" {
extern uint8_t engine_snapshot[];

u32 engine_memory_pages;
}

namespace ociwrap::engine {
namespace {

// Enough for any real configuration: one of 60 MB is rewritten, one of 200 MB is refused. No page of it costs anything until it
// is touched. Halved until it fits: a limit of the address space (RLIMIT_AS), or of what is promised
// (vm.overcommit_memory), is met by a smaller engine.
constexpr size_t kMost = size_t{256} << 20;
constexpr size_t kLeast = size_t{16} << 20;
constexpr size_t kPage = 65536;

u32 most_pages;  // of those that are reserved

// From here on the instructions for strings of bytes are the quicker way; below it their start costs more.
constexpr size_t kLong = 256;

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

bool reserve(size_t size) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  const long got = raw::call(SYS_mmap, ENGINE_MEMORY_AT, static_cast<long>(size), PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (got == static_cast<long>(ENGINE_MEMORY_AT)) return true;
  // Before Linux 4.17 the address is a wish, and something else may be there.
  if (got > 0) raw::call(SYS_munmap, got, static_cast<long>(size));
  return false;
}

struct Piece {
  uint32_t start;
  uint32_t size;
};
constexpr Piece kPieces[] = {SNAPSHOT_PIECES};

// What the program file and the pieces are aligned to. Pages of that size can be moved; those of arm64 may have 16 or 64 KiB.
constexpr size_t kMovable = 4096;

static_assert(SNAPSHOT_PAGES * kPage <= kLeast, "the smallest memory has no room for the snapshot");

bool move_snapshot() {
  uint8_t* from = engine_snapshot;
  for (const Piece& piece : kPieces) {
    const long moved = raw::call(SYS_mremap, raw::number(from), piece.size, piece.size,
                                 MREMAP_MAYMOVE | MREMAP_FIXED, ENGINE_MEMORY_AT + long{piece.start});
    if (moved < 0) return false;
    from += piece.size;
  }
  return true;
}

struct Pages {
  uint32_t first;
  uint32_t count;
};
constexpr Pages kWritten[] = {WRITTEN_PAGES{0, 0}};

void copy_snapshot() {
  const uint8_t* from = engine_snapshot;
  for (const Piece& piece : kPieces) {
    engine_copy(reinterpret_cast<uint8_t*>(ENGINE_MEMORY_AT + size_t{piece.start}), from, piece.size);
    from += piece.size;
  }
}

}  // namespace

bool open_memory(size_t page_size) {
  if (!is_window_free()) return false;
  size_t size = kMost;
  while (!reserve(size)) {
    size /= 2;
    if (size < kLeast) return false;
  }
  if (page_size != kMovable) {
    copy_snapshot();
  } else if (!move_snapshot()) {
    return false;
  }
  most_pages = static_cast<u32>(size / kPage);
  engine_memory_pages = SNAPSHOT_PAGES;
  return true;
}

void copy_written_pages() {
  for (const Pages* pages = kWritten; pages->count != 0; pages++) {
    const size_t start = ENGINE_MEMORY_AT + size_t{pages->first} * kMovable;
    const long failed = raw::call(SYS_madvise, static_cast<long>(start), long{pages->count} * kMovable, MADV_POPULATE_WRITE);
    if (failed != 0) return;  // by an older kernel, or for want of memory: then they are copied one by one, or not
  }
}

}  // namespace ociwrap::engine

using namespace ociwrap::engine;

u32 engine_memory_grow(u32 pages) {
  const u32 before = engine_memory_pages;
  if (pages > most_pages - before) return UINT32_MAX;
  engine_memory_pages = before + pages;
  return before;
}

// Eight bytes at a time, and long ones on x86 by the instruction that processors have for it. memcpy of libc chooses among
// ten ways, which it must look for when the program starts.
void engine_copy(u8* to, const u8* from, size_t size) {
  constexpr size_t kWord = sizeof(uint64_t);
  uint64_t word;
  if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) < size) {  // the end of one is the start of the other: backwards
    for (; size >= kWord; size -= kWord) {
      __builtin_memcpy(&word, from + size - kWord, kWord);
      __builtin_memcpy(to + size - kWord, &word, kWord);
    }
    for (; size > 0; size--) to[size - 1] = from[size - 1];
    return;
  }
#if defined(__x86_64__)
  if (size >= kLong) {
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return;
  }
#endif
  for (; size >= kWord; to += kWord, from += kWord, size -= kWord) {
    __builtin_memcpy(&word, from, kWord);
    __builtin_memcpy(to, &word, kWord);
  }
  for (; size > 0; size--) *to++ = *from++;
}

void engine_fill(u8* to, int value, size_t size) {
#if defined(__x86_64__)
  if (size >= kLong) {
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
    return;
  }
#endif
  const uint64_t word = 0x0101010101010101u * static_cast<u8>(value);
  for (; size >= sizeof word; to += sizeof word, size -= sizeof word) __builtin_memcpy(to, &word, sizeof word);
  for (; size > 0; size--) *to++ = static_cast<u8>(value);
}
