#include "outside-access.h"

#include <signal.h>

#include "engine-window.h"
#include "system-calls.h"

extern "C" void engine_return_from_signal();

// On x86-64 the kernel has no code of its own for the way back from a handler, and demands the program's (rt_sigreturn(2));
// debuggers know it by these instructions. That of arm64 is in the vdso.
#if defined(__x86_64__)
__asm__(
    ".text\n"
    ".type engine_return_from_signal, @function\n"
    "engine_return_from_signal:\n"
    "  mov $15, %rax\n"
    "  syscall\n");
#endif

namespace ociwrap::engine {
namespace {

// struct sigaction of the kernel (rt_sigaction(2), "C library/kernel differences").
struct Action {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};
constexpr uint64_t kSegv = uint64_t{1} << (SIGSEGV - 1);

Action before;
bool is_caught;
bool was_blocked;

// Of those that wait the kernel has at most one for the process and one for its thread, too.
struct Kept {
  bool is_there;
  siginfo_t info;
};
Kept kept[2];

long set_action(const Action& next, Action* old) {
  return raw::call(SYS_rt_sigaction, SIGSEGV, raw::number(&next), raw::number(old), sizeof kSegv);
}

// Of the thread is what tgkill(2) has sent, or the kernel for a tracer.
bool is_for_thread(const siginfo_t& info) { return info.si_code == SI_TKILL || info.si_code == SI_KERNEL; }

// With the siginfo that it came with, which the kernel takes from a process for itself alone (rt_sigqueueinfo(2)).
void send_again(const siginfo_t& info) {
  const long self = raw::call(SYS_getpid);
  if (is_for_thread(info)) {
    raw::call(SYS_rt_tgsigqueueinfo, self, self, SIGSEGV, raw::number(&info));
  } else {
    raw::call(SYS_rt_sigqueueinfo, self, SIGSEGV, raw::number(&info));
  }
}

void keep(const siginfo_t& info) {
  Kept& place = kept[is_for_thread(info)];
  if (!place.is_there) place = {true, info};
}

bool catch_it(Action* old);

// Runs on the engine's stack, of which FUNC_PROLOGUE leaves more than the kernel puts there: no alternate stack is needed.
// The trap leaves it without coming back; since nothing is blocked in it (SA_NODEFER), nothing needs to be unblocked.
//
// What is no access of the engine has the effect that it would have had. A fault is made again by going back to it: the kernel
// ends the process by it, also where SIGSEGV is ignored or blocked (force_sig_info_to_task). What somebody has sent is sent again: to
// the disposition of before, or, where that was blocked, when it is blocked again. SI_KERNEL may be either: a fault that has no
// address (#GP of x86), or what a tracer sends.
void on_segv(int, siginfo_t* info, void*) {
  const bool is_of_kernel = info->si_code > 0;  // nobody else can say so (sigaction(2))
  const bool may_be_sent = !is_of_kernel || info->si_code == SI_KERNEL;
  if (!may_be_sent && is_in_window(reinterpret_cast<uintptr_t>(info->si_addr))) engine_trap(kTrapOutOfBounds);
  if (is_of_kernel || !was_blocked) set_action(before, nullptr);
  if (may_be_sent) was_blocked ? keep(*info) : send_again(*info);
  if (!is_of_kernel) catch_it(nullptr);
}

bool catch_it(Action* old) {
  Action ours = {on_segv, SA_SIGINFO | SA_NODEFER | SA_RESTART, nullptr, 0};
#if defined(__x86_64__)
  constexpr unsigned long kHasRestorer = 0x04000000;  // SA_RESTORER, which only the kernel's headers have
  ours.flags |= kHasRestorer;
  ours.restorer = engine_return_from_signal;
#endif
  return set_action(ours, old) == 0;
}

}  // namespace

void catch_outside_access(bool is_blocked) {
  was_blocked = is_blocked;
  is_caught = catch_it(&before);
  if (is_caught && is_blocked) raw::call(SYS_rt_sigprocmask, SIG_UNBLOCK, raw::number(&kSegv), 0, sizeof kSegv);
}

// The disposition first: where it becomes "ignored", what waits is discarded, also if it is blocked (POSIX, 2.4.3). So is one that
// somebody sends between the mask and this, to a process that ignores and blocks it.
void stop_catching_outside_access() {
  if (!is_caught) return;
  set_action(before, nullptr);
  for (Kept& place : kept) {
    if (place.is_there) send_again(place.info);
    place.is_there = false;
  }
}

}  // namespace ociwrap::engine
