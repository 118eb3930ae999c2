// Stands for an OCI runtime in tests and in the demonstration: appends what it was started with, as one line of JSON, to
// <its own file>.record.json, and ends with the status that <its own file>.exit holds (0 without that file), or by the signal
// -STATUS where that is negative.
// Bytes are written as the code points of the same number, so that Buffer.from(text, 'latin1') gives them back.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static void put_text(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text != '\0'; text++) {
    const unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\') fputc('\\', out);
    if (byte < 0x20 || byte > 0x7e) fprintf(out, "\\u%04x", byte);
    else fputc(byte, out);
  }
  fputc('"', out);
}

static void put_list(FILE *out, const char *name, char **list) {
  fprintf(out, ",\"%s\":[", name);
  for (char **item = list; *item != NULL; item++) {
    if (item != list) fputc(',', out);
    put_text(out, *item);
  }
  fputc(']', out);
}

// Raw calls: libc's wrappers leave signals 32 and 33 out.
static void put_signals(FILE *out) {
  uint64_t blocked = 0, pending = 0, ignored = 0;
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof blocked);
  syscall(SYS_rt_sigpending, &pending, sizeof pending);
  for (int number = 1; number <= 64; number++) {
    struct { uintptr_t handler; unsigned long rest[3]; } action = {0, {0}};
    if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof blocked) == 0 && action.handler == 1) {
      ignored |= UINT64_C(1) << (number - 1);
    }
  }
  fprintf(out, ",\"signalMask\":\"%016lx\",\"pendingSignals\":\"%016lx\",\"ignoredSignals\":\"%016lx\"",
          (unsigned long)blocked, (unsigned long)pending, (unsigned long)ignored);
}

static void put_limits(FILE *out) {
  fputs(",\"limits\":[", out);
  for (int resource = 0; resource < 16; resource++) {
    uint64_t limit[2] = {0, 0};
    syscall(SYS_prlimit64, 0, resource, NULL, limit);
    fprintf(out, "%s[\"%lu\",\"%lu\"]", resource > 0 ? "," : "", (unsigned long)limit[0], (unsigned long)limit[1]);
  }
  fputc(']', out);
}

static const char *type_of(mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "directory";
  if (S_ISCHR(mode)) return "character device";
  if (S_ISFIFO(mode)) return "pipe";
  if (S_ISSOCK(mode)) return "socket";
  return "other";
}

static void put_descriptor(FILE *out, int fd) {
  struct stat found = {0};
  char link[64], target[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, target, sizeof target - 1);
  target[length > 0 ? length : 0] = '\0';
  fstat(fd, &found);
  fprintf(out, "{\"fd\":%d,\"fdFlags\":%d,\"statusFlags\":%d,\"type\":\"%s\",\"dev\":\"%lu\",\"ino\":\"%lu\",\"offset\":%ld,"
          "\"target\":", fd, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL), type_of(found.st_mode), (unsigned long)found.st_dev,
          (unsigned long)found.st_ino, (long)lseek(fd, 0, SEEK_CUR));
  put_text(out, target);
  fputc('}', out);
}

static void put_descriptors(FILE *out) {
  fputs(",\"descriptors\":[", out);
  DIR *directory = opendir("/proc/self/fd");
  const struct dirent *entry;
  for (int first = 1; directory != NULL && (entry = readdir(directory)) != NULL;) {
    const int fd = atoi(entry->d_name);
    if (!isdigit((unsigned char)entry->d_name[0]) || fd == dirfd(directory)) continue;
    if (!first) fputc(',', out);
    first = 0;
    put_descriptor(out, fd);
  }
  if (directory != NULL) closedir(directory);
  fputc(']', out);
}

// Lines of /proc/self/status that differ between any two processes, or with the memory and time that a process used.
static int is_volatile(const char *line) {
  static const char *const starts[] = {"Pid:", "Tgid:", "NStgid:", "NSpid:", "State:", "FDSize:", "SigQ:", "Vm", "Rss",
                                       "voluntary", "nonvoluntary"};
  for (size_t index = 0; index < sizeof starts / sizeof *starts; index++) {
    if (strncmp(line, starts[index], strlen(starts[index])) == 0) return 1;
  }
  return 0;
}

static void put_lines(FILE *out, const char *name, const char *path) {
  char line[4096];
  FILE *file = fopen(path, "re");
  fprintf(out, ",\"%s\":[", name);
  for (int first = 1; file != NULL && fgets(line, sizeof line, file) != NULL;) {
    if (is_volatile(line)) continue;
    line[strcspn(line, "\n")] = '\0';
    if (!first) fputc(',', out);
    first = 0;
    put_text(out, line);
  }
  if (file != NULL) fclose(file);
  fputc(']', out);
}

static void put_link(FILE *out, const char *path) {
  char target[PATH_MAX];
  const ssize_t length = readlink(path, target, sizeof target - 1);
  target[length > 0 ? length : 0] = '\0';
  fputc(',', out);
  put_text(out, path);
  fputc(':', out);
  put_text(out, target);
}

// What the scheduler knows; the other numbers of /proc/self/stat are times, sizes and addresses.
static void put_scheduling(FILE *out) {
  int terminal = 0, foreground = 0, priority = 0, nice = 0, exit_signal = 0, real_time = 0, policy = 0;
  FILE *file = fopen("/proc/self/stat", "re");
  if (file == NULL) return;
  // Fields 7, 8, 18, 19, 38, 40 and 41 of proc_pid_stat(5).
  static const char format[] = "%*d (%*[^)]) %*c %*d %*d %*d %d %d" " %*u %*u %*u %*u %*u %*u %*u %*u %*u" " %d %d"
                               " %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u" " %d %*d %d %d";
  const int found = fscanf(file, format, &terminal, &foreground, &priority, &nice, &exit_signal, &real_time, &policy);
  fclose(file);
  fprintf(out, ",\"scheduling\":{\"fields\":%d,\"terminal\":%d,\"foreground\":%d,\"priority\":%d,\"nice\":%d,"
          "\"exitSignal\":%d,\"realTime\":%d,\"policy\":%d,\"ioPriority\":%ld}", found, terminal, foreground, priority, nice,
          exit_signal, real_time, policy, syscall(SYS_ioprio_get, 1, 0));
}

static void put_attributes(FILE *out) {
  int subreaper = 0;
  struct itimerval alarm = {0};
  prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
  getitimer(ITIMER_REAL, &alarm);
  fprintf(out, ",\"attributes\":{\"dumpable\":%d,\"secureBits\":%d,\"keepCapabilities\":%d,\"timerSlack\":%d,"
          "\"subreaper\":%d,\"hugePagesOff\":%d,\"neverExecutable\":%d,\"personality\":%d,\"alarm\":%d}",
          prctl(PR_GET_DUMPABLE), prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS), prctl(PR_GET_TIMERSLACK), subreaper,
          prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), prctl(66 /* PR_GET_MDWE */, 0, 0, 0, 0), personality(0xffffffff),
          alarm.it_value.tv_sec > 0 || alarm.it_value.tv_usec > 0);
}

static void put_surroundings(FILE *out) {
  char children[64];
  snprintf(children, sizeof children, "/proc/self/task/%d/children", getpid());
  put_lines(out, "status", "/proc/self/status");
  put_lines(out, "children", children);
  put_lines(out, "cgroups", "/proc/self/cgroup");
  put_lines(out, "oomScoreAdjustment", "/proc/self/oom_score_adj");
  put_lines(out, "loginUser", "/proc/self/loginuid");
  put_scheduling(out);
  put_attributes(out);
  fputs(",\"links\":{\"\":\"\"", out);
  static const char *const links[] = {"/proc/self/root", "/proc/self/ns/mnt", "/proc/self/ns/pid", "/proc/self/ns/net",
                                      "/proc/self/ns/user", "/proc/self/ns/cgroup", "/proc/self/ns/pid_for_children",
                                      "/proc/self/ns/time_for_children"};
  for (size_t index = 0; index < sizeof links / sizeof *links; index++) put_link(out, links[index]);
  fputc('}', out);
}

static void put_process(FILE *out, const char *exe) {
  int parent_death_signal = 0;
  char directory[PATH_MAX];
  prctl(PR_GET_PDEATHSIG, &parent_death_signal);
  const mode_t mask = umask(0);
  umask(mask);
  fprintf(out, "{\"pid\":%d,\"ppid\":%d,\"pgid\":%d,\"sid\":%d,\"umask\":%u,\"parentDeathSignal\":%d", getpid(), getppid(),
          getpgrp(), getsid(0), mask, parent_death_signal);
  fputs(",\"exe\":", out);
  put_text(out, exe);
  fputs(",\"execFn\":", out);
  put_text(out, (const char *)getauxval(AT_EXECFN));
  fputs(",\"cwd\":", out);
  put_text(out, getcwd(directory, sizeof directory) != NULL ? directory : "");
}

// It bounds the record as well, which was made by now.
static void lift_file_size_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_FSIZE, &limit);
}

// One write, so that lines of programs that run at the same time do not mix.
static int append(const char *path, const char *line, size_t length) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // Past the umask, which is one of the things recorded.
  if (fd >= 0) fchmod(fd, 0600);
  if (fd < 0) return -1;
  const ssize_t written = write(fd, line, length);
  close(fd);
  return written == (ssize_t)length ? 0 : -1;
}

static int exit_status(const char *path) {
  FILE *file = fopen(path, "re");
  int status = 0;
  if (file == NULL) return 0;
  if (fscanf(file, "%d", &status) != 1) status = 0;
  fclose(file);
  return status;
}

int main(int argc, char **argv, char **env) {
  (void)argc;
  char exe[PATH_MAX], path[PATH_MAX + 16];
  char *line = NULL;
  size_t length = 0;
  const ssize_t exe_length = readlink("/proc/self/exe", exe, sizeof exe - 1);
  FILE *out = open_memstream(&line, &length);
  if (exe_length <= 0 || out == NULL) return 125;
  exe[exe_length] = '\0';

  put_process(out, exe);
  put_list(out, "argv", argv);
  put_list(out, "env", env);
  put_signals(out);
  put_limits(out);
  put_descriptors(out);
  put_surroundings(out);
  fputs("}\n", out);
  fclose(out);

  lift_file_size_limit();
  snprintf(path, sizeof path, "%s.record.json", exe);
  if (append(path, line, length) != 0) return 125;
  snprintf(path, sizeof path, "%s.exit", exe);
  const int status = exit_status(path);
  if (status < 0) kill(getpid(), -status);
  return status;
}
