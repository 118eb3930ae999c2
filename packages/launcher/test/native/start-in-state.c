// Starts a program in a given process state: start-in-state INSTRUCTION... PROGRAM
// Instructions are carried out in order:
//   arg=HEX env=HEX        one more argument (argv[0] first) or variable, as bytes
//   close=FD  open=FD:PATH  pipe=FD (its reading end; the writing end is FD + 1)
//   ignore=SIGNAL block=SIGNAL raise=SIGNAL  limit=RESOURCE:SOFT[:HARD]  umask=OCTAL  deathsignal=SIGNAL  cwd=PATH  root=PATH  removed=PATH (made, entered and removed)
//   fill=COUNT:SIZE (variables of so many bytes)  cwdhex=HEX (the path as bytes)
//   user=ID  prctl=OPTION:VALUE  nice=N  ionice=N  cpu=MASK  personality=N  oom=N  session=1  alarm=SECONDS
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LONGEST_LIST = 4096 };
static char *arguments[LONGEST_LIST];
static char *variables[LONGEST_LIST];

static void check(int done, const char *instruction) {
  if (done) return;
  fprintf(stderr, "start-in-state: %s: errno %d\n", instruction, errno);
  exit(124);
}

static char *from_hex(const char *hex) {
  const size_t length = strlen(hex) / 2;
  char *text = calloc(length + 1, 1);
  for (size_t at = 0; at < length; at++) {
    unsigned byte = 0;
    sscanf(hex + 2 * at, "%2x", &byte);
    text[at] = (char)byte;
  }
  return text;
}

static void append(char **list, char *text) {
  while (*list != NULL) list++;
  *list = text;
}

static int fill_environment(const char *value) {
  char *rest;
  const long count = strtol(value, &rest, 10);
  const size_t size = strtoul(rest + 1, NULL, 10);
  for (long index = 0; index < count; index++) {
    char *text = calloc(size + 1, 1);
    memset(text, 'x', size);
    snprintf(text, size, "FILL%ld", index);
    text[strlen(text)] = '=';
    append(variables, text);
  }
  return 1;
}

static int move_to(int from, int to) {
  if (from == to) return 1;
  const int done = dup2(from, to) == to;
  close(from);
  return done;
}

static int open_at(const char *value) {
  char *path;
  const int fd = (int)strtol(value, &path, 10);
  return move_to(open(path + 1, O_RDWR | O_NONBLOCK), fd);
}

// The ends are moved up first, so that neither number can be in the other's way.
static int open_pipe(int fd) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  const int high[2] = {fcntl(ends[0], F_DUPFD, 900), fcntl(ends[1], F_DUPFD, 900)};
  close(ends[0]);
  close(ends[1]);
  return move_to(high[0], fd) && move_to(high[1], fd + 1);
}

static int set_limit(const char *value) {
  char *rest;
  uint64_t limit[2];
  const int resource = (int)strtol(value, &rest, 10);
  syscall(SYS_prlimit64, 0, resource, NULL, limit);
  limit[0] = strtoull(rest + 1, &rest, 10);
  if (*rest == ':') limit[1] = strtoull(rest + 1, &rest, 10);
  return syscall(SYS_prlimit64, 0, resource, limit, NULL) == 0;
}

static int change_signal(const char *key, int number) {
  const struct { uintptr_t handler; unsigned long rest[3]; } ignore = {1, {0}};
  const uint64_t set = UINT64_C(1) << (number - 1);
  if (strcmp(key, "ignore") == 0) return syscall(SYS_rt_sigaction, number, &ignore, NULL, sizeof set) == 0;
  return syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, sizeof set) == 0;
}

static int change_attribute(const char *value) {
  char *rest;
  const int option = (int)strtol(value, &rest, 10);
  return prctl(option, strtoul(rest + 1, NULL, 0), 0, 0, 0) == 0;
}

static int choose_processors(unsigned long mask) {
  return syscall(SYS_sched_setaffinity, 0, sizeof mask, &mask) == 0;
}

static int write_file(const char *path, const char *text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const int done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  close(fd);
  return done;
}

static int carry_out(const char *key, const char *value) {
  if (strcmp(key, "arg") == 0) return append(arguments, from_hex(value)), 1;
  if (strcmp(key, "env") == 0) return append(variables, from_hex(value)), 1;
  if (strcmp(key, "fill") == 0) return fill_environment(value);
  if (strcmp(key, "cwdhex") == 0) return chdir(from_hex(value)) == 0;
  if (strcmp(key, "close") == 0) return close(atoi(value)) == 0;
  if (strcmp(key, "open") == 0) return open_at(value);
  if (strcmp(key, "pipe") == 0) return open_pipe(atoi(value));
  if (strcmp(key, "limit") == 0) return set_limit(value);
  if (strcmp(key, "umask") == 0) return umask((mode_t)strtol(value, NULL, 8)), 1;
  if (strcmp(key, "deathsignal") == 0) return prctl(PR_SET_PDEATHSIG, atoi(value)) == 0;
  if (strcmp(key, "user") == 0) return setgid((gid_t)atoi(value)) == 0 && setuid((uid_t)atoi(value)) == 0;
  if (strcmp(key, "prctl") == 0) return change_attribute(value);
  if (strcmp(key, "nice") == 0) return setpriority(PRIO_PROCESS, 0, atoi(value)) == 0;
  if (strcmp(key, "ionice") == 0) return syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, atoi(value)) == 0;
  if (strcmp(key, "cpu") == 0) return choose_processors(strtoul(value, NULL, 0));
  if (strcmp(key, "personality") == 0) return personality(strtoul(value, NULL, 0)) != -1;
  if (strcmp(key, "oom") == 0) return write_file("/proc/self/oom_score_adj", value);
  if (strcmp(key, "session") == 0) return setsid() != -1;
  if (strcmp(key, "alarm") == 0) return alarm((unsigned)atoi(value)), 1;
  if (strcmp(key, "cwd") == 0) return chdir(value) == 0;
  if (strcmp(key, "root") == 0) return chroot(value) == 0 && chdir("/") == 0;
  if (strcmp(key, "removed") == 0) return mkdir(value, 0700) == 0 && chdir(value) == 0 && rmdir(value) == 0;
  if (strcmp(key, "raise") == 0) return kill(getpid(), atoi(value)) == 0;
  return change_signal(key, atoi(value));
}

int main(int argc, char **argv) {
  for (int index = 1; index < argc - 1; index++) {
    char *value = strchr(argv[index], '=');
    check(value != NULL, argv[index]);
    *value++ = '\0';
    check(carry_out(argv[index], value), argv[index]);
  }
  execve(argv[argc - 1], arguments, variables);
  check(0, argv[argc - 1]);
}
