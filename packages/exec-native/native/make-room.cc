#include <signal.h>
#include <sys/resource.h>

#include "process-state.h"

namespace ociwrap {
namespace {

struct Need {
  int resource;
  uint64_t wanted;
};

constexpr uint64_t kAll = ~uint64_t{0};

constexpr Need kNeeds[] = {
    {RLIMIT_NOFILE, kAll},     // Node raises it in any case
    {RLIMIT_FSIZE, kAll},      // bounds a memfd, too
    {RLIMIT_AS, kAll},         // V8 reserves gigabytes of addresses
    {RLIMIT_DATA, kAll},
    {RLIMIT_NPROC, kAll},      // threads count
    {RLIMIT_STACK, 8u << 20},  // the usual default; V8 takes about 1 MiB of it for granted
};

}  // namespace

void make_room_for_node(const CapturedState& state) {
  for (const Need& need : kNeeds) {
    const Limit& limit = state.limits[need.resource];
    const Limit raised = {need.wanted < limit.hard ? need.wanted : limit.hard, limit.hard};
    if (limit.soft < raised.soft) exchange_limit(need.resource, &raised, nullptr);
  }
  // A hard RLIMIT_FSIZE of 0 is then an error of write() and not a death; Node ignores this signal anyway.
  const KernelSigaction ignore = {kIgnore, 0, 0, 0};
  set_signal_action(SIGXFSZ, &ignore);
}

}  // namespace ociwrap
