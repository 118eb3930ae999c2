#include "fast-path-table.h"

#include <limits.h>

#include "handler-name.h"
#include "system-calls.h"

namespace ociwrap {
namespace {

constexpr char kFirstLine[] = "ociwrap-fast-path 2";
constexpr char kEveryCreate[] = "every create";
constexpr char kEnd[] = "end ";

char bytes[kMaxTableSize + 1];

// FNV-1a, 64 bits. It tells a torn or mistyped file, nothing else: who may write is for owner and mode to say.
uint64_t checksum(Text text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  return hash;
}

void put_stamp(const struct stat& found, FileStamp* out) {
  out->clear();
  out->append_number(found.st_dev);
  out->append(' ');
  out->append_number(found.st_ino);
  out->append(' ');
  out->append_number(static_cast<uint64_t>(found.st_size));
  out->append(' ');
  out->append_number(static_cast<uint64_t>(found.st_ctim.tv_sec) * 1000000000 +
                     static_cast<uint64_t>(found.st_ctim.tv_nsec));
}

// The next line without its line feed; false when there is no whole one.
bool take_line(Text* rest, Text* line) {
  const size_t length = find(*rest, '\n');
  if (length == rest->size()) return false;
  *line = {rest->data(), length};
  rest->remove_prefix(length + 1);
  return true;
}

bool take_word(Text* line, Text word) {
  if (!starts_with(*line, word)) return false;
  line->remove_prefix(word.size());
  return true;
}

// The same looks as trusted-path.ts takes, one for each step of a path, so that a symlink is one of them.

// "<four numbers> <path>": what is there is still what was there.
bool is_still_there(Text line) {
  Text path = line;
  for (int numbers = 0; numbers < 4; numbers++) {
    const size_t length = find(path, ' ');
    if (length == path.size()) return false;
    path.remove_prefix(length + 1);
  }
  static FixedText<PATH_MAX> name;
  name.clear();
  name.append(path);
  FileStamp stamp;
  const Text expected(line.data(), line.size() - path.size() - 1);
  struct stat found;
  if (name.overflowed() || raw::lstat(name.c_str(), &found) != 0) return false;
  put_stamp(found, &stamp);
  return stamp.view() == expected;
}

bool is_still_absent(Text path) {
  static FixedText<PATH_MAX> name;
  name.clear();
  name.append(path);
  struct stat found;
  if (name.overflowed()) return false;
  const long failed = raw::lstat(name.c_str(), &found);
  return failed == -ENOENT || failed == -ENOTDIR;
}

// Others may go through the folder, as the runtime of a user namespace must to its root there; they may neither read nor write.
constexpr mode_t kOfFolder = 066, kOfTable = 077;

bool is_root_only(int fd, mode_t type, mode_t of_others, struct stat* found) {
  return raw::stat(fd, found) == 0 && (found->st_mode & S_IFMT) == type && found->st_uid == 0 &&
         (found->st_mode & of_others) == 0;
}

int open_table(FileIdentity id, Text handler) {
  FixedText<48 + kMaxHandlerName> name;
  name.append_number(id.device);
  name.append('-');
  name.append_number(id.inode);
  if (!handler.empty()) {
    name.append('-');
    name.append(handler);
  }
  const int folder = raw::open_at(AT_FDCWD, kTableFolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return folder;
  struct stat found;
  int fd = -EACCES;
  if (is_root_only(folder, S_IFDIR, kOfFolder, &found)) {
    fd = raw::open_at(folder, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  }
  raw::close(folder);
  return fd;
}

}  // namespace

bool stamp_file(const char* path, FileStamp* out) {
  struct stat found;
  if (raw::stat(path, &found) != 0) return false;
  put_stamp(found, out);
  return true;
}

bool parse_table(Text table, Text launcher_stamp, Triggers* triggers) {
  triggers->count = 0;
  triggers->every = false;
  Text rest = table;
  Text line;
  if (!take_line(&rest, &line) || line != kFirstLine) return false;
  if (!take_line(&rest, &line) || !take_word(&line, "launcher ") || line != launcher_stamp) return false;
  for (;;) {
    const Text above(table.data(), static_cast<size_t>(rest.data() - table.data()));
    if (!take_line(&rest, &line)) return false;
    if (take_word(&line, "trigger ")) {
      if (!add_trigger(triggers, line)) return false;
    } else if (take_word(&line, "present ")) {
      if (!is_still_there(line)) return false;
    } else if (take_word(&line, "absent ")) {
      if (!is_still_absent(line)) return false;
    } else if (line == kEveryCreate) {
      triggers->every = true;
    } else {
      FixedText<24> sum;
      sum.append_number(checksum(above));
      return take_word(&line, kEnd) && line == sum.view() && rest.empty();
    }
  }
}

bool read_table(const char* exe, FileIdentity id, Text handler, Triggers* triggers) {
  FileStamp launcher_stamp;
  if (!stamp_file(exe, &launcher_stamp)) return false;
  const int fd = open_table(id, handler);
  if (fd < 0) return false;
  struct stat found;
  long count = -1;
  if (is_root_only(fd, S_IFREG, kOfTable, &found) && found.st_nlink == 1 && found.st_size <= static_cast<off_t>(kMaxTableSize)) {
    count = raw::read_start(fd, bytes, sizeof bytes);
    if (count != found.st_size) count = -1;
  }
  raw::close(fd);
  return count > 0 && parse_table({bytes, static_cast<size_t>(count)}, launcher_stamp.view(), triggers);
}

}  // namespace ociwrap
