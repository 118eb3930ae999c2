// Puts one path in the place of another and back, again and again, until it is killed: exchange-paths MICROSECONDS PATH OTHER
// How long each stands there is random, up to twice the time that is given. Says on stdout when it has begun.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const long mean = strtol(argv[1], NULL, 10);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  unsigned long state = (unsigned long)getpid();
  for (unsigned long count = 0;; count++) {
    if (renameat2(AT_FDCWD, argv[2], AT_FDCWD, argv[3], RENAME_EXCHANGE) != 0) {
      fprintf(stderr, "exchange-paths: %s\n", strerror(errno));
      return 1;
    }
    if (count == 1 && write(STDOUT_FILENO, "begun\n", 6) != 6) return 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    const struct timespec pause = {0, (long)((state >> 33) % (unsigned long)(2 * mean + 1)) * 1000};
    nanosleep(&pause, NULL);
  }
}
