// Realms: the bundle's, which came with the snapshot, and those of rule modules, each with a runtime of QuickJS of its own in the
// same memory: a heap with a limit, built-ins, jobs and a stack that are nobody else's. Values never go from one to another.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ociwrap::engine {

// A promise that was rejected and that nobody looked at, and why. Boxes.
struct Rejection {
  uint32_t promise;
  uint32_t reason;
};

class Realm {
 public:
  uint32_t runtime = 0;
  uint32_t context = 0;
  // What the realm of a rule module has, and the bundle's has not. Boxes; `outside` is a function of the bundle's realm.
  uint32_t answer = 0;
  uint32_t outside = 0;
  // How much a step may take, and how much the one that runs has left. Of the bundle's realm neither is used.
  uint32_t bytes = 0;
  uint32_t room = 0;
  // When its time is up, in nanoseconds of CLOCK_MONOTONIC; 0 for never.
  int64_t deadline = 0;

  bool is_late() const;

  void note_rejection(uint32_t promise_box, uint32_t reason_box, bool is_handled);
  // The reason of the first that is left, in a box; 0 where there is none.
  uint32_t first_rejection() const { return rejection_count_ == 0 ? 0 : rejections_[0].reason; }
  void forget_rejections();

 private:
  // A program that has more of them at once fails by the first in any case.
  static constexpr uint32_t kMost = 64;
  static void forget(const Rejection& rejection);
  Rejection rejections_[kMost] = {};
  uint32_t rejection_count_ = 0;
};

// The realm whose code runs.
Realm* current_realm();
Realm* bundle_realm();

// Makes another realm the current one, until it goes out of sight.
class InRealm {
 public:
  explicit InRealm(Realm* realm);
  ~InRealm();
  InRealm(const InRealm&) = delete;
  InRealm& operator=(const InRealm&) = delete;

 private:
  Realm* before_;
};

// Runs the jobs of the current realm until none is left. False where one of them has thrown: that waits to be taken.
bool run_jobs();

}  // namespace ociwrap::engine
