// A launcher for tests: leave-record MODE PROGRAM [ARGUMENT...]
//   sealed    records the process state and becomes PROGRAM, with the number of the record as last argument
//   unsealed  the same with a copy of the record in a memfd without seals
//   partly    the same with a copy that can still be written
//   print     writes the record to stdout instead
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process-state.h"

namespace {

ociwrap::CapturedState state;
char bytes[ociwrap::kRecordMaxSize];

int copy_of(int record, int seals) {
  const ssize_t size = pread(record, bytes, sizeof bytes, 0);
  const int copy = memfd_create("copy", MFD_ALLOW_SEALING);
  if (write(copy, bytes, static_cast<size_t>(size)) != size) return -1;
  if (seals != 0 && fcntl(copy, F_ADD_SEALS, seals) != 0) return -1;
  return copy;
}

int print(int record) {
  const ssize_t size = pread(record, bytes, sizeof bytes, 0);
  return write(STDOUT_FILENO, bytes, static_cast<size_t>(size)) == size ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv, char** env) {
  if (argc < 2) return 2;
  const char* mode = argv[1];
  ociwrap::capture_state(argc - 2, argv + 2, env, &state);
  ociwrap::make_room_for_node(state);
  ociwrap::Failure failure = {nullptr, 0};
  int fd = ociwrap::write_record(state, &failure);
  if (fd < 0) {
    fprintf(stderr, "leave-record: %s: errno %d\n", failure.call, failure.error);
    return 1;
  }
  if (strcmp(mode, "print") == 0) return print(fd);
  if (strcmp(mode, "unsealed") == 0) fd = copy_of(fd, 0);
  if (strcmp(mode, "partly") == 0) fd = copy_of(fd, F_SEAL_SHRINK | F_SEAL_GROW);

  static char number[16];
  static char* arguments[4096];
  snprintf(number, sizeof number, "%d", fd);
  int count = 0;
  for (int index = 2; index < argc && count < 4000; index++) arguments[count++] = argv[index];
  arguments[count] = number;
  execve(argv[2], arguments, env);
  return 1;
}
