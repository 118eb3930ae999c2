#include "realm.h"

#include "engine-values.h"
#include "monotonic-clock.h"

namespace ociwrap::engine {
namespace {

Realm bundle;
Realm* current = &bundle;

// What the engine has allocated, and the limit on it, are one number for all realms (qjs_set_memory_limit): the limit is set anew
// whenever another realm's code runs. 0 is no limit.
uint32_t limit;

void enter(Realm* realm) {
  const uint32_t allocated = vm_qjs_get_allocated_size();
  if (current != &bundle) current->room = limit > allocated ? limit - allocated : 0;
  current = realm;
  vm_qjs_set_runtime_and_context(realm->runtime, realm->context);
  const uint64_t wanted = uint64_t{allocated} + realm->room;
  limit = realm == &bundle ? 0 : wanted > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(wanted);
  vm_qjs_set_memory_limit(limit);
}

}  // namespace

Realm* current_realm() { return current; }

Realm* bundle_realm() { return &bundle; }

uint32_t context() { return current->context; }

InRealm::InRealm(Realm* realm) : before_(current) { enter(realm); }

InRealm::~InRealm() { enter(before_); }

bool Realm::is_late() const { return deadline != 0 && monotonic_now() > deadline; }

// A promise is kept as long as it is in the list: once it is freed another one may be in its place, and look like it.
void Realm::note_rejection(uint32_t promise_box, uint32_t reason_box, bool is_handled) {
  if (!is_handled && rejection_count_ < kMost) {
    rejections_[rejection_count_++] = {promise_box, reason_box};
    return;
  }
  const uint32_t object = vm_qjs_get_value_ptr(promise_box);
  for (uint32_t at = 0; is_handled && at < rejection_count_; at++) {
    if (vm_qjs_get_value_ptr(rejections_[at].promise) != object) continue;
    forget(rejections_[at]);
    rejection_count_--;
    for (; at < rejection_count_; at++) rejections_[at] = rejections_[at + 1];
  }
  forget({promise_box, reason_box});
}

void Realm::forget(const Rejection& rejection) {
  vm_qjs_free_value(rejection.promise);
  vm_qjs_free_value(rejection.reason);
}

void Realm::forget_rejections() {
  while (rejection_count_ > 0) forget(rejections_[--rejection_count_]);
}

bool run_jobs() {
  while (vm_qjs_is_job_pending() != 0) {
    if (static_cast<int32_t>(vm_qjs_execute_pending_job()) < 0) return false;
  }
  return true;
}

}  // namespace ociwrap::engine
