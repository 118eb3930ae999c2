#include "fuzz-launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fast-path-table.h"
#include "generated/grammar-tables.h"
#include "invocation.h"
#include "log-record.h"
#include "trigger-scan.h"
#include "verb-flags.h"

namespace ociwrap_test {

const char* const kTargetNames[kTargetCount] = {"arguments", "flag", "config.json", "table",
                                                "log",       "text", "environment", "path"};

namespace {

using ociwrap::Text;

void require(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "fuzz-launcher: %s\n", what);
  abort();
}

// Bytes in memory of their own, so that AddressSanitizer sees a step beyond them; a NUL behind them where wanted.
class Alone {
 public:
  Alone(const char* bytes, size_t size, bool terminated) : size_(size) {
    bytes_ = static_cast<char*>(malloc(size + (terminated ? 1 : 0)));
    if (size > 0) memcpy(bytes_, bytes, size);
    if (terminated) bytes_[size] = '\0';
  }
  ~Alone() { free(bytes_); }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;

  Text text() const { return {bytes_, size_}; }
  char* c_str() { return bytes_; }

 private:
  char* bytes_;
  size_t size_;
};

// What of an input is left to read.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  uint8_t byte() {
    if (rest_.empty()) return 0;
    const uint8_t first = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  bool empty() const { return rest_.empty(); }
  Text rest() const { return rest_; }
  // Up to the next NUL, which is passed over.
  Text piece() {
    const size_t length = ociwrap::find(rest_, '\0');
    const Text found(rest_.data(), length);
    rest_.remove_prefix(length < rest_.size() ? length + 1 : length);
    return found;
  }

 private:
  Text rest_;
};

// A list as execve(2) passes it: each text and the list itself in memory of its own.
class List {
 public:
  explicit List(Input* input, size_t most = 64) {
    while (!input->empty() && count_ < most && count_ < kMost) {
      const Text text = input->piece();
      texts_[count_++] = new Alone(text.data(), text.size(), true);
    }
    list_ = static_cast<char**>(malloc((count_ + 1) * sizeof(char*)));
    for (size_t at = 0; at < count_; at++) list_[at] = texts_[at]->c_str();
    list_[count_] = nullptr;
  }
  ~List() {
    for (size_t at = 0; at < count_; at++) delete texts_[at];
    free(list_);
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  char** list() const { return list_; }
  // Null is part of no text, and always answered with yes.
  bool holds(const char* part) const {
    if (part == nullptr) return true;
    for (size_t at = 0; at < count_; at++) {
      const Text text = texts_[at]->text();
      if (part >= text.begin() && part <= text.end()) return true;
    }
    return false;
  }

 private:
  static constexpr size_t kMost = 256;
  Alone* texts_[kMost];
  size_t count_ = 0;
  char** list_;
};

constexpr const char* kRuntimes[] = {"runc", "crun", "runsc", "youki", "oci"};

ociwrap::Dialect dialect_number(uint8_t number) {
  return ociwrap::dialect_of(kRuntimes[number % (sizeof kRuntimes / sizeof kRuntimes[0])], "");
}

void read_arguments(Input input) {
  const ociwrap::Dialect dialect = dialect_number(input.byte());
  const List words(&input, 256);
  const ociwrap::Invocation found = ociwrap::parse_invocation(words.list(), dialect);
  const char* const parts[] = {found.bundle, found.config_file, found.id, found.log, found.verb};
  for (const char* part : parts) require(words.holds(part), "a part of the invocation is none of the arguments");
  require(found.log_format == nullptr || Text(found.log_format) == "json" || Text(found.log_format) == "text",
          "a format of the log that there is not");
  require(!found.certain || !found.has_other_reading, "certain, and not");
}

void read_flag(Input input) {
  const ociwrap::Grammar& grammar = dialect_number(input.byte()).grammar;
  const uint8_t of_verb = input.byte();
  const ociwrap::FlagTable table = of_verb < grammar.verb_count
                                       ? ociwrap::table_behind(grammar.verbs[of_verb], grammar)
                                       : ociwrap::global_table(grammar);
  const bool has_next = input.byte() % 4 != 0;
  const Text word_text = input.piece();
  const Text next_text = input.piece();
  Alone word(word_text.data(), word_text.size(), true);
  Alone next(next_text.data(), next_text.size(), true);
  const ociwrap::FlagReading found =
      ociwrap::read_flag(word.c_str(), has_next ? next.c_str() : nullptr, table, grammar.syntax);
  require(found.width == 1 || (found.width == 2 && has_next), "a flag takes a word that is not there");
  require(!found.may_take_next || has_next, "a flag may take a word that is not there");
  const bool is_next = found.value == next.c_str();
  require(!is_next || found.width == 2, "the next word is a value and is not taken");
  require(found.value == nullptr || is_next ||
              (found.value >= word.text().begin() && found.value <= word.text().end()),
          "a value that stands in neither word");
}

void scan(Input input) {
  ociwrap::Triggers triggers = {};
  for (uint8_t count = input.byte() % 4; count > 0; count--) ociwrap::add_trigger(&triggers, input.piece());
  ociwrap::add_trigger(&triggers, "sgs.snucse.org/os-volume");
  const Text config = input.rest();
  const int fd = memfd_create("config.json", 0);
  require(write(fd, config.data(), config.size()) == static_cast<ssize_t>(config.size()), "no room for a file");
  lseek(fd, 0, SEEK_SET);
  const ociwrap::ScanResult result = ociwrap::scan_for_triggers(fd, triggers);
  close(fd);
  require(result != ociwrap::ScanResult::kFailed, "a file that can be read was not");
  for (size_t at = 0; at < triggers.count; at++) {
    const Text trigger = triggers.texts[at];
    const bool occurs = memmem(config.data(), config.size(), trigger.data(), trigger.size()) != nullptr;
    require(!occurs || result == ociwrap::ScanResult::kTrigger, "a trigger was not found");
  }
}

// The last line of a table, over what stands above it (fast-path-table.cc).
uint64_t checksum(const char* bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t at = 0; at < size; at++) hash = (hash ^ static_cast<uint8_t>(bytes[at])) * 0x100000001b3;
  return hash;
}

// A table around the input: whole, cut off somewhere, or the input alone.
void read_table(Input input) {
  const uint8_t shape = input.byte();
  const Text body = input.rest();
  static char bytes[1 << 17];
  size_t size = 0;
  if (shape % 8 != 0 && body.size() < sizeof bytes / 2) {
    size = static_cast<size_t>(snprintf(bytes, sizeof bytes, "ociwrap-fast-path 2\nlauncher 1 2 3 4\n"));
    if (!body.empty()) memcpy(bytes + size, body.data(), body.size());
    size += body.size();
    size += static_cast<size_t>(snprintf(bytes + size, sizeof bytes - size, "end %llu\n",
                                         static_cast<unsigned long long>(checksum(bytes, size))));
    if (shape % 8 == 1) size -= shape / 8;
  } else {
    size = body.size() < sizeof bytes ? body.size() : sizeof bytes;
    if (size > 0) memcpy(bytes, body.data(), size);
  }
  const Alone table(bytes, size, false);
  ociwrap::Triggers triggers = {};
  if (!ociwrap::parse_table(table.text(), "1 2 3 4", &triggers)) return;
  for (size_t at = 0; at < triggers.count; at++) {
    require(ociwrap::is_plain_trigger(triggers.texts[at]), "a trigger that cannot be searched for was believed");
  }
}

// Whether people can look at it: UTF-8 of printable characters and line feeds.
void require_shown(Text text, const char* what) {
  while (!text.empty()) {
    const bool is_replacement = text.size() >= 3 && memcmp(text.data(), "\xef\xbf\xbd", 3) == 0;
    const uint32_t character = ociwrap::take_character(&text);
    require(character != ociwrap::kReplacement || is_replacement, what);
    require(character == '\n' || !ociwrap::is_unprintable(character), what);
  }
}

void write_records(Input input) {
  static ociwrap::LogSettings settings;
  static ociwrap::Resolution resolution;
  static ociwrap::RecordText records;
  const uint8_t shape = input.byte();
  const List words(&input, 8);
  char** word = words.list();
  const auto next = [&]() -> const char* { return *word == nullptr ? nullptr : *word++; };

  ociwrap::Invocation invocation = {};
  invocation.verb = next();
  invocation.id = next();
  invocation.bundle = next();
  invocation.has_other_reading = shape & 1;
  resolution.found = shape & 2;
  resolution.path.clear();
  const char* path = next();
  append_decoded(&resolution.path, path != nullptr ? path : "/usr/bin/runc");
  const char* about = next();
  resolution.warnings[0] = {"passed over ", about != nullptr ? about : "", ": no"};
  resolution.warning_count = shape >> 2 & 1;
  ociwrap::read_log_settings(words.list(), &settings);
  settings.level = static_cast<ociwrap::LogLevel>(shape >> 3 & 3);

  const ociwrap::CallFacts facts = {&invocation, &resolution, {}};
  records.clear();
  ociwrap::append_records(&records, facts, "no trigger text in config.json", settings);
  if (!records.overflowed()) require_shown(records.view(), "a record that cannot be shown");
  records.clear();
  const char* message = next();
  ociwrap::append_refusal(&records, facts, message != nullptr ? message : "", "ERR_ENGINE_FAILED", "do so");
  if (records.overflowed()) return;
  require_shown(records.view(), "a refusal that cannot be shown");
  const Text written = records.view();
  require(ociwrap::find(written, '\n') == written.size() - 1, "a record of more than one line");
}

void show_text(Input input) {
  static ociwrap::FixedText<1 << 14> decoded, again, shown;
  const Text rest = input.rest();
  const Alone bytes(rest.data(), rest.size(), false);
  decoded.clear();
  append_decoded(&decoded, bytes.text());
  if (decoded.overflowed()) return;
  again.clear();
  append_decoded(&again, decoded.view());
  require(again.view() == decoded.view(), "decoded text is decoded to another one");
  shown.clear();
  append_printable(&shown, bytes.text());
  if (!shown.overflowed()) {
    require_shown(shown.view(), "printable text that is not");
    require(ociwrap::find(shown.view(), '\n') == shown.view().size(), "printable text with a line feed");
  }
  shown.clear();
  append_quoted(&shown, bytes.text());
  if (!shown.overflowed()) require_shown(shown.view(), "quoted text that cannot be shown");
}

void resolve(Input input) {
  static ociwrap::Self self;
  static ociwrap::Resolution resolution;
  const Text argv0 = input.piece();
  const Text exec_fn = input.piece();
  Alone called(argv0.data(), argv0.size(), true);
  Alone executed(exec_fn.data(), exec_fn.size(), true);
  const List env(&input);
  ociwrap::find_self(executed.c_str(), &self);
  ociwrap::resolve_runtime({called.c_str(), executed.c_str(), env.list(), &self}, &resolution);
  require(resolution.warning_count <= sizeof resolution.warnings / sizeof resolution.warnings[0], "too many warnings");
  require(!resolution.found || !resolution.path.view().empty(), "a runtime without a path");
}

void resolve_path(Input input) {
  static ociwrap::PathBuffer out;
  const Text rest = input.rest();
  const Alone path(rest.data(), ociwrap::find(rest, '\0'), false);
  if (!ociwrap::resolve_path(path.text(), &out)) return;
  require(!out.view().empty() && out.view().front() == '/', "a real path that is not absolute");
}

using Target = void (*)(Input);
constexpr Target kTargets[kTargetCount] = {read_arguments, read_flag, scan,    read_table,
                                           write_records,  show_text, resolve, resolve_path};

}  // namespace
}  // namespace ociwrap_test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  ociwrap_test::kTargets[data[0] % ociwrap_test::kTargetCount](ociwrap_test::Input(data + 1, size - 1));
  return 0;
}
