// The host side of the engine between two liars: an engine that gives any address, length and value (lying-engine.cc), and a kernel
// that answers anything (lying-kernel.cc). Whatever they say, the host reads and writes within the pages of the engine and its
// own variables: the sanitizers and the missing pages end the program otherwise.
//
//   fuzz-port SEED INPUTS     inputs from a seed, where there is no libFuzzer
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "lies.h"
#include "lying-engine.h"
#include "lying-kernel.h"

// Whole, so that each run begins without realms. They end with the process, of which there is one here.
#include "realm.cc"
#include "realms.cc"

// Whole, since work on trees is many calls in their order, which an engine that calls anything seldom makes.
#include "copy-tree.cc"

namespace {

char argument[] = "argument";
char variable[] = "VARIABLE=value";
char* arguments[] = {argument, argument, nullptr};
char* variables[] = {variable, nullptr};
const ociwrap::EngineCall call = {"wrapper", false, 2, arguments, variables, "/usr/bin/argument", 4096, {}};

volatile unsigned sum;

void forget_realms() {
  using namespace ociwrap::engine;
  bundle = Realm();
  current = &bundle;
  limit = 0;
  for (; port::realm_count > 0; port::realm_count--) port::realms[port::realm_count - 1] = Realm();
  port::realms[0] = Realm();
}

void run(const uint8_t* data, size_t size) {
  ociwrap_test::start_lies(data, size);
  ociwrap_test::start_engine();
  forget_realms();
  const ociwrap::EngineEnd end = ociwrap::run_engine(call);
  for (const char byte : end.text) sum = sum + static_cast<unsigned char>(byte);
  // What a run has begun would be gone on with in the next, in memory that this kernel takes back.
  ociwrap::engine::port::end_work();
  ociwrap_test::end_kernel();
}

void work_on_trees(const uint8_t* data, size_t size) {
  using namespace ociwrap::engine::port;
  ociwrap_test::start_lies(data, size);
  work.task = static_cast<Task>(ociwrap_test::lie_byte() % static_cast<unsigned>(Task::kNone));
  // An engine may go on where a step has failed.
  const bool goes_on = ociwrap_test::lie_byte() % 4 != 0;
  // A file may be as large as a number can be.
  int steps = 100;
  if (begin_work(3, 4) == 0) {
    while (!work.walk.is_over() && ociwrap_test::has_lies() && (step() == 0 || goes_on) && steps-- > 0) {
    }
  }
  for (const char byte : work.untaken.texts()) sum = sum + static_cast<unsigned char>(byte);
  end_work();
  ociwrap_test::end_kernel();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The host keeps an address that the engine gave once (`words` in port-values.cc). An honest one: a lie there ends each run at
  // its first array.
  static bool is_first = true;
  if (is_first) {
    is_first = false;
    run(nullptr, 0);
    ociwrap::engine::port::bytes_at(ociwrap::engine::Arguments(0, 0), 0);
  }
  run(data, size);
  work_on_trees(data, size);
  return 0;
}

#ifndef WITH_LIBFUZZER
int main(int argc, char** argv) {
  uint64_t state = argc > 1 ? strtoull(argv[1], nullptr, 10) : 1;
  const uint64_t runs = argc > 2 ? strtoull(argv[2], nullptr, 10) : 1000;
  static uint8_t input[4096];
  for (uint64_t run = 0; run < runs; run++) {
    for (uint8_t& byte : input) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<uint8_t>(state >> 56);
    }
    LLVMFuzzerTestOneInput(input, sizeof input);
  }
  printf("%llu inputs\n", static_cast<unsigned long long>(runs));
  return 0;
}
#endif
