// keep-child SCRIPT: starts the script and prints its pid; collects it when a line is read, says so by another line, and leaves when
// there is no more to read. A shell would collect it whenever it likes.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", argv[1], nullptr);
    _exit(127);
  }
  printf("%d\n", child);
  fflush(stdout);
  if (getchar() == EOF) return 0;
  waitpid(child, nullptr, 0);
  printf("\n");
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return 0;
}
