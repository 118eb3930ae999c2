// The calls that put a root together in a mount namespace of one's own: each is the system call of its name. What they are called
// with: system/mount-calls.ts.
#include <linux/mount.h>
#include <sched.h>

#include "openat2.h"

namespace ociwrap::engine::port {
namespace {

// `OPENED_AS` in engine-system.ts.
constexpr uint64_t kOpenedAs[] = {O_PATH, O_RDONLY | O_DIRECTORY, O_RDONLY | O_NONBLOCK};

// struct mount_attr of mount_setattr(2).
struct MountAttributes {
  uint64_t set;
  uint64_t clear;
  uint64_t propagation;
  uint64_t user_namespace;
};

// The kinds of value that fsconfig(2) is called with: `fsconfig` in engine-system.ts.
constexpr int64_t kText = 1, kDescriptor = 2;

}  // namespace

Value unshareMounts(const Arguments&) { return answer(raw::call(SYS_unshare, CLONE_NEWNS)); }

// A path, and MS_PRIVATE or MS_SLAVE.
Value setPropagation(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  return answer(raw::call(SYS_mount, 0, raw::number(path.c_str()), 0, integer_at(arguments, 1), 0));
}

// A folder, a path in it, an index of kOpenedAs, RESOLVE_*.
Value openat2(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 1, &path);
  if (unusable != 0) return answer(unusable);
  const int64_t as = integer_at(arguments, 2);
  if (as < 0 || as >= static_cast<int64_t>(sizeof kOpenedAs / sizeof *kOpenedAs)) return answer(-EINVAL);
  const long fd = open_beneath(descriptor_at(arguments, 0), path.c_str(), kOpenedAs[as] | O_CLOEXEC,
                               static_cast<uint64_t>(integer_at(arguments, 3)));
  return answer(fd);
}

// A folder, and whether what is mounted beneath it comes along.
Value cloneTree(const Arguments& arguments) {
  const long recursive = integer_at(arguments, 1) != 0 ? AT_RECURSIVE : 0;
  const long flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recursive;
  return answer(raw::call(SYS_open_tree, descriptor_at(arguments, 0), raw::number(""), flags));
}

// A mount, the path of the folder that it is put on, MOVE_MOUNT_*.
Value moveMount(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 1, &path);
  if (unusable != 0) return answer(unusable);
  return answer(raw::call(SYS_move_mount, descriptor_at(arguments, 0), raw::number(""), AT_FDCWD,
                          raw::number(path.c_str()), MOVE_MOUNT_F_EMPTY_PATH | integer_at(arguments, 2)));
}

// A mount, MOUNT_ATTR_*, and the descriptor of a user namespace or a negative number.
Value setMountAttributes(const Arguments& arguments) {
  const int64_t user_namespace = integer_at(arguments, 2);
  const MountAttributes attributes = {static_cast<uint64_t>(integer_at(arguments, 1)), 0, 0,
                                      user_namespace < 0 ? 0 : static_cast<uint64_t>(user_namespace)};
  return answer(raw::call(SYS_mount_setattr, descriptor_at(arguments, 0), raw::number(""), AT_EMPTY_PATH,
                          raw::number(&attributes), sizeof attributes));
}

Value fsopen(const Arguments& arguments) {
  PathBuffer type;
  const long unusable = path_at(arguments, 0, &type);
  return answer(unusable != 0 ? unusable : raw::call(SYS_fsopen, raw::number(type.c_str()), FSOPEN_CLOEXEC));
}

// A context, a key, a kind of value, a text, a descriptor.
Value fsconfig(const Arguments& arguments) {
  PathBuffer key;
  PathBuffer value;
  const long unusable = path_at(arguments, 1, &key);
  const long also = path_at(arguments, 3, &value);
  if (unusable != 0 || also != 0) return answer(unusable != 0 ? unusable : also);
  const int context = descriptor_at(arguments, 0);
  const auto set = [&](long command, const char* text, long descriptor) {
    return answer(raw::call(SYS_fsconfig, context, command, raw::number(key.c_str()), raw::number(text), descriptor));
  };
  switch (integer_at(arguments, 2)) {
    case kText: return set(FSCONFIG_SET_STRING, value.c_str(), 0);
    case kDescriptor: return set(FSCONFIG_SET_FD, nullptr, descriptor_at(arguments, 4));
    default: return set(FSCONFIG_SET_FLAG, nullptr, 0);
  }
}

Value createFileSystem(const Arguments& arguments) {
  return answer(raw::call(SYS_fsconfig, descriptor_at(arguments, 0), FSCONFIG_CMD_CREATE, 0, 0, 0));
}

Value fsmount(const Arguments& arguments) {
  return answer(raw::call(SYS_fsmount, descriptor_at(arguments, 0), FSMOUNT_CLOEXEC, integer_at(arguments, 1)));
}

}  // namespace ociwrap::engine::port
