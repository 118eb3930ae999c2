// The bytes of one file, piece by piece, by the cheapest means that both file systems have.
#pragma once

#include <sys/stat.h>

#include "system-calls.h"

namespace ociwrap::engine::port {

// What the file systems of a tree were found not to have, so that it is not tried with every file.
struct CopyMeans {
  bool may_clone = true;
  bool may_copy_range = true;
};

class ContentCopy {
 public:
  // The descriptors are its own from then on. What lies in the copy before `at` is there already.
  void begin(int from, int to, const struct stat& status, uint64_t at);
  bool is_begun() const { return from_ >= 0; }
  // Whether it has more than one piece.
  bool is_long() const;
  // One piece. 1 where more is to be done, 0 where all of it is there, or what failed.
  long go_on(CopyMeans* means);
  void end();

  int from() const { return from_; }
  int to() const { return to_; }
  const struct stat& status() const { return status_; }
  // How much of the disk space of the file has been copied, about.
  uint64_t copied() const;

 private:
  long clone(CopyMeans* means);
  long find_data();
  long copy_piece(CopyMeans* means, uint64_t size);
  long copy_by_hand(uint64_t size);

  int from_ = -1;
  int to_ = -1;
  bool is_fresh_ = false;
  bool has_holes_ = false;
  uint64_t at_ = 0;
  uint64_t data_end_ = 0;
  struct stat status_ = {};
};

}  // namespace ociwrap::engine::port
