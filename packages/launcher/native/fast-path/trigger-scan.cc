#include "trigger-scan.h"

#include <limits.h>

#include "system-calls.h"

namespace ociwrap {
namespace {

constexpr size_t kChunk = 64 * 1024;
constexpr size_t kEscapeSize = sizeof "\\u0000" - 1;
constexpr off_t kLongestConfig = 256l * 1024 * 1024;  // LONGEST_CONFIG of readBundleConfig()

char buffer[kChunk];

// Characters that some trigger holds.
class CharacterSet {
 public:
  explicit CharacterSet(const Triggers& triggers) {
    for (size_t at = 0; at < triggers.count; at++) {
      for (const char character : triggers.texts[at]) held_[static_cast<uint8_t>(character)] = true;
    }
  }
  bool holds(uint32_t character) const { return character < 128 && held_[character]; }

 private:
  bool held_[128] = {};
};

int hex_digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  const char lower = static_cast<char>(character | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// What the escape whose backslash is the first of `rest` stands for; a NUL, which no trigger holds, where it is none.
// Of the short escapes only \/ can stand for a character of a plain trigger.
uint32_t escaped_character(Text rest) {
  if (rest.size() < 2) return 0;
  if (rest[1] == '/') return '/';
  if (rest[1] != 'u' || rest.size() < kEscapeSize) return 0;
  uint32_t character = 0;
  for (size_t at = 2; at < kEscapeSize; at++) {
    const int digit = hex_digit(rest[at]);
    if (digit < 0) return 0;
    character = character << 4 | static_cast<uint32_t>(digit);
  }
  return character;
}

size_t longest(const Triggers& triggers) {
  size_t size = kEscapeSize;
  for (size_t at = 0; at < triggers.count; at++) {
    if (triggers.texts[at].size() > size) size = triggers.texts[at].size();
  }
  return size;
}

// Goes through the escapes of `chunk` from `at` on; -1 at one that a trigger could be hidden by, else where to go on. A
// backslash takes the next character with it: in \\u0073 nothing but the backslash is escaped.
ssize_t pass_escapes(Text chunk, size_t at, bool is_last, const CharacterSet& characters) {
  while (at < chunk.size()) {
    at += find_byte(chunk.data() + at, chunk.size() - at, '\\');
    const Text rest(chunk.data() + at, chunk.size() - at);
    if (rest.empty()) break;
    if (rest.size() < kEscapeSize && !is_last) break;
    if (characters.holds(escaped_character(rest))) return -1;
    at += 2;
  }
  return static_cast<ssize_t>(at);
}

bool holds_a_trigger(Text chunk, const Triggers& triggers) {
  for (size_t at = 0; at < triggers.count; at++) {
    if (contains(chunk, triggers.texts[at])) return true;
  }
  return false;
}

long read_some(int fd, char* out, size_t size) {
  long count;
  do count = raw::read(fd, out, size);
  while (count == -EINTR);
  return count;
}

}  // namespace

bool is_plain_trigger(Text text) {
  if (text.empty() || text.size() > kMaxTriggerSize) return false;
  for (const char character : text) {
    const bool is_letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    const bool is_digit = character >= '0' && character <= '9';
    if (!is_letter && !is_digit && !contains(" ._/:@=~+-", Text(&character, 1))) return false;
  }
  return true;
}

bool add_trigger(Triggers* triggers, Text text) {
  if (triggers->count == kMaxTriggers || !is_plain_trigger(text)) return false;
  triggers->texts[triggers->count++] = text;
  return true;
}

ScanResult scan_for_triggers(int fd, const Triggers& triggers) {
  const CharacterSet characters(triggers);
  const size_t overlap = longest(triggers) - 1;
  size_t held = 0;  // bytes in the buffer
  size_t at = 0;    // up to where escapes were looked at
  for (;;) {
    const long count = read_some(fd, buffer + held, sizeof buffer - held);
    if (count < 0) return ScanResult::kFailed;
    held += static_cast<size_t>(count);
    const Text chunk(buffer, held);
    if (holds_a_trigger(chunk, triggers)) return ScanResult::kTrigger;
    const ssize_t next = pass_escapes(chunk, at, count == 0, characters);
    if (next < 0) return ScanResult::kTrigger;
    if (count == 0) return ScanResult::kClear;
    // What a trigger or an escape may have begun in stays.
    const size_t kept = held < overlap ? held : overlap;
    at = static_cast<size_t>(next) - (held - kept);
    copy_bytes(buffer, buffer + held - kept, kept);  // forwards, so that the two may overlap
    held = kept;
  }
}

namespace {

constexpr int kOpenConfig = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

// As readBundleConfig() opens it: through a symlink, unless that leads to what is no regular file.
int open_config(const char* path) {
  const int fd = raw::open_at(AT_FDCWD, path, kOpenConfig | O_NOFOLLOW);
  if (fd != -ELOOP) return fd;
  struct stat found;
  const long failed = raw::stat(path, &found);
  if (failed != 0) return static_cast<int>(failed);
  return S_ISREG(found.st_mode) ? raw::open_at(AT_FDCWD, path, kOpenConfig) : -EINVAL;
}

}  // namespace

ConfigState look_at_config(const char* dir, const Triggers& triggers) {
  static FixedText<PATH_MAX> path;
  path.clear();
  path.append(*dir == '\0' ? "." : dir);
  path.append("/config.json");
  if (path.overflowed()) return ConfigState::kDoubt;
  const int fd = open_config(path.c_str());
  if (fd == -ENOENT || fd == -ENOTDIR) return ConfigState::kMissing;
  if (fd < 0) return ConfigState::kDoubt;
  struct stat found;
  ScanResult result = ScanResult::kFailed;
  if (raw::stat(fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_size <= kLongestConfig) {
    result = scan_for_triggers(fd, triggers);
  }
  raw::close(fd);
  return result == ScanResult::kClear ? ConfigState::kClear : ConfigState::kDoubt;
}

}  // namespace ociwrap
