// The whole program, with the bundle that is packaged, on a machine in memory (memory-machine.h) whose kernel lies now and then
// (memory-kernel.h). Our C++ is compiled with sanitizers; the translated engine is not, it is held by its sandbox. Whatever the
// machine has and its kernel says, a call ends as the runtime or as a refusal that has a code, and the engine does not fail.
//
//   fuzz-program FROM < CASES           cases of test/engine/whole/program-cases.ts, the first of which has the number FROM: for each
//                                       its length, 32 bits, and its records
//   fuzz-program FROM --show < CASES    the same, and how each of them ended
//
// Each case has a process: the engine runs once in one.
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "engine.h"
#include "lies.h"
#include "memory-kernel.h"
#include "program.h"
#include "wasm-operators.h"

using namespace ociwrap_test;

// By the linker's --wrap.
ociwrap::EngineEnd real_run_engine(const ociwrap::EngineCall& call) __asm__("__real__ZN7ociwrap10run_engineERKNS_10EngineCallE");
ociwrap::EngineEnd run_engine_and_look(const ociwrap::EngineCall& call) __asm__("__wrap__ZN7ociwrap10run_engineERKNS_10EngineCallE");
extern "C" {
uint32_t real_grow(uint32_t pages) __asm__("__real_engine_memory_grow");
uint32_t grow_and_open(uint32_t pages) __asm__("__wrap_engine_memory_grow");
void real_copy(uint8_t* to, const uint8_t* from, size_t size) __asm__("__real_engine_copy");
void copy_what_is_there(uint8_t* to, const uint8_t* from, size_t size) __asm__("__wrap_engine_copy");
void real_fill(uint8_t* to, int value, size_t size) __asm__("__real_engine_fill");
void fill_what_is_there(uint8_t* to, int value, size_t size) __asm__("__wrap_engine_fill");
int real_on_stack(int (*run)()) __asm__("__real__ZN7ociwrap6engine8on_stackEPFivE");
int on_stack_and_tell(int (*run)()) __asm__("__wrap__ZN7ociwrap6engine8on_stackEPFivE");
[[noreturn]] void real_leave_stack(int result) __asm__("__real__ZN7ociwrap6engine11leave_stackEi");
[[noreturn]] void leave_stack_and_tell(int result) __asm__("__wrap__ZN7ociwrap6engine11leave_stackEi");
#ifdef WITH_LIBFUZZER
extern uint8_t first_counter[] __asm__("__start___sancov_cntrs");
extern uint8_t last_counter[] __asm__("__stop___sancov_cntrs");
#endif
}

namespace {

// Longer than the slowest of them takes under sanitizers, many times over.
constexpr rlim_t kMostSeconds = 60;

struct Shared {
  End end;
  bool used_engine;
  bool engine_failed;
  char why[512];
};
Shared* shared;

struct Case {
  MemoryMachine machine;
  std::vector<std::string> words;
  std::vector<std::string> variables;
  std::string exec_fn;
  std::string input;
  std::string lies;
  size_t page_size = 4096;
};

// A record is a letter, a length of 32 bits, and as many bytes. What is cut off, or of no known kind, is left out.
class Records {
 public:
  Records(const uint8_t* data, size_t size) : at_(data), left_(size) {}

  bool next(char* kind, std::string* bytes) {
    if (left_ < 5) return false;
    *kind = static_cast<char>(*at_);
    uint32_t size;
    memcpy(&size, at_ + 1, sizeof size);
    at_ += 5;
    left_ -= 5;
    if (size > left_) size = static_cast<uint32_t>(left_);
    bytes->assign(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    left_ -= size;
    return true;
  }

 private:
  const uint8_t* at_;
  size_t left_;
};

uint32_t number_of(const std::string& bytes) {
  uint32_t number = 0;
  memcpy(&number, bytes.data(), bytes.size() < sizeof number ? bytes.size() : sizeof number);
  return number;
}

bool is_path(const std::string& path) {
  return path.size() > 1 && path.size() < 4096 && path[0] == '/' && path.back() != '/' && path.find("//") == std::string::npos &&
         path.find("/.") == std::string::npos && path.find('\0') == std::string::npos;
}

void read_case(const uint8_t* data, size_t size, Case* into) {
  Records records(data, size);
  char kind;
  std::string bytes;
  into->machine.put("/", S_IFDIR | 0755);
  into->machine.put("/", S_IFDIR | 0755)->is_mount = true;
  NodeAt node;
  const auto put = [&](uint32_t mode) { node = is_path(bytes) ? into->machine.put(bytes, mode) : nullptr; };
  const auto text = [&] { return bytes.substr(0, bytes.find('\0')); };
  while (records.next(&kind, &bytes)) {
    switch (kind) {
      case 'a': into->words.push_back(text()); break;
      case 'e': into->variables.push_back(text()); break;
      case 'x': into->exec_fn = text(); break;
      case 'w': into->machine.working_directory = is_path(bytes) ? bytes : "/"; break;
      case 'i': into->input = bytes; break;
      case 'k': into->lies = bytes; break;
      case 'p': into->page_size = number_of(bytes); break;
      case 'd': put(S_IFDIR | 0755); break;
      case 'f': put(S_IFREG | 0644); break;
      case 'l': put(S_IFLNK | 0777); break;
      case 'v': put(S_IFCHR | 0666); break;
      case 'V': put(S_IFBLK | 0660); break;
      // Of what stands last.
      case 'c':
        if (node != nullptr) node->bytes = bytes;
        break;
      case 't':
        if (node != nullptr) node->bytes = text();
        break;
      case 'm':
        if (node != nullptr) node->mode = (node->mode & S_IFMT) | (number_of(bytes) & 07777);
        break;
      case 'u':
        if (node != nullptr) node->uid = number_of(bytes);
        break;
      case 'M':
        if (node != nullptr) node->is_mount = true;
        break;
      case 'n':
        if (node != nullptr) node->device_number = makedev(number_of(bytes) >> 16, number_of(bytes) & 0xffff);
        break;
      case 'E':
        if (node != nullptr) node->error = static_cast<int>(number_of(bytes) % 4096);
        break;
      default: break;
    }
  }
  if (into->words.empty()) into->words.push_back("runc");
}

std::vector<char*> pointers_to(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  for (std::string& text : *texts) pointers.push_back(&text[0]);
  pointers.push_back(nullptr);
  return pointers;
}

// The first byte of the lies says of what kind they are; without any the kernel is honest.
Lies lies_of(const Case& one) { return one.lies.empty() ? Lies::kNone : one.lies[0] % 2 == 0 ? Lies::kFailures : Lies::kAny; }

#ifdef WITH_LIBFUZZER
// What of the program was reached stands in the memory of a process that is gone then; the kernel's end of it is the last that
// happens there.
uint8_t* counters_left() { return reinterpret_cast<uint8_t*>(shared + 1); }
size_t counter_count() { return static_cast<size_t>(last_counter - first_counter); }
void leave_counters() { memcpy(counters_left(), first_counter, counter_count()); }
void take_counters() { memcpy(first_counter, counters_left(), counter_count()); }
#else
void leave_counters() {}
void take_counters() {}
#endif

[[noreturn]] void run_case(Case* one, Lies lies) {
  const rlimit seconds = {kMostSeconds, kMostSeconds};
  setrlimit(RLIMIT_CPU, &seconds);
  start_lies(reinterpret_cast<const uint8_t*>(one->lies.data()) + !one->lies.empty(), one->lies.size() - !one->lies.empty());
  start_kernel(&one->machine, lies, one->input, &shared->end, leave_counters);
  std::vector<char*> words = pointers_to(&one->words);
  std::vector<char*> variables = pointers_to(&one->variables);
  const ociwrap::ProgramCall call = {static_cast<int>(one->words.size()), words.data(), variables.data(), one->exec_fn.c_str(), one->page_size};
  ociwrap::run_program(call);
}

// False where a sanitizer or a signal ended the process.
bool run_in_process(Case* one, Lies lies) {
  memset(shared, 0, sizeof *shared);
  const pid_t child = fork();
  if (child == 0) run_case(one, lies);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) take_counters();
  if (WIFSIGNALED(status)) fprintf(stderr, "fuzz-program: ended by signal %d\n", WTERMSIG(status));
  return status == 0 && shared->end.kind != End::kNone;
}

// ociwrap and NVIDIA's hook say in their own way how they end.
bool is_for_people(const Case& one) {
  const std::string& name = one.exec_fn.empty() ? one.words[0] : one.exec_fn;
  const auto ends_with = [](const std::string& text, const char* end) {
    return text.size() >= strlen(end) && text.compare(text.size() - strlen(end), std::string::npos, end) == 0;
  };
  return ends_with(name, "ociwrap") || name.find("nvidia-container") != std::string::npos ||
         one.words[0].find("nvidia-container") != std::string::npos;
}

// The code of a refusal is the last one: what is quoted of an input stands before it, and libFuzzer puts what we look for there.
bool is_refused_as(const char* code) {
  const char* last = nullptr;
  for (const char* at = strstr(shared->end.stderr_text, "[ERR_"); at != nullptr; at = strstr(at + 1, "[ERR_")) last = at;
  return last != nullptr && strncmp(last, code, strlen(code)) == 0;
}

const char* fault_of(const Case& one) {
  const End& end = shared->end;
  // The launcher gives up where the kernel has no memory for the engine, and says so.
  if (shared->engine_failed && !end.denied_memory) return "the engine failed";
  // By it errors are told that nobody thought of (refusal.ts).
  if (is_refused_as("[ERR_UNEXPECTED]")) return "an error that is none of ours";
  if (end.kind == End::kExecve || is_for_people(one)) return nullptr;
  if (end.status == 0) return "a call that was not handed over has ended well";
  return is_refused_as("[ERR_") ? nullptr : "a refusal without a code";
}

struct Counts {
  unsigned long cases, runtime, rewritten, refused, commands, in_engine, lies;
};
Counts counts;
unsigned long first_number;

void count() {
  counts.in_engine += shared->used_engine;
  counts.lies += shared->end.lies;
  if (shared->end.kind == End::kExecve) (shared->end.config == shared->end.config_before ? counts.runtime : counts.rewritten)++;
  else if (is_refused_as("[ERR_")) counts.refused++;
  else counts.commands++;
}

// What is wrong with it; null where nothing is.
const char* put_case(const uint8_t* data, size_t size) {
  Case one;
  read_case(data, size, &one);
  counts.cases++;
  if (!run_in_process(&one, lies_of(one))) return "it came to no end";
  count();
  const char* fault = fault_of(one);
  if (fault != nullptr || shared->end.kind != End::kExecve) return fault;
  // That a file is the wrapper's may not be seen where files cannot be read: the wrapper is asked again then, so many times.
  if (shared->end.executes_wrapper) return lies_of(one) == Lies::kNone ? "the wrapper has started itself" : nullptr;
  if (shared->end.lacks_root && shared->end.config != shared->end.config_before) return "a root that is not mounted";
  if (lies_of(one) != Lies::kFailures) return nullptr;
  // A machine that is sick, and says so, hands no call over that it would have refused or rewritten in health.
  const End told = shared->end;
  if (!run_in_process(&one, Lies::kNone)) return "it came to no end in health";
  if (shared->end.kind == End::kExit) {
    memcpy(shared->end.lied, told.lied, sizeof told.lied);
    return "calls that failed let through what is refused";
  }
  if (shared->end.config == told.config) return nullptr;
  shared->end = told;
  return "calls that failed let through what is rewritten";
}

void tell(FILE* out) {
  const End& end = shared->end;
  fprintf(out, "case %lu: %s %d, %lu calls, %lu lies%s\n%s%s\n%s\n", first_number + counts.cases - 1, end.kind == End::kExecve ? "execve" : "exit",
          end.status, static_cast<unsigned long>(end.calls), static_cast<unsigned long>(end.lies),
          shared->used_engine ? ", engine" : "", end.lied, end.stderr_text, shared->why);
}

void open_shared() {
  if (shared != nullptr) return;
  size_t size = sizeof *shared;
#ifdef WITH_LIBFUZZER
  size += counter_count();
#endif
  void* got = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) abort();
  shared = static_cast<Shared*>(got);
}

}  // namespace

ociwrap::EngineEnd run_engine_and_look(const ociwrap::EngineCall& call) {
  shared->used_engine = true;
  const ociwrap::EngineEnd end = real_run_engine(call);
  if (end.failure == ociwrap::EngineFailure::kNone) return end;
  shared->engine_failed = true;
  const size_t size = end.text.size() < sizeof shared->why - 1 ? end.text.size() : sizeof shared->why - 1;
  memcpy(shared->why, end.text.data(), size);
  return end;
}

// Its host may reach what the engine has, and no more.
uint32_t grow_and_open(uint32_t pages) {
  const uint32_t before = real_grow(pages);
  if (before != UINT32_MAX) {
    close_memory_behind(before + pages);
    ASAN_UNPOISON_MEMORY_REGION(reinterpret_cast<void*>(ENGINE_MEMORY_AT + (uint64_t{before} << 16)), size_t{pages} << 16);
  }
  return before;
}

// Long ones are copied by one instruction, which no sanitizer looks at.
void copy_what_is_there(uint8_t* to, const uint8_t* from, size_t size) {
  look_at(from, size);
  look_at(to, size);
  real_copy(to, from, size);
}
void fill_what_is_there(uint8_t* to, int value, size_t size) {
  look_at(to, size);
  real_fill(to, value, size);
}

namespace {
int (*run_there)();
const void* stack_before;
size_t stack_before_size;
int run_on_engine_stack() {
  __sanitizer_finish_switch_fiber(nullptr, &stack_before, &stack_before_size);
  const int result = run_there();
  __sanitizer_start_switch_fiber(nullptr, stack_before, stack_before_size);
  return result;
}
}  // namespace

// AddressSanitizer is told of the other stack: it looks at all of one at calls that never come back.
int on_stack_and_tell(int (*run)()) {
  run_there = run;
  void* kept = nullptr;
  __sanitizer_start_switch_fiber(&kept, engine_stack().bottom, engine_stack().size);
  const int result = real_on_stack(run_on_engine_stack);
  __sanitizer_finish_switch_fiber(kept, nullptr, nullptr);
  return result;
}
void leave_stack_and_tell(int result) {
  __sanitizer_start_switch_fiber(nullptr, stack_before, stack_before_size);
  real_leave_stack(result);
}

#ifdef WITH_LIBFUZZER

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  open_shared();
  const char* fault = put_case(data, size);
  if (fault == nullptr) return 0;
  fprintf(stderr, "fuzz-program: %s\n", fault);
  tell(stderr);
  abort();
}

#else

int main(int argc, char** argv) {
  open_shared();
  first_number = argc > 1 ? strtoul(argv[1], nullptr, 10) : 0;
  const bool shows = argc > 2 && strcmp(argv[2], "--show") == 0;
  std::vector<uint8_t> bytes;
  uint32_t size;
  while (fread(&size, sizeof size, 1, stdin) == 1) {
    bytes.resize(size);
    if (fread(bytes.data(), 1, size, stdin) != size) break;
    const char* fault = put_case(bytes.data(), size);
    if (shows) tell(stdout);
    fflush(stdout);
    if (fault == nullptr) continue;
    fprintf(stderr, "fuzz-program: case %lu: %s\n", first_number + counts.cases - 1, fault);
    tell(stderr);
    return 1;
  }
  printf("%lu cases: %lu passed, %lu rewritten, %lu refused, %lu commands; %lu in the engine; %lu lies\n", counts.cases, counts.runtime,
         counts.rewritten, counts.refused, counts.commands, counts.in_engine, counts.lies);
  return 0;
}

#endif
