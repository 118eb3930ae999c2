// A program beside this one, run to its end: what it writes to stdout comes back.
//
// A process in between starts it, reads, and waits. This one therefore gets no SIGCHLD, which a runtime that is started here later
// would find waiting, and needs none: whatever clone(2) was asked for, a program that was executed ends with SIGCHLD
// (`de_thread`, fs/exec.c), and where the caller ignores that, nobody can wait for it (wait(2)).
#include <linux/wait.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include "engine-window.h"
#include "file-status.h"
#include "monotonic-clock.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

struct Program {
  const char* path;
  char** argv;
  char** env;
  int64_t milliseconds;
  size_t most_output;
};

constexpr int64_t kLargestOutput = 1 << 20;

// What the process in between leaves, in memory that all three share.
struct Report {
  bool is_whole;
  long failure;     // a negative errno
  uint64_t status;  // the exit status, or 128 and the signal
  size_t size;
  char output[];  // one byte more than is taken
};

// struct sigaction of the kernel (rt_sigaction(2)), with SIG_DFL.
constexpr uint64_t kDefaultAction[4] = {};
constexpr int kLastSignal = 64;
constexpr uint64_t kChildEnds = uint64_t{1} << (SIGCHLD - 1);

[[noreturn]] void leave() {
  for (;;) raw::call(SYS_exit_group, 127);
}

void end_with_parent() { raw::call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL); }

// The same file at a number that is not one of stdin, stdout and stderr, which the caller may have left closed.
long above_stderr(long fd) {
  if (fd < 0) return fd;
  const long above = raw::call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  raw::close(static_cast<int>(fd));
  return above;
}

int number_in(Text name) {
  int number = 0;
  for (const char digit : name) number = number * 10 + (digit - '0');
  return number;
}

// What the caller has left open is none of the program's business.
long close_all_above_stderr() {
  constexpr long kCloseRange = 436;  // Linux 5.9; the same number on every architecture
  if (raw::call(kCloseRange, STDERR_FILENO + 1, ~0u, 0) == 0) return 0;
  const Descriptor folder(raw::open_at(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return folder.get();
  return each_name(folder.get(), [&](Text name) {
    const int fd = number_in(name);
    if (fd > STDERR_FILENO && fd != folder.get()) raw::close(fd);
    return true;
  });
}

// In the process that becomes the program: a session of its own, so that all of it can be killed at once.
[[noreturn]] void become(const Program& program, long nothing, long out, Report* report) {
  end_with_parent();
  raw::call(SYS_setsid);
  for (int signal = 1; signal <= kLastSignal; signal++) {
    raw::call(SYS_rt_sigaction, signal, raw::number(kDefaultAction), 0, sizeof(uint64_t));
  }
  const uint64_t none = 0;
  raw::call(SYS_rt_sigprocmask, SIG_SETMASK, raw::number(&none), 0, sizeof none);
  long failed = raw::call(SYS_chdir, raw::number("/"));
  const long sources[] = {nothing, out, nothing};
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && failed >= 0; fd++) failed = raw::call(SYS_dup3, sources[fd], fd, 0);
  if (failed >= 0) failed = close_all_above_stderr();
  report->failure = failed < 0 ? failed : raw::execve(program.path, program.argv, program.env);
  leave();
}

timespec time_until(int64_t end) {
  const int64_t left = end - monotonic_now();
  return left <= 0 ? timespec{0, 0} : timespec{left / 1000000000, left % 1000000000};
}

bool is_over(const timespec& left) { return left.tv_sec == 0 && left.tv_nsec == 0; }

// All that is written, to its end. 0 or a negative errno.
long read_output(long from, const Program& program, int64_t end, Report* report) {
  const size_t room = program.most_output + 1;
  for (;;) {
    const timespec left = time_until(end);
    if (is_over(left)) return -ETIMEDOUT;
    pollfd ready = {static_cast<int>(from), POLLIN, 0};
    const long polled = raw::call(SYS_ppoll, raw::number(&ready), 1, raw::number(&left), 0, sizeof(uint64_t));
    if (polled == 0 || polled == -EINTR) continue;
    if (polled < 0) return polled;
    const long size = uninterrupted(
        [&] { return raw::read(static_cast<int>(from), report->output + report->size, room - report->size); });
    if (size <= 0) return size;
    report->size += static_cast<size_t>(size);
    if (report->size > program.most_output) return -EFBIG;
  }
}

// Until the program has ended; it stays to be waited for, and keeps its number.
long await_end(long pid, int64_t end) {
  for (;;) {
    siginfo_t info;
    info.si_pid = 0;
    const long failed = raw::call(SYS_waitid, P_PID, pid, raw::number(&info), WEXITED | WNOWAIT | WNOHANG, 0);
    if (failed < 0) return failed;
    if (info.si_pid != 0) return 0;
    const timespec left = time_until(end);
    if (is_over(left)) return -ETIMEDOUT;
    raw::call(SYS_rt_sigtimedwait, raw::number(&kChildEnds), 0, raw::number(&left), sizeof kChildEnds);
  }
}

uint64_t exit_status(int status) {
  const int signal = status & 0x7f;
  return static_cast<uint64_t>(signal == 0 ? status >> 8 & 0xff : 128 + signal);
}

// 0 or a negative errno.
long run_and_watch(const Program& program, Report* report) {
  const int64_t end = monotonic_now() + program.milliseconds * 1000000;
  raw::call(SYS_rt_sigaction, SIGCHLD, raw::number(kDefaultAction), 0, sizeof(uint64_t));
  raw::call(SYS_rt_sigprocmask, SIG_BLOCK, raw::number(&kChildEnds), 0, sizeof kChildEnds);
  const Descriptor nothing(above_stderr(raw::open_at(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC)));
  if (nothing.get() < 0) return nothing.get();
  int ends[2];
  const long failed = raw::call(SYS_pipe2, raw::number(ends), O_CLOEXEC);
  if (failed < 0) return failed;
  const Descriptor from(above_stderr(ends[0]));
  Descriptor to(above_stderr(ends[1]));
  if (from.get() < 0 || to.get() < 0) return from.get() < 0 ? from.get() : to.get();
  const long pid = raw::call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid < 0) return pid;
  if (pid == 0) become(program, nothing.get(), to.get(), report);
  to.reset(-1);
  long wrong = read_output(from.get(), program, end, report);
  if (wrong == 0) wrong = await_end(pid, end);
  // What it has started goes with it. Before it has a session of its own there is nothing but itself.
  raw::call(SYS_kill, -pid, SIGKILL);
  if (wrong != 0) raw::call(SYS_kill, pid, SIGKILL);
  int status = 0;
  const long waited = uninterrupted([&] { return raw::call(SYS_wait4, pid, raw::number(&status), 0, 0); });
  report->status = exit_status(status);
  return wrong != 0 ? wrong : waited < 0 ? waited : 0;
}

[[noreturn]] void watch(const Program& program, Report* report) {
  end_with_parent();
  const long failed = run_and_watch(program, report);
  if (failed != 0) report->failure = failed;
  report->is_whole = true;
  leave();
}

long run(const Program& program, Report* report) {
  // Without a signal for its end, and it executes nothing.
  const long pid = raw::call(SYS_clone, 0, 0, 0, 0, 0);
  if (pid < 0) return pid;
  if (pid == 0) watch(program, report);
  const long waited = uninterrupted([&] { return raw::call(SYS_wait4, pid, 0, __WALL, 0); });
  if (waited < 0) return waited;
  if (!report->is_whole) return -ECHILD;  // somebody has killed it
  return report->failure;
}

}  // namespace

// Path, arguments, environment, milliseconds, how much is taken, and an array for the exit status: what the program has written to stdout.
// ETIMEDOUT where its time was over, EFBIG where it wrote more than is taken of anybody.
Value runProgram(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  // Both before a look at either: to ask for the second the engine runs, and may change what stands in the first.
  const Bytes word_list = bytes_at(arguments, 1);
  const Bytes variable_list = bytes_at(arguments, 2);
  const int64_t most = integer_at(arguments, 4);
  if (most < 0 || most > kLargestOutput) return answer(-EINVAL);
  const Program program = {path.c_str(), pointers_to(word_list), pointers_to(variable_list), integer_at(arguments, 3),
                           static_cast<size_t>(most)};
  const size_t size = sizeof(Report) + program.most_output + 1;
  Report* report = static_cast<Report*>(host_memory(size, MAP_SHARED));
  if (program.argv == nullptr || program.env == nullptr || report == nullptr) return answer(-ENOMEM);
  const long failed = run(program, report);
  const uint64_t numbers[] = {report->status};
  const long no_room = failed != 0 ? failed : give_numbers(numbers, bytes_at(arguments, 5));
  const Value output = no_room != 0 ? answer(no_room) : new_bytes({report->output, report->size});
  raw::call(SYS_munmap, raw::number(report), static_cast<long>(size));
  return output;
}

}  // namespace ociwrap::engine::port
