// The state in which the engine started us, and the flat record that carries it across execve into Node and out
// of it again. capture.cc and write-record.cc run in the static launcher, parse-record.cc and restore.cc in the
// addon; none of them allocates, throws or needs libstdc++.
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel.h"

namespace ociwrap {

struct FileIdentity {
  uint64_t device;
  uint64_t inode;
};

// What a launcher found when it started. Strings point into its own memory.
struct CapturedState {
  char* const* argv;
  char* const* env;
  const char* exec_fn;              // AT_EXECFN: the path given to execve, unresolved; "" when unknown
  char exe_path[PATH_MAX];          // "" when neither /proc/self/exe nor exec_fn could be resolved
  FileIdentity exe;
  char working_directory[PATH_MAX]; // "" when it was removed, is out of sight or is longer than PATH_MAX
  uint64_t signal_mask;
  uint64_t ignored_signals;
  Limit limits[kLimitCount];
  int limits_error;  // 0, or the errno of a prlimit64 that told nothing: `limits` are then not to be used
  uint32_t umask;
  uint32_t parent_death_signal;
};

// A failed system call: its name and its errno. `call` is null when nothing failed.
struct Failure {
  const char* call;
  int error;
};

// Reads everything but the descriptors. Call it first thing in main(): nothing has been altered yet.
void capture_state(int argc, char* const* argv, char* const* env, CapturedState* out);

// The file of this program: /proc/self/exe, or without /proc what `exec_fn` leads to. "" when neither works.
void find_own_file(const char* exec_fn, char (&path)[PATH_MAX], FileIdentity* identity);

// A limit of the process, null when there is none to name. `error` 0: its hard value is too low.
struct LimitTrouble {
  const char* limit;
  int error;
};

// Lifts limits that Node could not live with: soft ones up to the hard ones, hard ones where that is allowed. Names one
// under which Node would die or hang all the same. restore_state() puts all of them back.
LimitTrouble make_room_for_node(const CapturedState& state);

// Undoes make_room_for_node(), for a launcher that goes on without Node. Names a limit that stays as it is: the next
// program would find another state than the caller gave.
LimitTrouble take_room_back(const CapturedState& state);

// Writes the record (the open descriptors included) into a sealed memfd, numbered above every inherited
// descriptor and without FD_CLOEXEC, and returns its number; -1 with `failure` set when that cannot be done.
int write_record(const CapturedState& state, Failure* failure);

// ---- the record ----------------------------------------------------------------------------------------------

constexpr char kRecordMagic[8] = {'o', 'c', 'i', 'w', 'r', 'a', 'p', '\0'};
constexpr uint32_t kRecordVersion = 1;
// Twice what execve of Linux accepts for arguments and environment together (6 MiB with an unlimited stack).
constexpr uint64_t kRecordMaxSize = 16u << 20;

enum Section : uint32_t { kArgv, kEnv, kExecFn, kExePath, kWorkingDirectory, kDescriptors, kSectionCount };

struct SectionHeader {
  uint64_t size;   // bytes; sections follow the header in the order of `Section`, without gaps
  uint64_t count;  // strings (each ends with NUL) or descriptors
};

struct RecordHeader {
  char magic[8];
  uint32_t version;
  uint32_t header_size;
  uint64_t total_size;
  uint64_t signal_mask;
  uint64_t ignored_signals;
  FileIdentity exe;
  uint32_t umask;
  uint32_t parent_death_signal;
  Limit limits[kLimitCount];
  SectionHeader sections[kSectionCount];
};

struct Descriptor {
  int32_t fd;
  uint32_t flags;  // FD_CLOEXEC or 0
};

// A checked record: pointers into the bytes that were parsed.
struct RecordView {
  RecordHeader header;
  const uint8_t* sections[kSectionCount];
};

// Null when `bytes` are a whole, well-formed record, else what is wrong with them (a constant text).
const char* parse_record(const uint8_t* bytes, size_t size, RecordView* out);

Descriptor descriptor_at(const RecordView& record, uint64_t index);

// ---- putting it back -----------------------------------------------------------------------------------------

// What Node had, so that a failed execve can be reported by a working Node.
struct NodeState {
  uint64_t signal_mask;
  KernelSigaction actions[kSignalCount];
  Limit limits[kLimitCount];
  uint32_t umask;
  uint32_t parent_death_signal;
  uint8_t* close_on_exec;  // one byte for each descriptor of the record; the caller's memory
};

void save_node_state(const RecordView& record, NodeState* out);

// Puts the recorded state back, the signal mask last: a signal that arrived meanwhile acts now, as it would have
// acted on the program that is about to be started.
Failure restore_state(const RecordView& record, const NodeState& node);

void restore_node_state(const RecordView& record, const NodeState& node);

}  // namespace ociwrap
