// The engine, made to reach for what the test names, in a process state that the test names:
//   reaching-engine STATE WHAT [ADDRESS [OFFSET OR SIZE]]
// Prints how that ended, and what the kernel says of SIGSEGV afterwards.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine-window.h"
#include "engine.h"

// As the translated code has it.
#include "quickjs-unit.h"

namespace {

const char* what;
u32 address;
u32 offset;
volatile u64 seen;

volatile sig_atomic_t handled;
void handle(int) { handled = handled + 1; }

bool is(const char* text, const char* wanted) { return strcmp(text, wanted) == 0; }

void print_mappings() {
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != nullptr && fgets(line, sizeof line, maps) != nullptr) fputs(line, stdout);
  if (maps != nullptr) fclose(maps);
}

void be_sent_in_thread() { syscall(SYS_tgkill, getpid(), getpid(), SIGSEGV); }

// As the kernel sends what a tracer has a program go on with (ptrace_report_syscall in include/linux/ptrace.h).
void be_sent_by_tracer() {
  siginfo_t info = {};
  info.si_signo = SIGSEGV;
  info.si_code = SI_KERNEL;
  info.si_uid = 1;  // which stands where the address of a fault does: in the window
  syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGSEGV, &info);
}

void reach() {
  if (is(what, "load")) seen = i32_load8_u(address, offset);
  if (is(what, "store")) i64_store(address, offset, 1);
  if (is(what, "fill")) memory_fill(address, 1, offset);
  if (is(what, "copy to")) memory_copy(address, 0, offset);
  if (is(what, "copy from")) memory_copy(0, address, offset);
  if (is(what, "stack")) engine_stack_pointer = 16;  // of the linear memory: what is called next goes below 0
  if (is(what, "elsewhere")) seen = *reinterpret_cast<volatile u8*>(static_cast<uintptr_t>(address));
  if (is(what, "behind the window")) seen = *reinterpret_cast<volatile u8*>(ENGINE_WINDOW_END);
  if (is(what, "no address")) seen = *reinterpret_cast<volatile u8*>(uintptr_t{1} << 63);
  if (is(what, "be sent SIGSEGV")) kill(getpid(), SIGSEGV);
  if (is(what, "be sent SIGSEGV in its thread")) be_sent_in_thread();
  if (is(what, "be sent SIGSEGV by a tracer")) be_sent_by_tracer();
  if (is(what, "be sent SIGSEGV and load")) {
    kill(getpid(), SIGSEGV);
    seen = i32_load8_u(address, offset);
  }
  if (strstr(what, "be sent") != nullptr) dprintf(STDOUT_FILENO, "the engine goes on\n");
  if (is(what, "map")) print_mappings();
}

// Execution begins in the state; what is said of a signal is the kernel's.
void enter(const char* state) {
  sigset_t segv;
  sigemptyset(&segv);
  sigaddset(&segv, SIGSEGV);
  if (strstr(state, "ignored") != nullptr) signal(SIGSEGV, SIG_IGN);
  if (strstr(state, "handled") != nullptr) signal(SIGSEGV, handle);
  if (strstr(state, "blocked") != nullptr) sigprocmask(SIG_BLOCK, &segv, nullptr);
  if (strstr(state, "waiting") != nullptr) kill(getpid(), SIGSEGV);
  if (strstr(state, "in its thread") != nullptr) be_sent_in_thread();
  if (strstr(state, "occupied") != nullptr) {
    void* at = reinterpret_cast<void*>(ENGINE_MEMORY_AT + 0xc0000000ul);
    mmap(at, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  }
}

// Whether SIGSEGV waits: proc_pid_status(5).
bool is_waiting(const char* whose) {
  FILE* status = fopen("/proc/self/status", "r");
  char line[512];
  unsigned long signals = 0;
  const size_t length = strlen(whose);
  while (status != nullptr && fgets(line, sizeof line, status) != nullptr) {
    if (strncmp(line, whose, length) == 0) signals = strtoul(line + length, nullptr, 16);
  }
  if (status != nullptr) fclose(status);
  return (signals >> (SIGSEGV - 1) & 1) != 0;
}

const char* state_now() {
  static char text[128];
  struct sigaction action;
  sigset_t blocked;
  sigaction(SIGSEGV, nullptr, &action);
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  const char* disposition = action.sa_handler == SIG_DFL  ? "default"
                            : action.sa_handler == SIG_IGN ? "ignored"
                            : action.sa_handler == handle  ? "handled"
                                                           : "odd";
  snprintf(text, sizeof text, "%s%s%s%s", disposition, sigismember(&blocked, SIGSEGV) ? " blocked" : "",
           is_waiting("ShdPnd:") ? " waiting" : "", is_waiting("SigPnd:") ? " in its thread" : "");
  return text;
}

}  // namespace

extern "C" {
// What run_engine asks first of all (the linker's --wrap).
u32 __real_vm_qjs_is_function(u32 box);
u32 __wrap_vm_qjs_is_function(u32 box) {
  reach();
  return __real_vm_qjs_is_function(box);
}
}

int main(int argc, char** argv, char** env) {
  if (argc < 3) return 2;
  what = argv[2];
  address = argc > 3 ? static_cast<u32>(strtoul(argv[3], nullptr, 0)) : 0;
  offset = argc > 4 ? static_cast<u32>(strtoul(argv[4], nullptr, 0)) : 0;
  enter(argv[1]);
  const ociwrap::EngineEnd end = ociwrap::run_engine({"any", false, argc, argv, env, argv[0], getauxval(AT_PAGESZ), {}});
  printf("%.*s\n%s\n%d\n", static_cast<int>(end.text.size()), end.text.data(), state_now(), static_cast<int>(handled));
  return static_cast<int>(end.failure);
}
