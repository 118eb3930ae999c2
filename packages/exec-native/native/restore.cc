#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include "descriptors.h"
#include "process-state.h"

namespace ociwrap {
namespace {

bool can_have_action(int signal) { return signal != SIGKILL && signal != SIGSTOP; }

// A descriptor that the record does not name is Node's, ours (the memfd of the record among them) or the
// /dev/null that Node put on a closed 0, 1 or 2: the next program must not see it.
void restore_descriptors(const RecordView& record) {
  uint64_t index = 0;
  const uint64_t count = record.header.sections[kDescriptors].count;
  for_each_descriptor([&](int fd) {
    while (index < count && descriptor_at(record, index).fd < fd) index++;
    const bool inherited = index < count && descriptor_at(record, index).fd == fd;
    const uint32_t flags = inherited ? descriptor_at(record, index).flags : FD_CLOEXEC;
    descriptor_control(fd, F_SETFD, flags);
  });
}

// Setting SIG_IGN also discards such a signal if it is pending, which is what it would have met. Setting SIG_DFL would
// discard a pending SIGCHLD, SIGCONT, SIGURG or SIGWINCH, too, even where it is set already.
void restore_actions(uint64_t ignored, const KernelSigaction* now) {
  for (int signal = 1; signal <= kSignalCount; signal++) {
    if (!can_have_action(signal)) continue;
    const KernelSigaction action = {holds_signal(ignored, signal) ? kIgnore : kDefault, 0, 0, 0};
    if (action.handler == kDefault && now[signal - 1].handler == kDefault) continue;
    set_signal_action(signal, &action);
  }
}

// Only what differs is set: nothing but the soft RLIMIT_NOFILE does, unless the launcher made room for Node.
long change_limits(const Limit* from, const Limit* to) {
  for (int resource = 0; resource < kLimitCount; resource++) {
    if (from[resource].soft == to[resource].soft && from[resource].hard == to[resource].hard) continue;
    const long failed = exchange_limit(resource, &to[resource], nullptr);
    if (failed != 0) return failed;
  }
  return 0;
}

}  // namespace

void save_node_state(const RecordView& record, NodeState* out) {
  change_signal_mask(SIG_BLOCK, nullptr, &out->signal_mask);
  for (int signal = 1; signal <= kSignalCount; signal++) {
    get_signal_action(signal, &out->actions[signal - 1]);
  }
  for (int resource = 0; resource < kLimitCount; resource++) {
    exchange_limit(resource, nullptr, &out->limits[resource]);
  }
  out->umask = static_cast<uint32_t>(umask(record.header.umask));
  umask(out->umask);
  int parent_death_signal = 0;
  prctl(PR_GET_PDEATHSIG, &parent_death_signal);
  out->parent_death_signal = static_cast<uint32_t>(parent_death_signal);
  for (uint64_t index = 0; index < record.header.sections[kDescriptors].count; index++) {
    const long flags = descriptor_control(descriptor_at(record, index).fd, F_GETFD, 0);
    out->close_on_exec[index] = flags > 0 && (flags & FD_CLOEXEC) != 0;
  }
}

Failure restore_state(const RecordView& record, const NodeState& node) {
  restore_descriptors(record);
  restore_actions(record.header.ignored_signals, node.actions);
  const long failed = change_limits(node.limits, record.header.limits);
  if (failed != 0) return {"prlimit64", static_cast<int>(-failed)};
  umask(record.header.umask);
  if (record.header.parent_death_signal != node.parent_death_signal) {
    prctl(PR_SET_PDEATHSIG, record.header.parent_death_signal);
  }
  change_signal_mask(SIG_SETMASK, &record.header.signal_mask, nullptr);
  return {nullptr, 0};
}

void restore_node_state(const RecordView& record, const NodeState& node) {
  change_signal_mask(SIG_SETMASK, &node.signal_mask, nullptr);
  for (int signal = 1; signal <= kSignalCount; signal++) {
    if (can_have_action(signal)) set_signal_action(signal, &node.actions[signal - 1]);
  }
  // A soft limit can always go back up to the hard one, which no one lowered.
  for (int resource = 0; resource < kLimitCount; resource++) {
    exchange_limit(resource, &node.limits[resource], nullptr);
  }
  umask(node.umask);
  prctl(PR_SET_PDEATHSIG, node.parent_death_signal);
  for (uint64_t index = 0; index < record.header.sections[kDescriptors].count; index++) {
    if (!node.close_on_exec[index]) continue;
    descriptor_control(descriptor_at(record, index).fd, F_SETFD, FD_CLOEXEC);
  }
}

}  // namespace ociwrap
