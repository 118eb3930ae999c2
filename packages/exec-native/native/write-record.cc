#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "descriptors.h"
#include "process-state.h"

namespace ociwrap {
namespace {

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

// Collects small pieces, so that an environment of a thousand strings is a handful of writes.
class RecordWriter {
 public:
  explicit RecordWriter(int fd) : fd_(fd) {}

  void put(const void* bytes, size_t size) {
    const char* from = static_cast<const char*>(bytes);
    written_ += size;
    while (size > 0 && error_ == 0) {
      const size_t part = size < sizeof buffer_ - used_ ? size : sizeof buffer_ - used_;
      memcpy(buffer_ + used_, from, part);
      used_ += part;
      from += part;
      size -= part;
      if (used_ == sizeof buffer_) flush();
    }
  }

  SectionHeader strings(char* const* list) {
    SectionHeader section = {0, 0};
    for (; *list != nullptr; list++) {
      const size_t size = strlen(*list) + 1;
      put(*list, size);
      section.size += size;
      section.count++;
    }
    return section;
  }

  SectionHeader string(const char* text) {
    const size_t size = strlen(text) + 1;
    put(text, size);
    return {size, 1};
  }

  void flush() {
    for (size_t done = 0; done < used_ && error_ == 0;) {
      const ssize_t length = write(fd_, buffer_ + done, used_ - done);
      if (length < 0 && errno != EINTR) error_ = errno;
      if (length > 0) done += static_cast<size_t>(length);
    }
    used_ = 0;
  }

  int error() const { return error_; }
  uint64_t written() const { return written_; }

 private:
  int fd_;
  int error_ = 0;
  size_t used_ = 0;
  uint64_t written_ = 0;
  char buffer_[16384];
};

int highest_descriptor() {
  int highest = 2;  // a closed stdin must not become the record
  for_each_descriptor([&](int fd) { highest = fd > highest ? fd : highest; });
  return highest;
}

int open_memfd(Failure* failure) {
  // Linux 6.3 and newer log a warning unless one of the exec flags is given; older ones do not know them.
  long fd = checked(syscall(SYS_memfd_create, "ociwrap-process-state", MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
  if (fd == -EINVAL) {
    fd = checked(syscall(SYS_memfd_create, "ociwrap-process-state", MFD_ALLOW_SEALING));
  }
  if (fd < 0) *failure = {"memfd_create", static_cast<int>(-fd)};
  return static_cast<int>(fd);
}

// The lowest free number may be a gap that the engine left, and 0 to 2 mean something to Node.
int move_above(int fd, int highest) {
  long moved = descriptor_control(fd, F_DUPFD, highest + 1);
  if (moved < 0) moved = descriptor_control(fd, F_DUPFD, 3);  // nothing is left above: any gap but stdio
  if (moved < 0) return fd;
  close(fd);
  return static_cast<int>(moved);
}

SectionHeader put_descriptors(RecordWriter* writer, int record_fd) {
  SectionHeader section = {0, 0};
  for_each_descriptor([&](int fd) {
    if (fd == record_fd) return;
    const long flags = descriptor_control(fd, F_GETFD, 0);
    const Descriptor entry = {fd, flags > 0 ? static_cast<uint32_t>(flags) & FD_CLOEXEC : 0};
    writer->put(&entry, sizeof entry);
    section.size += sizeof entry;
    section.count++;
  });
  return section;
}

}  // namespace

int write_record(const CapturedState& state, Failure* failure) {
  const int highest = highest_descriptor();
  int fd = open_memfd(failure);
  if (fd < 0) return -1;
  fd = move_above(fd, highest);

  RecordHeader header = {};
  memcpy(header.magic, kRecordMagic, sizeof header.magic);
  header.version = kRecordVersion;
  header.header_size = sizeof header;
  header.signal_mask = state.signal_mask;
  header.ignored_signals = state.ignored_signals;
  header.exe = state.exe;
  header.umask = state.umask;
  header.parent_death_signal = state.parent_death_signal;
  memcpy(header.limits, state.limits, sizeof header.limits);

  RecordWriter writer(fd);
  writer.put(&header, sizeof header);  // written again below, when the sizes are known
  header.sections[kArgv] = writer.strings(state.argv);
  header.sections[kEnv] = writer.strings(state.env);
  header.sections[kExecFn] = writer.string(state.exec_fn);
  header.sections[kExePath] = writer.string(state.exe_path);
  header.sections[kWorkingDirectory] = writer.string(state.working_directory);
  header.sections[kDescriptors] = put_descriptors(&writer, fd);
  header.total_size = writer.written();
  writer.flush();

  int error = writer.error();
  if (error == 0 && pwrite(fd, &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) error = errno;
  if (error == 0) {
    const long sealed = descriptor_control(fd, F_ADD_SEALS, kSeals);
    if (sealed == 0) return fd;
    *failure = {"fcntl", static_cast<int>(-sealed)};
  } else {
    *failure = {"write", error};
  }
  close(fd);
  return -1;
}

}  // namespace ociwrap
