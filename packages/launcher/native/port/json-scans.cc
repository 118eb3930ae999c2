// Scans of JSON for runtime-spec (packages/spec/src/json/scans.ts), with the answers of those in TypeScript: whether a text is
// JSON at all, where the items of one object or array are, and what its members are called. None of them recurses.
#include "json-strings.h"

namespace ociwrap::engine::port {
namespace {

// A configuration nests about ten levels deep. What nests deeper than this is left to the engine to judge.
constexpr size_t kMostLevels = 512;

bool is_space(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }
bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }
bool is_hex_digit(uint8_t byte) { return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f'); }

// Reads a text from its front to its end. Behind the end stands a NUL, which is part of no JSON.
class Reader {
 public:
  Reader(Bytes bytes, size_t at) : bytes_(bytes), at_(at < bytes.size ? at : bytes.size) {}

  size_t at() const { return at_; }
  const uint8_t* here() const { return bytes_.data + at_; }
  bool is_at_end() const { return at_ == bytes_.size; }
  uint8_t peek() const { return is_at_end() ? 0 : bytes_.data[at_]; }
  void skip_space() {
    while (!is_at_end() && is_space(bytes_.data[at_])) at_++;
  }
  bool take(uint8_t byte) {
    if (is_at_end() || bytes_.data[at_] != byte) return false;
    at_++;
    return true;
  }

  // The rest of a text whose syntax is known: a string from its opening quote, a value from its first byte.
  void skip_string() { at_ = port::skip_string(bytes_, at_); }
  void skip_value() {
    size_t depth = 0;
    do {
      const uint8_t byte = peek();
      if (byte == '"') {
        skip_string();
        continue;
      }
      if (byte == '{' || byte == '[') {
        depth++;
      } else if (depth == 0) {
        skip_scalar();
        return;
      } else if (byte == '}' || byte == ']') {
        depth--;
      }
      at_++;
    } while (depth > 0 && !is_at_end());
  }
  void skip_scalar() {
    while (!is_at_end() && peek() > ' ' && peek() != ',' && peek() != '}' && peek() != ']') at_++;
  }

  // The same of a text whose syntax is not known: false where it is none (RFC 8259, sections 3, 6 and 7).
  bool take_string() {
    if (!take('"')) return false;
    for (;;) {
      at_ = skip_plain(bytes_, at_);
      if (is_at_end()) return false;
      const uint8_t byte = bytes_.data[at_++];
      if (byte == '"') return true;
      if (byte != '\\' || !take_escape()) return false;
    }
  }
  bool take_scalar() {
    const uint8_t byte = peek();
    if (byte == '"') return take_string();
    if (byte == 't') return take_word("true");
    if (byte == 'f') return take_word("false");
    if (byte == 'n') return take_word("null");
    return take_number();
  }

 private:
  bool take_word(Text word) {
    for (size_t i = 0; i < word.size(); i++) {
      if (!take(static_cast<uint8_t>(word.data()[i]))) return false;
    }
    return true;
  }
  bool take_escape() {
    switch (peek()) {
      case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        at_++;
        return true;
      case 'u':
        at_++;
        for (size_t digits = 0; digits < 4; digits++, at_++) {
          if (!is_hex_digit(peek())) return false;
        }
        return true;
      default:
        return false;
    }
  }
  bool take_digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) at_++;
    return true;
  }
  bool take_number() {
    take('-');
    if (!take('0') && !take_digits()) return false;
    if (take('.') && !take_digits()) return false;
    if ((peek() | 0x20) != 'e') return true;
    at_++;
    if (peek() == '+' || peek() == '-') at_++;
    return take_digits();
  }

  Bytes bytes_;
  size_t at_;
};

// A name and what stands before its value.
bool take_name(Reader* reader) {
  reader->skip_space();
  if (!reader->take_string()) return false;
  reader->skip_space();
  return reader->take(':');
}

// Different names, each with a number of its own, and for each object that is open which of them it has had.
class NamesSeen {
 public:
  static constexpr size_t kMost = 256;

  void clear() {
    depth_ = 0;
    count_ = 0;
    for (uint16_t& slot : slots_) slot = 0;
  }
  // At most kMostLevels at once.
  void open() {
    for (uint64_t& part : had_[depth_]) part = 0;
    depth_++;
  }
  void close() { depth_--; }
  // False where the innermost object has had it, and where there are too many.
  bool add(Text name) {
    const int number = number_of(name);
    if (number < 0 || depth_ == 0) return false;
    uint64_t& part = had_[depth_ - 1][number / 64];
    const uint64_t bit = uint64_t{1} << (number % 64);
    const bool is_new = (part & bit) == 0;
    part |= bit;
    return is_new;
  }
  size_t count() const { return count_; }
  Text name(size_t number) const { return names_[number]; }

 private:
  int number_of(Text name) {
    uint32_t hash = 2166136261u;  // FNV-1a
    for (size_t i = 0; i < name.size(); i++) hash = (hash ^ static_cast<uint8_t>(name.data()[i])) * 16777619u;
    size_t slot = hash % kSlots;
    for (; slots_[slot] != 0; slot = (slot + 1) % kSlots) {
      if (names_[slots_[slot] - 1] == name) return slots_[slot] - 1;
    }
    if (count_ == kMost) return -1;
    names_[count_++] = name;
    slots_[slot] = static_cast<uint16_t>(count_);
    return static_cast<int>(count_) - 1;
  }

  static constexpr size_t kSlots = 2 * kMost;
  uint64_t had_[kMostLevels][kMost / 64];
  size_t depth_ = 0;
  Text names_[kMost];
  size_t count_ = 0;
  uint16_t slots_[kSlots] = {};  // a number and 1; 0 is free
};

// A name between its quotes, in which nothing stands for something else.
bool is_plain(Text name) {
  for (size_t i = 0; i < name.size(); i++) {
    const uint8_t byte = static_cast<uint8_t>(name.data()[i]);
    if (byte >= 0x80 || byte == '\\') return false;
  }
  return true;
}

// Each with a line feed behind it, which no name has in it.
Value lines_of(const NamesSeen& seen) {
  size_t size = 0;
  for (size_t i = 0; i < seen.count(); i++) size += seen.name(i).size() + 1;
  if (size == 0) return vm_JS_NewStringLen(context(), 0, 0);
  const uint32_t address = vm_malloc(static_cast<uint32_t>(size));
  if (address == 0) return vm_JS_ThrowOutOfMemory(context());
  uint8_t* out = engine_bytes(address, size);
  for (size_t i = 0; i < seen.count(); i++) {
    const Text name = seen.name(i);
    engine_copy(out, reinterpret_cast<const uint8_t*>(name.data()), name.size());
    out[name.size()] = '\n';
    out += name.size() + 1;
  }
  const Value text = vm_JS_NewStringLen(context(), address, static_cast<uint32_t>(size));
  vm_free(address);
  return text;
}

size_t start_at(const Arguments& arguments, uint32_t index) {
  const int64_t start = integer_at(arguments, index);
  return start < 0 ? 0 : static_cast<size_t>(start);
}

}  // namespace

Value isJson(const Arguments& arguments) {
  const Bytes bytes = bytes_at(arguments, 0);
  Reader reader(bytes, 0);
  uint8_t open[kMostLevels];
  size_t depth = 0;
  for (;;) {
    // A value begins here.
    reader.skip_space();
    const uint8_t first = reader.peek();
    if (first == '{' || first == '[') {
      if (depth == kMostLevels) return kFalse;
      const uint8_t closing = first == '{' ? '}' : ']';
      open[depth++] = closing;
      reader.take(first);
      reader.skip_space();
      if (reader.peek() != closing) {
        if (closing == '}' && !take_name(&reader)) return kFalse;
        continue;
      }
    } else if (!reader.take_scalar()) {
      return kFalse;
    }
    // And has ended here.
    for (;;) {
      reader.skip_space();
      if (depth == 0) return boolean(reader.is_at_end());
      if (reader.take(',')) {
        if (open[depth - 1] == '}' && !take_name(&reader)) return kFalse;
        break;
      }
      if (!reader.take(open[--depth])) return kFalse;
    }
  }
}

// Writes the offsets into an array of 32-bit numbers, as many of them as it has room for, and gives how many there are.
Value items(const Arguments& arguments) {
  const Bytes bytes = bytes_at(arguments, 0);
  const Bytes out = bytes_at(arguments, 2);
  size_t count = 0;
  const auto put = [&](size_t index, size_t offset) {
    const uint32_t number = static_cast<uint32_t>(offset);
    if ((index + 1) * sizeof number > out.size) return;
    engine_copy(out.data + index * sizeof number, reinterpret_cast<const uint8_t*>(&number), sizeof number);
  };
  Reader reader(bytes, start_at(arguments, 1));
  const bool has_names = reader.take('{');
  if (!has_names) reader.take('[');
  count++;  // for the closing bracket, which comes last
  reader.skip_space();
  while (!reader.is_at_end() && reader.peek() != '}' && reader.peek() != ']') {
    put(count++, reader.at());
    if (has_names) reader.skip_string();
    put(count++, reader.at());
    if (has_names) {
      reader.skip_space();
      reader.take(':');
      reader.skip_space();
    }
    put(count++, reader.at());
    reader.skip_value();
    put(count++, reader.at());
    reader.skip_space();
    put(count++, reader.at());
    if (!reader.take(',')) break;
    reader.skip_space();
  }
  put(0, reader.at());
  return integer(static_cast<int64_t>(count));
}

// The names, a line each; null where the object has to be looked at more closely. The third argument says how many levels
// are gone down into.
Value plainNames(const Arguments& arguments) {
  const Bytes bytes = bytes_at(arguments, 0);
  Reader reader(bytes, start_at(arguments, 1));
  const int64_t levels = integer_at(arguments, 2);
  const size_t most_levels = levels > 0 ? static_cast<size_t>(levels) : 0;
  static NamesSeen seen;
  seen.clear();
  // What is no object and no array has no names in it.
  if (reader.peek() != '{' && reader.peek() != '[') return lines_of(seen);
  uint8_t open[kMostLevels];
  size_t depth = 0;
  bool is_name = false;
  do {
    const uint8_t byte = reader.peek();
    const size_t before = reader.at();
    if ((byte == '{' || byte == '[') && depth == most_levels) {
      reader.skip_value();
    } else if (byte == '{' || byte == '[') {
      if (depth == kMostLevels) return kNull;
      if (byte == '{') seen.open();
      open[depth++] = byte;
      is_name = byte == '{';
      reader.take(byte);
    } else if (byte == '}' || byte == ']') {
      if (open[--depth] == '{') seen.close();
      is_name = false;
      reader.take(byte);
    } else if (byte == ',') {
      is_name = open[depth - 1] == '{';
      reader.take(byte);
    } else if (byte == '"') {
      const char* name = reinterpret_cast<const char*>(reader.here()) + 1;
      reader.skip_string();
      if (is_name) {
        if (reader.at() - before < 2) return kNull;
        const Text plain(name, reader.at() - before - 2);
        if (!is_plain(plain) || !seen.add(plain)) return kNull;
      }
      is_name = false;
    } else if (byte == ':' || is_space(byte)) {
      reader.take(byte);
    } else {
      reader.skip_scalar();
      if (reader.at() == before) return kNull;  // a control character: no JSON
    }
  } while (depth > 0 && !reader.is_at_end());
  return lines_of(seen);
}

}  // namespace ociwrap::engine::port
