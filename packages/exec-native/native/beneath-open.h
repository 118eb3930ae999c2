// Opening by openat2(2), for the files that look and act beneath a folder.
#pragma once

#include <fcntl.h>

#include "process-state.h"

namespace ociwrap {

// linux/openat2.h is younger than some of the systems this is built on.
struct OpenHow {
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};
constexpr long kOpenat2 = 437;  // the same number on every architecture
constexpr uint64_t kResolveNoXdev = 0x01;
constexpr uint64_t kResolveNoMagicLinks = 0x02;
constexpr uint64_t kResolveNoSymlinks = 0x04;
constexpr uint64_t kResolveBeneath = 0x08;
// openat2(2): EAGAIN means that a rename elsewhere may have led a ".." astray; the caller should try again.
constexpr int kAttempts = 64;

// The bit of stx_attributes, since Linux 5.8; headers of older systems lack the name.
constexpr uint64_t kStatxAttrMountRoot = 0x2000;

class Fd {
 public:
  explicit Fd(long fd) : fd_(fd) {}
  ~Fd() { reset(-1); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  void reset(long fd) {
    if (fd_ >= 0) syscall(SYS_close, fd_);
    fd_ = fd;
  }
  long get() const { return fd_; }
  // For whoever closes it from now on.
  long release() {
    const long fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  long fd_;
};

inline Failure failure(const char* call, long result) { return {call, static_cast<int>(-result)}; }

// A descriptor, or a negative errno.
inline long open_beneath(long root, const char* path, uint64_t flags, uint64_t resolve) {
  OpenHow how = {flags, 0, resolve};
  long fd = -EAGAIN;
  for (int attempt = 0; attempt < kAttempts && fd == -EAGAIN; attempt++) {
    fd = checked(syscall(kOpenat2, root, path, &how, sizeof how));
  }
  return fd;
}

}  // namespace ociwrap
