// What an interpreter is too slow for: the scans of runtime-spec (packages/spec/src/json/scans.ts), with the answers of those
// in TypeScript to the last one.
#include "byte-scan.h"
#include "engine-window.h"
#include "file-status.h"
#include "json-strings.h"
#include "utf8-scan.h"

namespace ociwrap::engine::port {
namespace {

// An offset as TypeScript gives it: not negative, and perhaps behind the end.
size_t offset_at(const Arguments& arguments, uint32_t index) {
  const int64_t offset = integer_at(arguments, index);
  return offset < 0 ? 0 : static_cast<size_t>(offset);
}

// For each bracket that is open how many colons stand in it. Texts nest a few levels; a text that nests thousands has a
// list of its own, for as many as it needs.
class OpenBrackets {
 public:
  ~OpenBrackets() {
    if (counts_ != few_) raw::call(SYS_munmap, raw::number(counts_), static_cast<long>(capacity_ * sizeof *counts_));
  }
  size_t depth() const { return depth_; }
  // False where there is no memory for one more.
  bool open() {
    if (depth_ == capacity_ && !grow()) return false;
    counts_[depth_++] = 0;
    return true;
  }
  void close() {
    if (depth_ > 0) depth_--;
  }
  uint32_t count() { return depth_ == 0 ? 0 : ++counts_[depth_ - 1]; }

 private:
  bool grow() {
    uint32_t* more = static_cast<uint32_t*>(host_memory(capacity_ * 2 * sizeof *counts_));
    if (more == nullptr) return false;
    engine_copy(reinterpret_cast<uint8_t*>(more), reinterpret_cast<const uint8_t*>(counts_), depth_ * sizeof *counts_);
    if (counts_ != few_) raw::call(SYS_munmap, raw::number(counts_), static_cast<long>(capacity_ * sizeof *counts_));
    counts_ = more;
    capacity_ *= 2;
    return true;
  }

  uint32_t few_[1024];
  uint32_t* counts_ = few_;
  size_t capacity_ = sizeof few_ / sizeof *few_;
  size_t depth_ = 0;
};

}  // namespace

Value find(const Arguments& arguments) {
  const Bytes bytes = bytes_at(arguments, 0);
  const Text wanted = bytes_at(arguments, 1).text();
  const size_t from = offset_at(arguments, 2);
  if (wanted.empty() || from >= bytes.size) return integer(-1);
  const Text rest(reinterpret_cast<const char*>(bytes.data) + from, bytes.size - from);
  const size_t at = find_part(rest, wanted);
  return integer(at == rest.size() ? -1 : static_cast<int64_t>(from + at));
}

Value isSame(const Arguments& arguments) {
  return boolean(same_bytes(bytes_at(arguments, 0).text(), bytes_at(arguments, 1).text()));
}

Value isUtf8(const Arguments& arguments) {
  const Text text = bytes_at(arguments, 0).text();
  return boolean(well_formed_length(text) == text.size());
}

// Depth and members, as two numbers of 64 bits. Without memory for what is open it gives -ENOMEM.
Value extent(const Arguments& arguments) {
  const Bytes bytes = bytes_at(arguments, 0);
  OpenBrackets open;
  uint64_t depth = 0;
  uint64_t members = 0;
  for (size_t at = 0; at < bytes.size; at++) {
    const uint8_t byte = bytes.data[at];
    if (byte == '"') {
      at = skip_string(bytes, at) - 1;
    } else if (byte == '{' || byte == '[') {
      if (!open.open()) return answer(-ENOMEM);
      if (open.depth() > depth) depth = open.depth();
    } else if (byte == '}' || byte == ']') {
      open.close();
    } else if (byte == ':') {
      const uint32_t count = open.count();
      if (count > members) members = count;
    }
  }
  const uint64_t found[] = {depth, members};
  return answer(give_numbers(found, bytes_at(arguments, 1)));
}

}  // namespace ociwrap::engine::port
