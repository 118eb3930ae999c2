// Files by descriptor: each is the system call of its name.
#include <asm/ioctls.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "file-status.h"
#include "held-signals.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

// OPEN of runtime-spec, and what the kernel of this architecture calls it.
struct OpenFlag {
  int ours;
  int kernels;
};
constexpr OpenFlag kOpenFlags[] = {
    {1, O_WRONLY},   {2, O_RDWR},       {4, O_APPEND},     {8, O_CREAT},   {16, O_EXCL},
    {32, O_DIRECTORY}, {64, O_NOFOLLOW}, {128, O_NONBLOCK}, {256, O_NOCTTY}, {512, O_TRUNC},
};

// READ_AT_ONCE in engine-system.ts.
constexpr size_t kReadAtOnce = 65536;

int kernel_flags(int64_t flags) {
  int sum = O_CLOEXEC;
  for (const OpenFlag& flag : kOpenFlags) {
    if ((flags & flag.ours) != 0) sum |= flag.kernels;
  }
  return sum;
}

long write_bytes(int fd, Bytes bytes) {
  return uninterrupted([&] { return raw::write(fd, bytes.data, bytes.size); });
}

// A limit on the size of files (RLIMIT_FSIZE) is the container's, and not meant for what is written here. The soft one may be
// raised to the hard one, and is put back before anything else happens.
long write_above_limit(int fd, Bytes bytes) {
  Limit limit;
  if (raw::exchange_limit(RLIMIT_FSIZE, nullptr, &limit) != 0 || limit.soft >= limit.hard) return -EFBIG;
  const Limit raised = {limit.hard, limit.hard};
  if (raw::exchange_limit(RLIMIT_FSIZE, &raised, nullptr) != 0) return -EFBIG;
  const long written = write_bytes(fd, bytes);
  raw::exchange_limit(RLIMIT_FSIZE, &limit, nullptr);
  if (written == -EFBIG) take_signal_of_write(SIGXFSZ);
  return written;
}

}  // namespace

Value open(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  const int flags = kernel_flags(integer_at(arguments, 1));
  const mode_t mode = static_cast<mode_t>(integer_at(arguments, 2));
  return answer(uninterrupted([&] { return long{raw::open_at(AT_FDCWD, path.c_str(), flags, mode)}; }));
}

Value fstat(const Arguments& arguments) {
  struct stat found;
  const long failed = raw::stat(descriptor_at(arguments, 0), &found);
  return answer(failed != 0 ? failed : give_status(found, bytes_at(arguments, 1)));
}

// Descriptor, and an array to read into, which says how many bytes at most; or a number, for which an array of what there is
// comes back: a large array that is hardly used would cost more than the copy.
Value read(const Arguments& arguments) {
  const int fd = descriptor_at(arguments, 0);
  const Bytes into = bytes_at(arguments, 1);
  if (into.data != nullptr) return answer(uninterrupted([&] { return raw::read(fd, into.data, into.size); }));
  static uint8_t buffer[kReadAtOnce];
  const int64_t asked = integer_at(arguments, 1);
  const size_t most = asked < 0 ? 0 : asked < int64_t{kReadAtOnce} ? static_cast<size_t>(asked) : kReadAtOnce;
  const long size = uninterrupted([&] { return raw::read(fd, buffer, most); });
  return size < 0 ? answer(size) : new_bytes({reinterpret_cast<const char*>(buffer), static_cast<size_t>(size)});
}

Value write(const Arguments& arguments) {
  const int fd = descriptor_at(arguments, 0);
  const Bytes bytes = bytes_at(arguments, 1);
  const long written = write_bytes(fd, bytes);
  if (written == -EPIPE) take_signal_of_write(SIGPIPE);
  if (written != -EFBIG) return answer(written);
  take_signal_of_write(SIGXFSZ);
  return answer(write_above_limit(fd, bytes));
}

Value fsync(const Arguments& arguments) {
  const int fd = descriptor_at(arguments, 0);
  return answer(uninterrupted([&] { return raw::call(SYS_fsync, fd); }));
}

Value fchmod(const Arguments& arguments) {
  return answer(raw::call(SYS_fchmod, descriptor_at(arguments, 0), integer_at(arguments, 1)));
}

Value fchown(const Arguments& arguments) {
  return answer(
      raw::call(SYS_fchown, descriptor_at(arguments, 0), integer_at(arguments, 1), integer_at(arguments, 2)));
}

// Not repeated: Linux has closed the descriptor whatever it says (close(2), "Dealing with error returns").
Value close(const Arguments& arguments) {
  const long result = raw::call(SYS_close, descriptor_at(arguments, 0));
  return answer(result == -EINTR ? 0 : result);
}

// 1 where the lock is ours now, 0 where another has it.
Value flock(const Arguments& arguments) {
  const int fd = descriptor_at(arguments, 0);
  const long result = uninterrupted([&] { return raw::call(SYS_flock, fd, LOCK_EX | LOCK_NB); });
  return answer(result == 0 ? 1 : result == -EWOULDBLOCK ? 0 : result);
}

Value isatty(const Arguments& arguments) {
  char settings[256];  // of struct termios, which is smaller on every architecture
  return boolean(raw::call(SYS_ioctl, descriptor_at(arguments, 0), TCGETS, raw::number(settings)) == 0);
}

}  // namespace ociwrap::engine::port
