// In the place of a runtime: tells timed-run the time of its first instruction, and ends.
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return write(9, &now, sizeof now) == sizeof now ? 0 : 1;
}
