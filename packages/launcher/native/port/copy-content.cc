#include "copy-content.h"

#include <signal.h>
#include <sys/ioctl.h>

#include "held-signals.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

constexpr long kFiclone = 0x40049409;  // FICLONE of linux/fs.h, whose names clash with those of sys/mount.h

// Of one step: short enough that whoever waits for progress hears of it, also from a slow disk.
constexpr uint64_t kPiece = 8 << 20;
// What cp(1) reads at once (io_blksize in coreutils).
constexpr size_t kByHand = 256 << 10;
// Below that a read(2) and a write(2) are quicker than copy_file_range(2), which splices page by page where the file system has
// nothing better.
constexpr uint64_t kSmall = 64 << 10;

uint8_t buffer[kByHand];

// The file systems, or the kernel, do not have it; or not for these two files.
bool is_missing_means(long error) { return error == -EXDEV || error == -EOPNOTSUPP || error == -ENOSYS || error == -ENOTTY; }
bool is_no_means_here(long error) { return is_missing_means(error) || error == -EINVAL || error == -EPERM || error == -ETXTBSY; }

}  // namespace

void ContentCopy::begin(int from, int to, const struct stat& status, uint64_t at) {
  from_ = from;
  to_ = to;
  status_ = status;
  at_ = at;
  data_end_ = at;
  is_fresh_ = at == 0;
  has_holes_ = static_cast<uint64_t>(status.st_blocks) < static_cast<uint64_t>(status.st_size) / 512;
}

void ContentCopy::end() {
  if (from_ >= 0) raw::close(from_);
  if (to_ >= 0) raw::close(to_);
  from_ = to_ = -1;
}

bool ContentCopy::is_long() const { return from_ >= 0 && static_cast<uint64_t>(status_.st_size) > kPiece; }

uint64_t ContentCopy::copied() const {
  const double size = static_cast<double>(status_.st_size);
  if (from_ < 0 || size <= 0) return 0;
  return static_cast<uint64_t>(static_cast<double>(status_.st_blocks) * 512 * (static_cast<double>(at_) / size));
}

long ContentCopy::go_on(CopyMeans* means) {
  const uint64_t size = static_cast<uint64_t>(status_.st_size);
  if (at_ >= size) return 0;
  if (is_fresh_) {
    is_fresh_ = false;
    if (means->may_clone && clone(means) == 0) {
      at_ = size;
      return 0;
    }
  }
  if (at_ >= data_end_) {
    const long wrong = has_holes_ ? find_data() : 0;
    if (wrong != 0) return wrong;
    if (!has_holes_) data_end_ = size;
  }
  if (at_ < data_end_) {
    const uint64_t left = data_end_ - at_;
    const long copied = copy_piece(means, left < kPiece ? left : kPiece);
    if (copied < 0) return copied;
    // It was cut short while it was copied, and is not what it was when its size was asked for.
    if (copied == 0) return failed(Call::kRead, -ESTALE);
    at_ += static_cast<uint64_t>(copied);
  }
  if (at_ < size) return 1;
  // A hole at the end has nothing written to it. Never before that: a file that was given up in the middle is as long as what is there.
  if (!has_holes_) return 0;
  const long cut = raw::call(SYS_ftruncate, to_, static_cast<long>(size));
  return cut != 0 ? failed(Call::kFtruncate, cut) : 0;
}

long ContentCopy::clone(CopyMeans* means) {
  const long result = raw::call(SYS_ioctl, to_, kFiclone, from_);
  if (is_missing_means(result)) means->may_clone = false;
  return result;
}

// The next stretch of data; where the file system does not know of holes, all that is left.
long ContentCopy::find_data() {
  const uint64_t size = static_cast<uint64_t>(status_.st_size);
  const long start = raw::call(SYS_lseek, from_, static_cast<long>(at_), SEEK_DATA);
  if (start == -ENXIO) {
    at_ = data_end_ = size;
    return 0;
  }
  if (start < 0 && start != -EINVAL) return failed(Call::kLseek, start);
  const long end = start < 0 ? -EINVAL : raw::call(SYS_lseek, from_, start, SEEK_HOLE);
  if (end < 0 && end != -EINVAL) return failed(Call::kLseek, end);
  if (end < 0 || static_cast<uint64_t>(start) < at_ || end <= start || static_cast<uint64_t>(end) > size) {
    data_end_ = size;
    return 0;
  }
  at_ = static_cast<uint64_t>(start);
  data_end_ = static_cast<uint64_t>(end);
  return 0;
}

// How much was copied; 0 at the end of the file.
long ContentCopy::copy_piece(CopyMeans* means, uint64_t size) {
  if (means->may_copy_range && size > kSmall) {
    int64_t in = static_cast<int64_t>(at_);
    int64_t out = in;
    const long copied = uninterrupted([&] {
      return raw::call(SYS_copy_file_range, from_, raw::number(&in), to_, raw::number(&out), static_cast<long>(size), 0);
    });
    if (copied > 0 && static_cast<uint64_t>(copied) <= size) return copied;
    if (is_missing_means(copied)) means->may_copy_range = false;
    // Some file systems say 0 where they cannot (Linux before 5.19 of those that make up their files).
    if (copied < 0 && !is_no_means_here(copied)) return failed(Call::kWrite, copied);
  }
  return copy_by_hand(size);
}

long ContentCopy::copy_by_hand(uint64_t size) {
  const long most = static_cast<long>(size < kByHand ? size : kByHand);
  const long at = static_cast<long>(at_);
  const long got = uninterrupted([&] { return raw::call(SYS_pread64, from_, raw::number(buffer), most, at); });
  if (got < 0) return failed(Call::kRead, got);
  long written = 0;
  while (written < got) {
    const long result = uninterrupted(
        [&] { return raw::call(SYS_pwrite64, to_, raw::number(buffer + written), got - written, at + written); });
    if (result == -EFBIG) take_signal_of_write(SIGXFSZ);
    if (result <= 0) return failed(Call::kWrite, result == 0 ? -EIO : result);
    written += result;
  }
  return got;
}

}  // namespace ociwrap::engine::port
