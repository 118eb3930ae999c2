// The engine and nothing else: runs one program of the bundle it was linked with, whose name is the first argument. Prints how
// that ended, and with `tell` as the second argument what the kernel says of the process afterwards.
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "engine.h"

namespace {

const char* name_of(ociwrap::EngineFailure failure) {
  using ociwrap::EngineFailure;
  switch (failure) {
    case EngineFailure::kNone: return "none";
    case EngineFailure::kNoMemory: return "no memory";
    case EngineFailure::kMissingExport: return "missing export";
    case EngineFailure::kUncaughtException: return "uncaught exception";
    case EngineFailure::kOutOfMemory: return "out of memory";
    case EngineFailure::kUnfinished: return "unfinished";
    case EngineFailure::kNoStatus: return "no status";
    case EngineFailure::kTrap: return "trap";
  }
  return "unknown";
}

void print_process() {
  FILE* status = fopen("/proc/self/status", "r");
  if (status == nullptr) return;
  char line[512];
  while (fgets(line, sizeof line, status) != nullptr) {
    if (strncmp(line, "Threads:", 8) == 0 || strncmp(line, "Sig", 3) == 0 || strncmp(line, "FDSize:", 7) == 0) fputs(line, stdout);
  }
  fclose(status);
}

}  // namespace

int main(int argc, char** argv, char** env) {
  ociwrap::EngineCall call = {};
  call.main = argc > 1 ? argv[1] : "";
  call.argc = argc;
  call.argv = argv;
  call.env = env;
  call.exec_fn = argv[0];
  call.page_size = getauxval(AT_PAGESZ);
  const ociwrap::EngineEnd end = ociwrap::run_engine(call);
  printf("%s\n%d\n%.*s\n", name_of(end.failure), end.status, static_cast<int>(end.text.size()), end.text.data());
  if (argc > 2 && strcmp(argv[2], "tell") == 0) print_process();
  return 0;
}
