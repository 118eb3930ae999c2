#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "descriptors.h"
#include "process-state.h"

namespace ociwrap {
namespace {

constexpr uint64_t kAll = ~uint64_t{0};
constexpr uint64_t kMega = 1u << 20;

struct Need {
  int resource;
  const char* name;
  uint64_t wanted;  // the soft limit, as far as the hard one allows
  uint64_t least;   // the hard limit under which Node dies or hangs
};

// The bounds were measured with Node 24 --jitless on x86_64 (608 MiB of addresses, 55 MiB of data, 72 KiB of stack, 19
// descriptors held at once) and leave room for a config.json of 20 MB.
constexpr Need kNeeds[] = {
    {RLIMIT_NOFILE, "RLIMIT_NOFILE", kAll, 0},  // Node raises it in any case; what it needs: kFreeDescriptors
    {RLIMIT_FSIZE, "RLIMIT_FSIZE", kAll, kAll},  // bounds config.json and the memfd of the record
    {RLIMIT_AS, "RLIMIT_AS", kAll, 1024 * kMega},
    {RLIMIT_DATA, "RLIMIT_DATA", kAll, 256 * kMega},
    {RLIMIT_STACK, "RLIMIT_STACK", 8 * kMega, kMega},
    {RLIMIT_CPU, "RLIMIT_CPU", kAll, kAll},  // seconds
    {RLIMIT_NPROC, "RLIMIT_NPROC", kAll, kAll},  // threads count
};
constexpr int kFreeDescriptors = 32;
constexpr uint64_t kLiftedDescriptors = 65536;  // fs.nr_open bounds it, for root too
constexpr int kThreadsOfNode = 8;  // 6 are started at once; with some of them missing Node hangs

bool has_free_descriptors(uint64_t hard) {
  if (hard >= kLiftedDescriptors) return true;
  uint64_t taken = 0;
  for_each_descriptor([&](int fd) { taken += static_cast<uint64_t>(fd) < hard ? 1 : 0; });
  return hard >= taken + kFreeDescriptors;
}

bool is_enough(const Need& need, uint64_t hard) {
  return need.resource == RLIMIT_NOFILE ? has_free_descriptors(hard) : hard >= need.least;
}

uint32_t changed = 0;  // the limits that are no longer the caller's, a bit for each resource

bool holds_resource(uint32_t set, int resource) { return (set >> resource & 1) != 0; }

long change_limit(int resource, const Limit& next) {
  const long failed = exchange_limit(resource, &next, nullptr);
  if (failed == 0) changed |= 1u << resource;
  return failed;
}

// A hard limit goes up only with CAP_SYS_RESOURCE, which an engine that runs as root has.
bool lift_hard_limit(const Need& need) {
  const uint64_t value = need.resource == RLIMIT_NOFILE ? kLiftedDescriptors : need.wanted;
  const Limit lifted = {value, value};
  return change_limit(need.resource, lifted) == 0 && is_enough(need, value);
}

void* wait_for_all(void* started) {
  pthread_mutex_lock(static_cast<pthread_mutex_t*>(started));
  pthread_mutex_unlock(static_cast<pthread_mutex_t*>(started));
  return nullptr;
}

bool start_threads() {
  pthread_mutex_t started = PTHREAD_MUTEX_INITIALIZER;
  pthread_t threads[kThreadsOfNode];
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 1u << 16);
  pthread_mutex_lock(&started);
  int count = 0;
  while (count < kThreadsOfNode && pthread_create(&threads[count], &small, wait_for_all, &started) == 0) count++;
  pthread_mutex_unlock(&started);
  for (int index = 0; index < count; index++) pthread_join(threads[index], nullptr);
  return count == kThreadsOfNode;
}

// Nothing tells how many processes a user has but trying. libc takes a signal for itself with the first thread.
bool can_have_threads() {
  constexpr int kSetxidSignal = 33;
  uint64_t mask = 0;
  KernelSigaction action;
  change_signal_mask(SIG_BLOCK, nullptr, &mask);
  get_signal_action(kSetxidSignal, &action);
  const bool started = start_threads();
  set_signal_action(kSetxidSignal, &action);
  change_signal_mask(SIG_SETMASK, &mask, nullptr);
  return started;
}

// The kernel counts the processes of everyone but root of the initial user namespace (copy_process() of kernel/fork.c).
bool is_counted() {
  constexpr ino_t kInitialUserNamespace = 0xEFFFFFFDu;  // PROC_USER_INIT_INO
  struct stat found;
  return getuid() != 0 || stat("/proc/self/ns/user", &found) != 0 || found.st_ino != kInitialUserNamespace;
}

// FSIZE shows when something is written, CPU when it is used up; both are then an error or a death of their own.
bool kills_node(const Need& need) {
  if (need.resource == RLIMIT_FSIZE || need.resource == RLIMIT_CPU) return false;
  return need.resource != RLIMIT_NPROC || (is_counted() && !can_have_threads());
}

}  // namespace

LimitTrouble make_room_for_node(const CapturedState& state) {
  LimitTrouble trouble = {nullptr, 0};
  for (const Need& need : kNeeds) {
    const Limit& limit = state.limits[need.resource];
    if (limit.soft == kAll) continue;
    if (!is_enough(need, limit.hard)) {
      if (lift_hard_limit(need)) continue;
      if (kills_node(need)) trouble = {need.name, 0};
    }
    const Limit raised = {need.wanted < limit.hard ? need.wanted : limit.hard, limit.hard};
    if (limit.soft >= raised.soft) continue;
    // To raise a soft limit is allowed to all, but a filter of system calls may forbid it.
    const long failed = change_limit(need.resource, raised);
    if (failed != 0 && !is_enough(need, limit.soft) && kills_node(need)) trouble = {need.name, static_cast<int>(-failed)};
  }
  // A hard RLIMIT_FSIZE of 0 is then an error of write() and not a death; Node ignores this signal anyway.
  const KernelSigaction ignore = {kIgnore, 0, 0, 0};
  set_signal_action(SIGXFSZ, &ignore);
  return trouble;
}

LimitTrouble take_room_back(const CapturedState& state) {
  LimitTrouble trouble = {nullptr, 0};
  for (const Need& need : kNeeds) {
    if (!holds_resource(changed, need.resource)) continue;
    const long failed = exchange_limit(need.resource, &state.limits[need.resource], nullptr);
    if (failed != 0) trouble = {need.name, static_cast<int>(-failed)};
  }
  if (holds_signal(state.ignored_signals, SIGXFSZ)) return trouble;
  const KernelSigaction by_default = {kDefault, 0, 0, 0};
  set_signal_action(SIGXFSZ, &by_default);
  return trouble;
}

}  // namespace ociwrap
