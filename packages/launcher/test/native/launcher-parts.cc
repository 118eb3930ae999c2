// Asks the launcher's parts one question a line, so that tests can hold thousands of answers against those of the
// TypeScript sources: a command, then arguments in hexadecimal. Each answer is one line.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fast-path-table.h"
#include "handler-name.h"
#include "fuzz-launcher.h"
#include "invocation.h"
#include "real-path.h"
#include "trigger-scan.h"
#include "utf8.h"

namespace {

using ociwrap::Text;

constexpr size_t kMaxArguments = 256;
Text arguments[kMaxArguments];
size_t argument_count;

int digit(char character) { return character <= '9' ? character - '0' : character - 'a' + 10; }

// In place; each argument ends with a NUL. An empty one is written as "-".
void split(char* line) {
  argument_count = 0;
  for (char* word = strtok(line, " \n"); word != nullptr && argument_count < kMaxArguments; word = strtok(nullptr, " \n")) {
    size_t length = 0;
    for (const char* at = word; at[0] != '-' && at[0] != '\0'; at += 2) {
      word[length++] = static_cast<char>(digit(at[0]) << 4 | digit(at[1]));
    }
    word[length] = '\0';
    arguments[argument_count++] = Text(word, length);
  }
}

void print_hex(Text text) {
  putchar(' ');
  if (text.empty()) putchar('-');
  for (const char byte : text) printf("%02x", static_cast<unsigned char>(byte));
}

void print_text(const char* name, const char* text) {
  if (text == nullptr) return;
  printf(" %s", name);
  print_hex(text);
}

// In memory of its own that ends with its NUL, so that the sanitizers see whoever reads on.
const char* alone(Text text) {
  char* copy = static_cast<char*>(malloc(text.size() + 1));
  memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

void parse() {
  const size_t count = argument_count - 2;
  const char** words = static_cast<const char**>(malloc((count + 1) * sizeof *words));
  for (size_t at = 0; at < count; at++) words[at] = alone(arguments[at + 2]);
  words[count] = nullptr;
  const ociwrap::Invocation found =
      ociwrap::parse_invocation(words, ociwrap::dialect_of(arguments[0], arguments[1]));
  printf(found.certain ? "certain" : "uncertain");
  if (ociwrap::carries_rewrite(found)) printf(" carries");
  print_text("verb", found.verb);
  print_text("bundle", found.bundle);
  print_text("configFile", found.config_file);
  print_text("id", found.id);
  print_text("log", found.log);
  print_text("logFormat", found.log_format);
  print_text("root", found.root);
  for (size_t at = 0; at < count; at++) free(const_cast<char*>(words[at]));
  free(words);
}

void scan() {
  ociwrap::Triggers triggers = {};
  for (size_t at = 1; at < argument_count; at++) {
    if (!ociwrap::add_trigger(&triggers, arguments[at])) {
      printf("no plain trigger");
      return;
    }
  }
  const int fd = memfd_create("config.json", 0);
  const ssize_t written = write(fd, arguments[0].data(), arguments[0].size());
  lseek(fd, 0, SEEK_SET);
  const auto result = ociwrap::scan_for_triggers(fd, triggers);
  close(fd);
  if (written != static_cast<ssize_t>(arguments[0].size())) abort();
  printf(result == ociwrap::ScanResult::kClear ? "clear" : result == ociwrap::ScanResult::kTrigger ? "trigger" : "failed");
}

void table() {
  ociwrap::Triggers triggers = {};
  const bool believed = ociwrap::parse_table(arguments[0], arguments[1], &triggers);
  printf(believed ? "believed" : "not believed");
  for (size_t at = 0; believed && at < triggers.count; at++) print_hex(triggers.texts[at]);
}

void handler() {
  printf("handler");
  print_hex(ociwrap::handler_of(arguments[0], arguments[1]));
}

void decode() {
  static ociwrap::FixedText<1 << 16> text;
  text.clear();
  ociwrap::append_decoded(&text, arguments[0]);
  printf("decoded");
  print_hex(text.view());
}

void real_path() {
  static ociwrap::PathBuffer path;
  const bool found = ociwrap::resolve_path(arguments[0], &path);
  printf(found ? "found" : "none");
  if (found) print_hex(path.view());
}

void quoted() {
  static ociwrap::FixedText<1 << 16> text;
  text.clear();
  ociwrap::append_quoted(&text, arguments[0]);
  printf(text.overflowed() ? "too long" : "quoted");
  print_hex(text.view());
}

}  // namespace

// launcher-parts fuzz SEED RUNS puts no questions, but inputs that it makes.
int main(int argc, char** argv) {
  if (argc == 4 && strcmp(argv[1], "fuzz") == 0) {
    return ociwrap_test::put_seeded_inputs(strtoull(argv[2], nullptr, 10), strtoull(argv[3], nullptr, 10));
  }
  char* line = nullptr;
  size_t room = 0;
  while (getline(&line, &room, stdin) > 0) {
    char* rest = strchr(line, ' ');
    if (rest != nullptr) *rest++ = '\0';
    split(rest != nullptr ? rest : line + strlen(line));
    if (strcmp(line, "parse") == 0) parse();
    if (strcmp(line, "scan") == 0) scan();
    if (strcmp(line, "table") == 0) table();
    if (strcmp(line, "handler") == 0) handler();
    if (strcmp(line, "decode") == 0) decode();
    if (strcmp(line, "realpath") == 0) real_path();
    if (strcmp(line, "quoted") == 0) quoted();
    putchar('\n');
  }
  return 0;
}
