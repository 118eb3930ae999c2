// What host functions read of their arguments and give back. Nothing that the engine says of its memory is believed: an
// address or a length that lies outside of it ends the engine's run as a trap.
#pragma once

#include <errno.h>

#include "host-function.h"
#include "real-path.h"
#include "system-calls.h"

namespace ociwrap::engine::port {

// Bytes of a typed array, in the engine's memory: to be read and written until the engine runs again, no longer.
struct Bytes {
  uint8_t* data;
  size_t size;
  Text text() const { return {reinterpret_cast<const char*>(data), size}; }
};

// Of a value that is no typed array, no bytes.
Bytes bytes_at(const Arguments& arguments, uint32_t index);

// Of a value that is no number 0, and of one that is too large the largest.
int64_t integer_at(const Arguments& arguments, uint32_t index);
inline int descriptor_at(const Arguments& arguments, uint32_t index) {
  return static_cast<int>(integer_at(arguments, index));
}

// A path: text, or bytes. 0, or a negative errno: EINVAL for one with a NUL in it, as Node.js has it, ENAMETOOLONG.
// A lone surrogate in a text becomes U+FFFD, as TextEncoder has it.
long path_at(const Arguments& arguments, uint32_t index, PathBuffer* out);

// The UTF-8 of a text, closed by a NUL, in memory that free_text gives back. Null where the engine has no memory left: then
// an error is thrown in it.
struct EngineText {
  uint32_t address;
  Bytes bytes;
};
EngineText text_at(const Arguments& arguments, uint32_t index);
void free_text(const EngineText& text);

// Pointers to texts that stand one behind the other, each closed by a NUL, and a null pointer behind them; null where there
// is no memory for them.
char** pointers_to(Bytes texts);

// A Uint8Array with these bytes; kException, with an error thrown, where the engine has no memory left.
Value new_bytes(Text bytes);

// What a system call gave: 0 or more, or a negative errno.
inline Value answer(long result) { return integer(result); }

// A negative errno that says which call failed, where that is not the one that the host function is named after; the number
// is an index in FAILED_CALLS of engine-system.ts.
enum class Call {
  kNamed, kOpen, kFstat, kOpenat, kOpenat2, kStatx, kReadlinkat, kUnlinkat, kGetdents64, kFlock,
  kMkdirat, kMknodat, kSymlinkat, kLinkat, kRead, kWrite, kFtruncate, kLseek, kFchown, kFchmod, kUtimensat,
  kFlistxattr, kFgetxattr, kFsetxattr, kMmap,
};
constexpr long kCallUnit = 4096;  // no errno is that large (MAX_ERRNO of the kernel is 4095)
inline long failed(Call call, long negative_errno) { return negative_errno - kCallUnit * static_cast<long>(call); }

// Repeats a call that a signal has interrupted.
template <typename SystemCall>
long uninterrupted(SystemCall call) {
  long result;
  do result = call();
  while (result == -EINTR);
  return result;
}

// A list of texts without a NUL, each closed by one, that grows in the engine's memory and becomes a Uint8Array.
class TextList {
 public:
  // False where the engine has no memory left.
  bool append(Text text);
  // The array; kException, with an error thrown, where there was no memory for all of it.
  Value take();

 private:
  bool grow(size_t needed);
  uint32_t address_ = 0;
  size_t size_ = 0;
  size_t capacity_ = 0;
  bool failed_ = false;
};

// A descriptor that is closed when it goes out of sight.
class Descriptor {
 public:
  explicit Descriptor(long fd) : fd_(fd) {}
  ~Descriptor() { reset(-1); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void reset(long fd) {
    if (fd_ >= 0) raw::close(static_cast<int>(fd_));
    fd_ = fd;
  }
  long get() const { return fd_; }
  // The caller's from now on.
  long release() {
    const long fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  long fd_;
};

// Calls `take` with each name in an open folder, but for `.` and `..`, until it gives false. 0 or a negative errno.
template <typename Take>
long each_name(long folder, Take take) {
  // struct linux_dirent64 (getdents(2)): inode, offset, record length, type, name.
  constexpr size_t kLengthAt = 16, kNameAt = 19;
  alignas(8) static char buffer[32768];
  for (;;) {
    const long size = raw::call(SYS_getdents64, folder, raw::number(buffer), sizeof buffer);
    if (size <= 0) return size;
    uint16_t length;
    for (long at = 0; at < size; at += length) {
      __builtin_memcpy(&length, buffer + at + kLengthAt, sizeof length);
      const Text name(buffer + at + kNameAt);
      if (name != "." && name != ".." && !take(name)) return 0;
    }
  }
}

}  // namespace ociwrap::engine::port
