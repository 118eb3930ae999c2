// openat2(2) (Linux 5.6), whose header is younger than some of the systems this is built on.
#pragma once

#include "port-values.h"

namespace ociwrap::engine::port {

struct OpenHow {
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};
constexpr long kOpenat2 = 437;  // the same number on every architecture
// openat2(2): EAGAIN means that a rename elsewhere may have led a ".." astray; the caller should try again.
constexpr int kAttempts = 64;

inline long open_beneath(long folder, const char* path, uint64_t flags, uint64_t resolve) {
  const OpenHow how = {flags, 0, resolve};
  long fd = -EAGAIN;
  for (int attempt = 0; attempt < kAttempts && (fd == -EAGAIN || fd == -EINTR); attempt++) {
    fd = raw::call(kOpenat2, folder, raw::number(path), raw::number(&how), sizeof how);
  }
  return fd;
}

}  // namespace ociwrap::engine::port
