#include "copy-attributes.h"

#include "copy-walk.h"

namespace ociwrap::engine::port {
namespace {

// As large as a value, and a list of names, can be (XATTR_SIZE_MAX and XATTR_LIST_MAX of the kernel).
constexpr size_t kLargest = 65536;
char names[kLargest];
uint8_t value[kLargest];

constexpr char kCapability[] = "security.capability";
constexpr char kOverlay[] = "trusted.overlay.";

// Names and values by a descriptor, and by the name in a folder: /proc leads to the folder, whose entry is not followed.
struct OpenFile {
  int fd;
  long list() const { return raw::call(SYS_flistxattr, fd, raw::number(names), kLargest); }
  long get(const char* name) const {
    return raw::call(SYS_fgetxattr, fd, raw::number(name), raw::number(value), kLargest);
  }
  long set(const char* name, long size) const {
    return raw::call(SYS_fsetxattr, fd, raw::number(name), raw::number(value), size, 0);
  }
};

class NamedFile {
 public:
  NamedFile(int folder, const char* name) {
    path_.append("/proc/self/fd/");
    path_.append_number(static_cast<uint64_t>(folder));
    path_.append('/');
    path_.append(name);
  }
  long list() const { return raw::call(SYS_llistxattr, raw::number(path_.c_str()), raw::number(names), kLargest); }
  long get(const char* name) const {
    return raw::call(SYS_lgetxattr, raw::number(path_.c_str()), raw::number(name), raw::number(value), kLargest);
  }
  long set(const char* name, long size) const {
    return raw::call(SYS_lsetxattr, raw::number(path_.c_str()), raw::number(name), raw::number(value), size, 0);
  }

 private:
  FixedText<14 + 20 + 1 + 255> path_;
};

// A volume without extended attributes is one that people have. Capabilities are what a program does not work without, and a label
// that this node's policy does not know (EINVAL) or that nobody may write (EPERM) means nothing here.
bool may_be_left(Text name, long error) {
  if (name == kCapability) return false;
  if (error == -EOPNOTSUPP) return true;
  return starts_with(name, "security.") && (error == -EPERM || error == -EACCES || error == -EINVAL);
}

template <typename File>
long copy_extended(const File& from, const File& to, Text path, UntakenAttributes* untaken) {
  const long size = from.list();
  if (size == -EOPNOTSUPP || size == -ENOSYS) return 0;
  if (size < 0) return failed(Call::kFlistxattr, size);
  Text rest(names, static_cast<size_t>(size));
  while (!rest.empty()) {
    const size_t length = find(rest, '\0');
    if (length == rest.size()) return failed(Call::kFlistxattr, -EIO);
    const char* const name = rest.data();
    rest.remove_prefix(length + 1);
    const Text text(name, length);
    // They say what is below the image's own overlay, and would be taken for what is below another.
    if (starts_with(text, kOverlay)) continue;
    const long given = from.get(name);
    if (given == -ENODATA || given == -EOPNOTSUPP) continue;
    if (given < 0) return failed(Call::kFgetxattr, given);
    const long wrong = to.set(name, given);
    if (wrong == 0) continue;
    untaken->add(text, path);
    if (!may_be_left(text, wrong)) return failed(Call::kFsetxattr, wrong);
  }
  return 0;
}

constexpr uint32_t kSpecialBits = S_ISUID | S_ISGID | S_ISVTX;

struct Times {
  timespec access;
  timespec modification;
};

Times times_of(const struct stat& status) { return {status.st_atim, status.st_mtim}; }

long set_times(int fd, const struct stat& status) {
  const Times times = times_of(status);
  const long wrong = raw::call(SYS_utimensat, fd, 0, raw::number(&times), 0);
  return wrong != 0 ? failed(Call::kUtimensat, wrong) : 0;
}

long set_owner_and_mode(int to, const struct stat& status) {
  const long unowned = raw::call(SYS_fchown, to, status.st_uid, status.st_gid);
  if (unowned != 0) return failed(Call::kFchown, unowned);
  const long unmoded = raw::call(SYS_fchmod, to, status.st_mode & 07777);
  return unmoded != 0 ? failed(Call::kFchmod, unmoded) : 0;
}

}  // namespace

void UntakenAttributes::add(Text name, Text path) {
  Text rest = texts_.view();
  for (bool is_name = true; !rest.empty(); is_name = !is_name) {
    const size_t length = find(rest, '\0');
    if (is_name && Text(rest.data(), length) == name) return;
    rest.remove_prefix(length + 1);
  }
  if (path.size() > PATH_MAX) path = Text(path.data(), PATH_MAX);
  // Both or neither.
  if (16384 - texts_.view().size() < name.size() + path.size() + 2) return;
  texts_.append(name);
  texts_.append('\0');
  texts_.append(path);
  texts_.append('\0');
}

long copy_attributes(int from, int to, const struct stat& status, Text path, UntakenAttributes* untaken) {
  long wrong = set_owner_and_mode(to, status);
  if (wrong == 0) wrong = copy_extended(OpenFile{from}, OpenFile{to}, path, untaken);
  return wrong != 0 ? wrong : set_times(to, status);
}

long copy_attributes_in(int from_folder, int to_folder, const char* name, const struct stat& status, Text path,
                        UntakenAttributes* untaken) {
  const long unowned = raw::call(SYS_fchownat, to_folder, raw::number(name), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW);
  if (unowned != 0) return failed(Call::kFchown, unowned);
  // The other bits it was made with. A device that has these is a curiosity; a symlink has no mode.
  if (!S_ISLNK(status.st_mode) && (status.st_mode & kSpecialBits) != 0) {
    const Descriptor file(open_in(to_folder, name, O_PATH));
    if (file.get() < 0) return failed(Call::kOpenat2, file.get());
    FixedText<32> path_to_it;
    path_to_it.append("/proc/self/fd/");
    path_to_it.append_number(static_cast<uint64_t>(file.get()));
    const long unmoded = raw::call(SYS_fchmodat, AT_FDCWD, raw::number(path_to_it.c_str()), status.st_mode & 07777);
    if (unmoded != 0) return failed(Call::kFchmod, unmoded);
  }
  const long wrong = copy_extended(NamedFile(from_folder, name), NamedFile(to_folder, name), path, untaken);
  if (wrong != 0) return wrong;
  const Times times = times_of(status);
  const long untimed = raw::call(SYS_utimensat, to_folder, raw::number(name), raw::number(&times), AT_SYMLINK_NOFOLLOW);
  return untimed != 0 ? failed(Call::kUtimensat, untimed) : 0;
}

long copy_status(int to, const struct stat& status) {
  const long wrong = set_owner_and_mode(to, status);
  return wrong != 0 ? wrong : set_times(to, status);
}

long remove_acls(int folder) {
  constexpr const char* kAcls[] = {"system.posix_acl_default", "system.posix_acl_access"};
  for (const char* name : kAcls) {
    const long wrong = raw::call(SYS_fremovexattr, folder, raw::number(name));
    if (wrong != 0 && wrong != -ENODATA && wrong != -EOPNOTSUPP) return failed(Call::kFsetxattr, wrong);
  }
  return 0;
}

}  // namespace ociwrap::engine::port
