// Text without allocation: views of somebody else's bytes, and lines built in a buffer of a fixed size.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <string_view>

namespace ociwrap {

using Text = std::string_view;

inline bool starts_with(Text text, Text start) {
  return text.size() >= start.size() && memcmp(text.data(), start.data(), start.size()) == 0;
}

inline bool contains(Text text, Text part) {
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

// What stands behind the last slash; the whole text when there is none.
inline Text base_name(Text path) {
  const void* slash = memrchr(path.data(), '/', path.size());
  if (slash == nullptr) return path;
  const char* name = static_cast<const char*>(slash) + 1;
  return {name, static_cast<size_t>(path.data() + path.size() - name)};
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
    memcpy(bytes_ + length_, text.data(), text.size());
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
  Text view() const { return {bytes_, length_}; }
  const char* c_str() const { return bytes_; }
  bool overflowed() const { return overflowed_; }

 private:
  size_t length_ = 0;
  bool overflowed_ = false;
  char bytes_[Capacity + 1] = {};
};

}  // namespace ociwrap
