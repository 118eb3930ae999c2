// Text without allocation and without libc (see system-calls.h): views of somebody else's bytes, and lines built in a
// buffer of a fixed size.
#pragma once

#include "bytes.h"

namespace ociwrap {

class Text {
 public:
  constexpr Text() = default;
  constexpr Text(const char* bytes, size_t size) : bytes_(bytes), size_(size) {}
  Text(const char* text) : bytes_(text), size_(length_of(text)) {}

  const char* data() const { return bytes_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const char* begin() const { return bytes_; }
  const char* end() const { return bytes_ + size_; }
  char operator[](size_t at) const { return bytes_[at]; }
  char front() const { return bytes_[0]; }
  char back() const { return bytes_[size_ - 1]; }

  // No more than there are.
  void remove_prefix(size_t count) {
    bytes_ += count;
    size_ -= count;
  }
  void remove_suffix(size_t count) { size_ -= count; }

 private:
  const char* bytes_ = nullptr;
  size_t size_ = 0;
};

inline bool operator==(Text one, Text other) {
  return one.size() == other.size() && equal_bytes(one.data(), other.data(), one.size());
}
inline bool operator!=(Text one, Text other) { return !(one == other); }

inline bool starts_with(Text text, Text start) {
  return text.size() >= start.size() && equal_bytes(text.data(), start.data(), start.size());
}

// Where it first stands, or the size of `text`.
inline size_t find(Text text, char character) { return find_byte(text.data(), text.size(), character); }

// `part` is not empty.
inline bool contains(Text text, Text part) {
  return find_bytes(text.data(), text.size(), part.data(), part.size()) < text.size();
}

// What stands behind the last slash; the whole text when there is none.
inline Text base_name(Text path) {
  const size_t slash = find_last_byte(path.data(), path.size(), '/');
  if (slash < path.size()) path.remove_prefix(slash + 1);
  return path;
}

// A text that is built piece by piece. What does not fit is left out, and overflowed() tells so: whoever builds one asks.
template <size_t Capacity>
class FixedText {
 public:
  void clear() {
    length_ = 0;
    overflowed_ = false;
    bytes_[0] = '\0';
  }
  void append(Text text) {
    if (text.size() > Capacity - length_) {
      overflowed_ = true;
      return;
    }
    copy_bytes(bytes_ + length_, text.data(), text.size());
    length_ += text.size();
    bytes_[length_] = '\0';
  }
  void append(char character) { append(Text(&character, 1)); }
  // Decimal.
  void append_number(uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    append(Text(digits + at, sizeof digits - at));
  }
  // The same text; not by a copy of the object, which is a call of memcpy.
  void assign(const FixedText& other) {
    clear();
    append(other.view());
    overflowed_ = other.overflowed_;
  }
  Text view() const { return {bytes_, length_}; }
  const char* c_str() const { return bytes_; }
  bool overflowed() const { return overflowed_; }

 private:
  size_t length_ = 0;
  bool overflowed_ = false;
  char bytes_[Capacity + 1] = {};
};

}  // namespace ociwrap
