// Inputs for fuzz-launcher.cc where there is no libFuzzer: made of what the launcher knows and of what it does not, from a
// seed, so that each can be made again.
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz-launcher.h"
#include "generated/grammar-tables.h"

namespace ociwrap_test {
namespace {

// xorshift64*: any seed but 0, and the same numbers everywhere.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : state_(seed * 2 + 1) {}

  uint32_t below(uint32_t end) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1d) >> 32) % end;
  }

 private:
  uint64_t state_;
};

// Longer than what trigger-scan.cc reads at a time.
constexpr size_t kMostBytes = 150 * 1000;

class Bytes {
 public:
  void clear() { size_ = 0; }
  void put(uint8_t byte) {
    if (size_ < kMostBytes) bytes_[size_++] = byte;
  }
  void put(const char* text, size_t size) {
    for (size_t at = 0; at < size; at++) put(static_cast<uint8_t>(text[at]));
  }
  const uint8_t* data() const { return bytes_; }
  size_t size() const { return size_; }

 private:
  uint8_t bytes_[kMostBytes];
  size_t size_ = 0;
};

constexpr const char* kWords[] = {
    "create", "run", "restore", "exec", "list", "state", "--", "-", "---x", "--=", "", "=", "--future", "-x", "--x=y", "c1",
    "/b", "--bundle", "-b", "-b=/b", "-db/b", "--c", "--lo", "file:/l", "syslog:x", "json", "text", "false", "create --bundle",
    "sgs.snucse.org/os-volume", "\\u0073gs.snucse.org/os-volume", "\\u", "\\", "\\\\u0073", "\\/", "{\"annotations\":{\"",
    "trigger a.b/c\n", "trigger ", "present 1 2 3 4 /etc/passwd\n", "present 1 2\n", "absent /nowhere\n", "absent ",
    "every create\n", "end 1\n", "\n", "launcher ", "OCIWRAP_LOG_FILE=", "OCIWRAP_LOG_LEVEL=debug",
    "OCIWRAP_DEPTH=", "4294967296", "PATH=", "/usr/bin:", ":.:", "SGS_RUNC_PATH=", "SGS_WRAPPER_MODE=", "nvidia", "runc",
    "/proc/self/exe", "/usr/bin/runc", "..", "/..", "/.", "//", "/proc/self/root/", "/nowhere", "\xc3\xa9", "\xf0\x9f\x90\x8b",
    "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xe2\x80\xae", "\xe2\x80\xa8", "\xc2\x9b", "\x7f", "\x1b[2J", "\xff",
};

template <typename Item, size_t Count>
const Item& one_of(const Item (&items)[Count], Numbers* numbers) {
  return items[numbers->below(Count)];
}

const char* a_flag(Numbers* numbers) {
  const ociwrap::Grammar& grammar = one_of(ociwrap::kGrammars, numbers);
  const uint32_t place = numbers->below(static_cast<uint32_t>(grammar.verb_count) + 1);
  const ociwrap::FlagList& list = place < grammar.verb_count ? grammar.verbs[place].own : grammar.global;
  return list.count == 0 ? "bundle" : list.flags[numbers->below(static_cast<uint32_t>(list.count))].name;
}

void put_piece(Bytes* out, Numbers* numbers) {
  switch (numbers->below(10)) {
    case 0:
      for (uint32_t count = numbers->below(6); count > 0; count--) out->put(static_cast<uint8_t>(numbers->below(256)));
      return;
    case 1: {
      const char* flag = a_flag(numbers);
      out->put("--", 1 + numbers->below(2));
      // Whole, or an abbreviation.
      const uint32_t length = static_cast<uint32_t>(strlen(flag));
      out->put(flag, numbers->below(3) == 0 ? numbers->below(length + 1) : length);
      if (numbers->below(4) == 0) out->put('=');
      return;
    }
    case 2: {
      const char* word = one_of(kWords, numbers);
      out->put(word, numbers->below(static_cast<uint32_t>(strlen(word)) + 1));
      return;
    }
    case 3:
      // Rarely long: over the border of what is read at a time, and of every buffer.
      if (numbers->below(400) == 0) {
        const uint8_t byte = static_cast<uint8_t>(one_of("x/\\ \xe2", numbers));
        const uint32_t around = one_of({88u, 256u, 4096u, 16384u, 32768u, 65536u, 131072u}, numbers);
        for (uint32_t count = around - 40 + numbers->below(80); count > 0; count--) out->put(byte);
      }
      return;
    default: {
      const char* word = one_of(kWords, numbers);
      out->put(word, strlen(word));
    }
  }
}

void make_input(Bytes* out, Numbers* numbers) {
  out->clear();
  out->put(static_cast<uint8_t>(numbers->below(kTargetCount)));
  out->put(static_cast<uint8_t>(numbers->below(256)));
  if (numbers->below(2) == 0) out->put(static_cast<uint8_t>(numbers->below(32)));
  for (uint32_t count = numbers->below(14); count > 0; count--) {
    put_piece(out, numbers);
    // Between words, and between variables.
    if (numbers->below(3) != 0) out->put(0);
  }
}

uint64_t seed_of_run;
uint64_t current;

void say_which() {
  fprintf(stderr, "fuzz-launcher: input %llu of seed %llu\n", static_cast<unsigned long long>(current),
          static_cast<unsigned long long>(seed_of_run));
}

void on_abort(int) {
  say_which();
  _exit(1);
}

}  // namespace

int put_seeded_inputs(uint64_t seed, uint64_t runs) {
  static Bytes input;
  uint64_t counts[kTargetCount] = {};
  seed_of_run = seed;
  __sanitizer_set_death_callback(say_which);
  signal(SIGABRT, on_abort);
  Numbers numbers(seed);
  for (current = 0; current < runs; current++) {
    make_input(&input, &numbers);
    counts[input.data()[0]]++;
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  printf("%llu inputs of seed %llu", static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seed));
  for (size_t at = 0; at < kTargetCount; at++) {
    printf("%s %s %llu", at == 0 ? ":" : ",", kTargetNames[at], static_cast<unsigned long long>(counts[at]));
  }
  putchar('\n');
  return 0;
}

}  // namespace ociwrap_test
