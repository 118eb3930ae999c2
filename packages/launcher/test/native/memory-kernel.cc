#include "memory-kernel.h"

#include <dirent.h>
#include <errno.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include <sanitizer/asan_interface.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "lies.h"
#include "snapshot.h"
#include "system-calls.h"
#include "wasm-operators.h"

namespace ociwrap_test {

namespace {

struct Descriptor {
  bool is_open = false;
  std::string path;
  NodeAt node;
  size_t offset = 0;
  bool appends = false;
  std::string names;  // what of a folder is still to be listed
  bool is_listed = false;
  // Of fsopen(2), and what fsconfig(2) has said to it.
  std::string file_system;
  std::map<std::string, std::string> settings;
  bool is_created = false;
  // A mount without a place, and what is to be seen there.
  std::string mount_of;
};

MemoryMachine* machine;
Lies lies = Lies::kNone;
std::string input;
End* end;
void (*before_end)();
Stack stack;
std::vector<Descriptor> descriptors;
// What is mounted where the program makes its roots, and whether it has left the engine's mount namespace.
std::string mounted_root;
bool has_own_namespace;
uint64_t now = 1700000100u * 1000000000ull;
// A program that asks so often asks for ever.
constexpr uint64_t kMostCalls = 2'000'000;
constexpr size_t kLargestMapping = 512u << 20;

constexpr char kRootFolder[] = "/run/ociwrap/root";  // ROOT_FOLDER of planning/host-action.ts
constexpr long kUserNamespace = 4400;               // the process of it

std::string text_at(long address) { return reinterpret_cast<const char*>(address); }

bool lies_here() {
  if (lies == Lies::kNone || !has_lies() || !lies_now()) return false;
  end->lies++;
  return true;
}

// None of them says that something is not there, or is dead (planning/dead-file-system.ts): what is dead may be left as it is.
long sick_failure() {
  constexpr int kErrors[] = {EACCES, EINTR, EAGAIN, ENOSYS, EPERM, EFBIG, ENOSPC, ENOMEM, EMFILE, EROFS, EDQUOT, EOVERFLOW, 4095};
  return -kErrors[lie_below(sizeof kErrors / sizeof *kErrors)];
}

long any_failure() {
  constexpr int kErrors[] = {ENOENT, EIO, ESTALE, ENOTCONN, ENOTDIR, EISDIR, ENOTEMPTY, EPIPE, ESRCH, ELOOP, EXDEV, EINVAL, EEXIST, ENAMETOOLONG, EBADF, 1};
  return lie_byte() % 2 == 0 ? sick_failure() : -kErrors[lie_below(sizeof kErrors / sizeof *kErrors)];
}

long lying_failure() { return lies == Lies::kAny ? any_failure() : sick_failure(); }

uint64_t hash_of(const std::string& bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  return hash;
}

std::string config_text() {
  const Found config = machine->find("/", "/b/config.json", true);
  return config.error == 0 ? config.node->bytes : "";
}

// Of what a runtime would make of it: a root by the path of a volume, and that volume mounted, are the same.
uint64_t hash_of_config() {
  std::string text = config_text();
  const size_t at = mounted_root.empty() ? std::string::npos : text.find(kRootFolder);
  if (at != std::string::npos) text.replace(at, sizeof kRootFolder - 1, mounted_root);
  return hash_of(text);
}

[[noreturn]] void end_process(End::Kind kind, int status) {
  end->config = hash_of_config();
  end->lacks_root = mounted_root.empty() && config_text().find(kRootFolder) != std::string::npos;
  end->status = status;
  end->kind = kind;
  before_end();
  _exit(0);
}

Descriptor* descriptor(long fd) {
  const bool is_known = fd >= 0 && static_cast<size_t>(fd) < descriptors.size() && descriptors[static_cast<size_t>(fd)].is_open;
  return is_known ? &descriptors[static_cast<size_t>(fd)] : nullptr;
}

long add_descriptor(const Found& found, bool appends) {
  size_t fd = 3;
  while (fd < descriptors.size() && descriptors[fd].is_open) fd++;
  if (fd >= 256) return -EMFILE;
  if (fd >= descriptors.size()) descriptors.resize(fd + 1);
  descriptors[fd] = {};
  descriptors[fd].is_open = true;
  descriptors[fd].path = found.path;
  descriptors[fd].node = found.node;
  descriptors[fd].appends = appends;
  return static_cast<long>(fd);
}

// A path that begins in an open folder (proc(5), /proc/PID/fd), as the path of that folder.
std::string path_at(long address) {
  constexpr char kOpen[] = "/proc/self/fd/";
  const std::string path = text_at(address);
  if (path.compare(0, sizeof kOpen - 1, kOpen) != 0) return path;
  char* after;
  const Descriptor* folder = descriptor(strtol(path.c_str() + sizeof kOpen - 1, &after, 10));
  if (folder == nullptr || (*after != '\0' && *after != '/')) return path;
  return folder->path + after;
}

// The folder that a path of an *at call begins in; empty where the descriptor is none.
std::string folder_at(long fd) {
  if (fd == AT_FDCWD) return machine->working_directory;
  const Descriptor* found = descriptor(fd);
  return found == nullptr ? "" : found->path;
}

NodeAt create(const Found& place, uint32_t mode) {
  const NodeAt node = machine->put(place.path, mode);
  node->changed = now;
  return node;
}

long open_file(const std::string& folder, const std::string& path, long flags, long mode) {
  if (folder.empty()) return -EBADF;
  Found found = machine->find(folder, path, (flags & O_NOFOLLOW) == 0);
  if (found.error == ENOENT && (flags & O_CREAT) != 0) {
    found = machine->place_for(folder, path);
    if (found.error == 0 && found.node != nullptr) return -ENOENT;  // a link to nowhere
    if (found.error == 0) found.node = create(found, S_IFREG | (static_cast<uint32_t>(mode) & 07777));
  } else if (found.error == 0 && (flags & O_EXCL) != 0) {
    return -EEXIST;
  }
  if (found.error != 0) return -found.error;
  const uint32_t kind = found.node->mode & S_IFMT;
  if (kind == S_IFLNK && (flags & O_PATH) == 0) return -ELOOP;
  if ((flags & O_DIRECTORY) != 0 && kind != S_IFDIR) return -ENOTDIR;
  if (kind == S_IFDIR && (flags & O_ACCMODE) != O_RDONLY) return -EISDIR;
  if ((flags & O_TRUNC) != 0) found.node->bytes.clear();
  return add_descriptor(found, (flags & O_APPEND) != 0);
}

void give_status(const std::string& path, const Node& node, long to) {
  struct stat* found = reinterpret_cast<struct stat*>(to);
  memset(found, 0, sizeof *found);
  found->st_dev = machine->device_of(path);
  found->st_ino = node.inode;
  found->st_mode = node.mode;
  found->st_uid = node.uid;
  found->st_nlink = S_ISDIR(node.mode) ? 2 : 1;
  found->st_rdev = node.device_number;
  found->st_size = static_cast<long>(node.bytes.size());
  found->st_mtim = {static_cast<long>(node.changed / 1000000000u), static_cast<long>(node.changed % 1000000000u)};
  found->st_ctim = found->st_mtim;
}

// One number of it is another than it was, or all are.
void lie_about_status(long to) {
  struct stat* found = reinterpret_cast<struct stat*>(to);
  constexpr uint32_t kModes[] = {S_IFREG | 0644, S_IFDIR | 0777, S_IFLNK | 0777, S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK, 0, 0xffff};
  constexpr long kSizes[] = {0, 1, -1, 4096, 65536, 65537, 1L << 31, 1L << 32, 1L << 53, INT64_MAX, INT64_MIN};
  switch (lie_byte() % 8) {
    case 0: found->st_dev = lie_word(); return;
    case 1: found->st_ino = static_cast<uint64_t>(lie_word()) << 32 | lie_word(); return;
    case 2: found->st_mode = kModes[lie_below(sizeof kModes / sizeof *kModes)]; return;
    case 3: found->st_size = kSizes[lie_below(sizeof kSizes / sizeof *kSizes)]; return;
    case 4: found->st_uid = found->st_gid = lie_word(); return;
    case 5: found->st_mtim = found->st_ctim = {static_cast<long>(lie_word()) - (1L << 31), static_cast<long>(lie_word() % 1000000000)}; return;
    case 6: found->st_nlink = lie_word(); return;
    default: memset(found, static_cast<int>(lie_byte()), sizeof *found); found->st_mtim.tv_nsec = found->st_ctim.tv_nsec = 0;
  }
}

long status(const Found& found, long to) {
  const bool lies_now = lies_here();
  if (lies_now && (lies == Lies::kFailures || lie_byte() % 2 == 0)) return lying_failure();
  if (found.error != 0) return -found.error;
  give_status(found.path, *found.node, to);
  if (lies_now) lie_about_status(to);
  return 0;
}

long status_of(long fd, long to) {
  const Descriptor* found = descriptor(fd);
  if (found == nullptr && fd >= 0 && fd <= 2) {
    memset(reinterpret_cast<void*>(to), 0, sizeof(struct stat));
    reinterpret_cast<struct stat*>(to)->st_mode = S_IFIFO | 0600;
    return 0;
  }
  return status(found == nullptr ? Found{EBADF, "", nullptr} : Found{0, found->path, found->node}, to);
}

Found found_at(long fd, const std::string& path, bool follows) {
  const std::string folder = folder_at(fd);
  if (folder.empty()) return {EBADF, "", nullptr};
  if (path.empty() && fd != AT_FDCWD) return {0, folder, descriptor(fd)->node};
  return machine->find(folder, path, follows);
}

long more_status(const Found& found, long to) {
  struct statx* more = reinterpret_cast<struct statx*>(to);
  struct stat plain;
  const long failed = status(found, ociwrap::raw::number(&plain));
  if (failed != 0) return failed;
  memset(more, 0, sizeof *more);
  more->stx_mode = static_cast<uint16_t>(plain.st_mode);
  more->stx_size = static_cast<uint64_t>(plain.st_size);
  more->stx_ino = plain.st_ino;
  more->stx_nlink = static_cast<uint32_t>(plain.st_nlink);
  more->stx_dev_major = major(plain.st_dev);
  more->stx_dev_minor = minor(plain.st_dev);
  more->stx_attributes_mask = STATX_ATTR_MOUNT_ROOT;
  if (found.node->is_mount) more->stx_attributes = STATX_ATTR_MOUNT_ROOT;
  if (lies == Lies::kAny && lies_here()) more->stx_attributes_mask = lie_word();
  return 0;
}

long read_from(long fd, long to, size_t size, const size_t* at) {
  Descriptor* from = descriptor(fd);
  const bool is_input = from == nullptr && fd == 0;
  if (from == nullptr && !is_input) return -EBADF;
  if (!is_input && S_ISDIR(from->node->mode)) return -EISDIR;
  if (!is_input && !from->file_system.empty() && lies == Lies::kNone) return -ENODATA;
  const std::string& bytes = is_input ? input : from->node->bytes;
  static size_t input_offset;
  size_t& offset = is_input ? input_offset : from->offset;
  const size_t start = at != nullptr ? *at : offset;
  size_t count = start < bytes.size() ? bytes.size() - start : 0;
  if (count > size) count = size;
  uint8_t* out = reinterpret_cast<uint8_t*>(to);
  look_at(out, size);
  if (lies_here()) {
    const uint32_t kind = lie_byte() % 4;
    if (kind == 0) return lying_failure();
    if (kind == 1 && lies == Lies::kAny) {  // other bytes, up to all that there is room for
      const size_t given = lie_byte() % 2 == 0 ? size : lie_word() % (size + 1);
      write_content(out, given);
      return static_cast<long>(given);
    }
    if (kind == 2 && lies == Lies::kAny) count = 0;
    if (count > 1) count = 1 + lie_word() % count;
  }
  memcpy(out, bytes.data() + (count > 0 ? start : 0), count);
  if (at == nullptr) offset = start + count;
  return static_cast<long>(count);
}

long write_to(long fd, long from, size_t size) {
  const char* bytes = reinterpret_cast<const char*>(from);
  look_at(bytes, size);
  if (fd == 2) {  // also what nobody takes
    const size_t room = sizeof end->stderr_text - 1 - end->told;
    memcpy(end->stderr_text + end->told, bytes, size < room ? size : room);
    end->told += static_cast<uint32_t>(size < room ? size : room);
  }
  if (lies_here()) {
    if (lie_byte() % 2 == 0) return lies == Lies::kAny && lie_byte() % 4 == 0 ? -EPIPE : lying_failure();
    if (size > 1) size = 1 + lie_word() % size;
  }
  Descriptor* to = descriptor(fd);
  if (to == nullptr) return fd == 1 || fd == 2 ? static_cast<long>(size) : -EBADF;
  std::string& content = to->node->bytes;
  if (to->appends) to->offset = content.size();
  if (content.size() < to->offset + size) content.resize(to->offset + size);
  content.replace(to->offset, size, bytes, size);
  to->offset += size;
  to->node->changed = now;
  return static_cast<long>(size);
}

// As long as the buffer, where the target is longer: nothing says so.
long read_link(const Found& found, long to, size_t size) {
  char* out = reinterpret_cast<char*>(to);
  look_at(out, size);
  if (lies_here()) {
    if (lies == Lies::kFailures || lie_byte() % 2 == 0) return lying_failure();
    const size_t given = lie_byte() % 4 == 0 ? size : 1 + lie_byte() % size;
    write_content(reinterpret_cast<uint8_t*>(out), given);
    for (size_t at = 0; at < given; at++) {
      if (out[at] == '\0') out[at] = '/';
    }
    return static_cast<long>(given);
  }
  if (found.error != 0) return -found.error;
  if (!S_ISLNK(found.node->mode)) return -EINVAL;
  const size_t given = found.node->bytes.size() < size ? found.node->bytes.size() : size;
  memcpy(out, found.node->bytes.data(), given);
  return static_cast<long>(given);
}

long give_working_directory(long to, size_t size) {
  look_at(reinterpret_cast<void*>(to), size);
  std::string path = machine->working_directory;
  if (lies == Lies::kAny && lies_here()) {
    if (lie_byte() % 4 == 0) return any_failure();
    path = lie_byte() % 2 == 0 ? "(unreachable)/b" : "/" + std::string(size - 2, 'n');
  }
  if (path.size() + 1 > size) return -ERANGE;
  memcpy(reinterpret_cast<char*>(to), path.c_str(), path.size() + 1);
  return static_cast<long>(path.size() + 1);
}

// Records as a kernel writes them (getdents(2)): none of them is cut.
long give_names(long fd, long to, size_t size) {
  Descriptor* from = descriptor(fd);
  if (from == nullptr) return -EBADF;
  if (!S_ISDIR(from->node->mode)) return -ENOTDIR;
  const bool lies_now = lies_here();
  if (lies_now && (lies == Lies::kFailures || lie_byte() % 2 == 0)) return lying_failure();
  if (!from->is_listed) {
    from->is_listed = true;
    from->names = std::string(".\0..\0", 5) + machine->names_in(from->path);
  }
  if (lies_now) {
    std::string name(1 + lie_byte() % 255, lie_byte() % 2 == 0 ? '.' : 'n');
    write_content(reinterpret_cast<uint8_t*>(&name[0]), name.size());
    for (char& byte : name) {
      if (byte == '\0' || byte == '/') byte = '\n';
    }
    from->names += name + '\0';
  }
  char* out = reinterpret_cast<char*>(to);
  look_at(out, size);
  size_t at = 0;
  while (!from->names.empty()) {
    const size_t name = from->names.find('\0');
    const size_t length = (19 + name + 1 + 7) / 8 * 8;
    if (at + length > size) break;
    memset(out + at, 0, length);
    const uint16_t written = static_cast<uint16_t>(length);
    memcpy(out + at + 16, &written, sizeof written);
    const auto entry = machine->find(from->path, from->names.substr(0, name), false);
    out[at + 18] = static_cast<char>(entry.error == 0 ? IFTODT(entry.node->mode) : 0);
    memcpy(out + at + 19, from->names.data(), name);
    from->names.erase(0, name + 1);
    at += length;
  }
  return static_cast<long>(at);
}

long open_beneath(long fd, const std::string& path, const uint64_t* how) {
  constexpr uint64_t kNoOtherMount = 0x01, kNoLinks = 0x04, kInRoot = 0x10;  // RESOLVE_* of linux/openat2.h
  if (lies_here()) return lying_failure();
  const Descriptor* root = descriptor(fd);
  if (root == nullptr) return -EBADF;
  const bool is_in_root = (how[2] & kInRoot) != 0;
  if (!is_in_root && !path.empty() && path[0] == '/') return -EXDEV;
  const Found found = machine->find(root->path, path, (how[0] & O_NOFOLLOW) == 0, is_in_root ? root->path : "/");
  if (found.error != 0) return -found.error;
  if ((how[2] & kNoLinks) != 0) {
    // Where links led the way there is another path than the one that was asked for.
    const std::string asked = root->path + (path == "." ? "" : "/" + path);
    if (found.path != asked && path.find("..") == std::string::npos && path.find("//") == std::string::npos) return -ELOOP;
  }
  if (found.path.compare(0, root->path.size(), root->path) != 0) return -EXDEV;
  if ((how[2] & kNoOtherMount) != 0 && machine->device_of(found.path) != machine->device_of(root->path)) return -EXDEV;
  return open_file("/", found.path, static_cast<long>(how[0]), 0);
}

long rename_file(const std::string& from_folder, const std::string& from, const std::string& to_folder, const std::string& to) {
  if (lies_here()) return lying_failure();
  const Found old = machine->find(from_folder, from, false);
  const Found next = machine->place_for(to_folder, to);
  if (old.error != 0 || next.error != 0) return -(old.error != 0 ? old.error : next.error);
  if (next.node != nullptr && (S_ISDIR(old.node->mode) || S_ISDIR(next.node->mode))) return -EEXIST;
  machine->rename(old.path, next.path);
  return 0;
}

long unlink_at(long fd, const std::string& path, long flags) {
  if (lies_here()) return lying_failure();
  const Found found = found_at(fd, path, false);
  return found.error != 0 ? -found.error : -machine->remove(found.path, (flags & AT_REMOVEDIR) != 0);
}

long make_folder(long fd, const std::string& path, long mode) {
  if (lies_here()) return lying_failure();
  const Found place = machine->place_for(folder_at(fd), path);
  if (place.error != 0) return -place.error;
  if (place.node != nullptr) return -EEXIST;
  create(place, S_IFDIR | (static_cast<uint32_t>(mode) & 07777));
  return 0;
}

long change_mode(long fd, uint32_t mode) {
  const Descriptor* found = descriptor(fd);
  if (found == nullptr) return -EBADF;
  found->node->mode = (found->node->mode & S_IFMT) | (mode & 07777);
  return 0;
}

// A detached mount of what is seen at a path.
long add_mount(const Found& found, const std::string& of) {
  const long fd = add_descriptor(found, false);
  if (fd >= 0) descriptor(fd)->mount_of = of;
  return fd;
}

long clone_tree(long fd, long flags) {
  if (lies_here()) return lying_failure();
  const Descriptor* folder = descriptor(fd);
  if (folder == nullptr) return -EBADF;
  if ((flags & OPEN_TREE_CLONE) == 0 || !S_ISDIR(folder->node->mode)) return -EINVAL;
  return add_mount({0, folder->path, folder->node}, folder->path);
}

long move_mount(long fd, const std::string& path, long flags) {
  constexpr long kSetGroup = 0x100;
  if (lies_here()) return lying_failure();
  const Descriptor* mount = descriptor(fd);
  const Found at = machine->find("/", path, true);
  if (mount == nullptr) return -EBADF;
  if (at.error != 0) return -at.error;
  if (!has_own_namespace || ((flags & kSetGroup) == 0 && mount->mount_of.empty())) return -EINVAL;
  if ((flags & kSetGroup) == 0 && at.path == kRootFolder) mounted_root = mount->mount_of;
  return 0;
}

long open_file_system(const std::string& type) {
  if (lies_here()) return lying_failure();
  if (type != "overlay" && type != "tmpfs") return -ENODEV;
  const long fd = add_descriptor({0, "fscontext", std::make_shared<Node>()}, false);
  if (fd >= 0) descriptor(fd)->file_system = type;
  return fd;
}

std::string setting(const Descriptor& context, const char* name) {
  const auto found = context.settings.find(name);
  return found == context.settings.end() ? "" : found->second;
}

long create_file_system(Descriptor* context) {
  if (context->file_system == "overlay") {
    for (const char* const name : {"lowerdir", "upperdir", "workdir"}) {
      const Found layer = machine->find("/", setting(*context, name), true);
      if (layer.error != 0) return -layer.error;
      if (!S_ISDIR(layer.node->mode)) return -EINVAL;
    }
  }
  context->is_created = true;
  return 0;
}

long configure_file_system(long fd, long command, long key, long value, long other) {
  if (lies_here()) return lying_failure();
  Descriptor* context = descriptor(fd);
  if (context == nullptr) return -EBADF;
  if (context->file_system.empty()) return -EINVAL;
  if (command == FSCONFIG_CMD_CREATE) return create_file_system(context);
  std::string name = text_at(key);
  if (name == "lowerdir+") name.pop_back();
  if (command == FSCONFIG_SET_FD) {
    const Descriptor* layer = descriptor(other);
    if (layer == nullptr) return -EBADF;
    context->settings[name] = layer->path;
  } else {
    context->settings[name] = value == 0 ? "" : path_at(value);
  }
  return 0;
}

// An overlay shows its lower here, which is all that is looked at in one.
long mount_file_system(long fd) {
  if (lies_here()) return lying_failure();
  const Descriptor* context = descriptor(fd);
  if (context == nullptr) return -EBADF;
  if (!context->is_created) return -EINVAL;
  if (context->file_system == "overlay") {
    const std::string lower = setting(*context, "lowerdir");
    return add_mount(machine->find("/", lower, true), lower + " below " + setting(*context, "upperdir"));
  }
  static unsigned count;
  const std::string path = "/detached-" + std::to_string(count++);
  machine->put(path, S_IFDIR | 0755)->is_mount = true;
  return add_mount(machine->find("/", path, true), "tmpfs");
}

long give_file_system(const Found& found, long to) {
  constexpr uint32_t kTypes[] = {0xef53, 0x01021994, 0x6969, 0x65735546, 0x794c7630, 0x58465342, 0};
  struct statfs* status = reinterpret_cast<struct statfs*>(to);
  const bool lies_now = lies_here();
  if (lies_now && (lies == Lies::kFailures || lie_byte() % 2 == 0)) return lying_failure();
  if (found.error != 0) return -found.error;
  memset(status, lies_now ? static_cast<int>(lie_byte()) : 0, sizeof *status);
  status->f_type = kTypes[lies_now ? lie_below(sizeof kTypes / sizeof *kTypes) : 0];
  if (lies_now) return 0;
  status->f_bsize = 4096;
  status->f_blocks = status->f_files = 1000000;
  status->f_bavail = status->f_ffree = 500000;
  return 0;
}

// There are none here, unless by a lie.
long give_attribute(const Found& found, long to, size_t size, long none) {
  look_at(reinterpret_cast<void*>(to), size);
  if (lies_here()) {
    if (lies == Lies::kFailures || lie_byte() % 2 == 0) return lying_failure();
    const size_t given = lie_byte() % 2 == 0 ? size : lie_byte() % (size + 1);
    write_content(reinterpret_cast<uint8_t*>(to), given);
    return static_cast<long>(given);
  }
  return found.error != 0 ? -found.error : none;
}

// Only for a user namespace whose process does nothing: what it is asked for are its files in /proc.
long start_process(long flags) {
  if (lies_here()) return lying_failure();
  if ((flags & CLONE_NEWUSER) == 0) return -EPERM;
  const std::string folder = "/proc/" + std::to_string(kUserNamespace);
  for (const char* const name : {"/uid_map", "/gid_map", "/ns/user"}) machine->put(folder + name, S_IFREG | 0644);
  return kUserNamespace;
}

size_t in_whole_pages(long size) { return (static_cast<size_t>(size) + 4095) / 4096 * 4096; }

// The engine's memory and stack are the process's own.
long map(long at, long size, long protection, long flags) {
  const bool is_engine = at == static_cast<long>(ENGINE_MEMORY_AT);
  // Asks what else lies where the engine reaches: here AddressSanitizer's own does. So says a limit of the address space.
  if (protection == PROT_NONE) return -ENOMEM;
  if (size < 0 || static_cast<size_t>(size) > kLargestMapping || lies_here()) {
    end->denied_memory = true;
    return -ENOMEM;
  }
  void* got = mmap(reinterpret_cast<void*>(at), static_cast<size_t>(size), static_cast<int>(protection), static_cast<int>(flags), -1, 0);
  if (got == MAP_FAILED) {
    end->denied_memory = true;
    return -errno;
  }
  if ((flags & MAP_STACK) != 0) {
    stack = {got, static_cast<size_t>(size)};
  } else if (is_engine) {
    close_memory_behind(SNAPSHOT_PAGES);
  } else {  // who asked for so much has no use for the rest of the page
    ASAN_POISON_MEMORY_REGION(static_cast<uint8_t*>(got) + size, in_whole_pages(size) - static_cast<size_t>(size));
  }
  return ociwrap::raw::number(got);
}

[[noreturn]] void ask_for_what_is_unknown(long number) {
  fprintf(stderr, "memory-kernel: the system call %ld is unknown\n", number);
  abort();
}

// A line for each call that was lied about: its number, its path if it has one, what was answered.
void note_lie(long number, long a, long b, long answered) {
  const char* path = "";
  switch (number) {
    case SYS_openat:
    case SYS_newfstatat:
    case SYS_statx:
    case SYS_readlinkat:
    case SYS_unlinkat:
    case SYS_mkdirat:
    case SYS_renameat2: path = reinterpret_cast<const char*>(b); break;
    case SYS_statfs:
    case SYS_lgetxattr:
    case SYS_lsetxattr:
    case SYS_llistxattr:
    case SYS_fsopen: path = reinterpret_cast<const char*>(a); break;
    default: {
      const Descriptor* found = descriptor(a);
      if (found != nullptr) path = found->path.c_str();
    }
  }
  const size_t room = sizeof end->lied - end->lied_size;
  const int size = snprintf(end->lied + end->lied_size, room, "%ld %s: %ld\n", number, path, answered);
  if (size > 0 && static_cast<size_t>(size) < room) end->lied_size += static_cast<uint32_t>(size);
}

}  // namespace

Stack engine_stack() { return stack; }

void look_at(const void* start, size_t size) {
  const void* closed = size == 0 ? nullptr : __asan_region_is_poisoned(const_cast<void*>(start), size);
  if (closed != nullptr) static_cast<void>(*static_cast<const volatile uint8_t*>(closed));
}

// Not all of it: so much as is quickly said of it.
void close_memory_behind(uint32_t pages) {
  constexpr size_t kClosed = 1 << 20;
  ASAN_POISON_MEMORY_REGION(reinterpret_cast<void*>(ENGINE_MEMORY_AT + (uint64_t{pages} << 16)), kClosed);
}

void start_kernel(MemoryMachine* of, Lies which, const std::string& given, End* into, void (*at_end)()) {
  machine = of;
  lies = which;
  input = given;
  end = into;
  before_end = at_end;
  descriptors.clear();
  mounted_root.clear();
  has_own_namespace = false;
  end->config_before = hash_of_config();
}

long carry_out(long number, long a, long b, long c, long d, long e) {
  now += 1000;
  if (++end->calls > kMostCalls) {
    fputs("memory-kernel: this never ends\n", stderr);
    abort();
  }
  switch (number) {
    case SYS_mmap: return map(a, b, c, d);
    case SYS_munmap:
      ASAN_UNPOISON_MEMORY_REGION(reinterpret_cast<void*>(a), in_whole_pages(b));
      return munmap(reinterpret_cast<void*>(a), static_cast<size_t>(b));
    case SYS_mremap: {
      void* moved = mremap(reinterpret_cast<void*>(a), static_cast<size_t>(b), static_cast<size_t>(c), static_cast<int>(d), e);
      return moved == MAP_FAILED ? -errno : ociwrap::raw::number(moved);
    }
    case SYS_madvise: return lies_here() ? lying_failure() : madvise(reinterpret_cast<void*>(a), static_cast<size_t>(b), static_cast<int>(c)) == 0 ? 0 : -errno;
    case SYS_clock_gettime: {
      timespec* to = reinterpret_cast<timespec*>(b);
      now += 1000000;  // an endless loop of a rule asks until its time is over
      if (lies == Lies::kAny && lies_here()) now = static_cast<uint64_t>(lie_word()) << 30;
      *to = {static_cast<long>(now / 1000000000u), static_cast<long>(now % 1000000000u)};
      return 0;
    }
    case SYS_nanosleep: now += static_cast<uint64_t>(reinterpret_cast<timespec*>(a)->tv_sec) * 1000000000u; return 0;
    case SYS_fstat: return status_of(a, b);
    case SYS_newfstatat: return status(found_at(a, path_at(b), (d & AT_SYMLINK_NOFOLLOW) == 0), c);
    case SYS_statx: return more_status(found_at(a, path_at(b), (c & AT_SYMLINK_NOFOLLOW) == 0), e);
    case SYS_read: return read_from(a, b, static_cast<size_t>(c), nullptr);
    case SYS_pread64: {
      const size_t at = static_cast<size_t>(d);
      return read_from(a, b, static_cast<size_t>(c), &at);
    }
    case SYS_write: return write_to(a, b, static_cast<size_t>(c));
    case SYS_readlinkat: return read_link(found_at(a, path_at(b), false), c, static_cast<size_t>(d));
    case SYS_getcwd: return give_working_directory(a, static_cast<size_t>(b));
    case SYS_getdents64: return give_names(a, b, static_cast<size_t>(c));
    case SYS_openat: return lies_here() ? lying_failure() : open_file(folder_at(a), path_at(b), c, d);
    case 437: return open_beneath(a, text_at(b), reinterpret_cast<const uint64_t*>(c));  // openat2
    case 439:  // faccessat2
    case SYS_faccessat: {
      if (lies_here()) return lying_failure();
      const Found found = found_at(a, text_at(b), true);
      return found.error != 0 ? -found.error : (found.node->mode & 0111) != 0 ? 0 : -EACCES;
    }
    case SYS_mkdirat: return make_folder(a, path_at(b), c);
    case SYS_unlinkat: return unlink_at(a, path_at(b), c);
    case SYS_renameat2: return rename_file(folder_at(a), path_at(b), folder_at(c), path_at(d));
    case SYS_close:
      if (descriptor(a) == nullptr) return -EBADF;
      *descriptor(a) = {};
      return lies_here() ? lying_failure() : 0;
    case SYS_fchmod: return lies_here() ? lying_failure() : change_mode(a, static_cast<uint32_t>(b));
    case SYS_fchown:
    case SYS_fsync:
    case SYS_flock: return lies_here() ? lying_failure() : descriptor(a) != nullptr ? 0 : -EBADF;
    case SYS_unshare:
      if (lies_here()) return lying_failure();
      has_own_namespace = true;
      return 0;
    case SYS_mount: {
      if (lies_here()) return lying_failure();
      const Found found = machine->find("/", path_at(b), true);
      return found.error != 0 ? -found.error : has_own_namespace ? 0 : -EBUSY;
    }
    case SYS_open_tree: return clone_tree(a, c);
    case SYS_move_mount: return move_mount(a, path_at(d), e);
    case SYS_mount_setattr: look_at(reinterpret_cast<void*>(d), static_cast<size_t>(e)); return lies_here() ? lying_failure() : descriptor(a) != nullptr ? 0 : -EBADF;
    case SYS_fsopen: return open_file_system(text_at(a));
    case SYS_fsconfig: return configure_file_system(a, b, c, d, e);
    case SYS_fsmount: return mount_file_system(a);
    case SYS_statfs: return give_file_system(machine->find("/", path_at(a), true), b);
    case SYS_lgetxattr: text_at(b); return give_attribute(machine->find("/", path_at(a), false), c, static_cast<size_t>(d), -ENODATA);
    case SYS_llistxattr: return give_attribute(machine->find("/", path_at(a), false), b, static_cast<size_t>(c), 0);
    case SYS_lsetxattr:
      text_at(b);
      look_at(reinterpret_cast<void*>(c), static_cast<size_t>(d));
      return lies_here() ? lying_failure() : -machine->find("/", path_at(a), false).error;
    case SYS_syncfs: return lies_here() ? lying_failure() : descriptor(a) != nullptr ? 0 : -EBADF;
    case SYS_clone: return start_process(a);
    case SYS_wait4: return lies_here() ? lying_failure() : a;
    case SYS_kill: return lies_here() ? lying_failure() : (b == 0 && a == 1) || a == kUserNamespace ? 0 : -ESRCH;
    case SYS_ioctl: return -ENOTTY;
    case SYS_prlimit64:
      if (lies_here()) return lying_failure();
      if (d != 0) *reinterpret_cast<ociwrap::Limit*>(d) = {lie_byte(), RLIM_INFINITY};
      return 0;
    case SYS_rt_sigpending: memset(reinterpret_cast<void*>(a), 0, static_cast<size_t>(b)); return 0;
    case SYS_rt_sigprocmask:
      if (c != 0) memset(reinterpret_cast<void*>(c), 0, static_cast<size_t>(d));
      return 0;
    // The handler is called where the engine reaches outside; AddressSanitizer's is called for all others.
    case SYS_rt_sigaction: return syscall(SYS_rt_sigaction, a, b, c, d) == 0 ? 0 : -errno;
    case SYS_rt_sigtimedwait: return -EAGAIN;
    case SYS_getpid: return 4321;
    case SYS_geteuid: return 0;
    case SYS_umask: return 022;
    case SYS_execve: {
      for (char** text = reinterpret_cast<char**>(b); *text != nullptr; text++) text_at(ociwrap::raw::number(*text));
      for (char** text = reinterpret_cast<char**>(c); *text != nullptr; text++) text_at(ociwrap::raw::number(*text));
      const Found found = machine->find(machine->working_directory, text_at(a), true);
      if (lies_here()) return lying_failure();
      if (found.error != 0) return -found.error;
      if (!S_ISREG(found.node->mode) || (found.node->mode & 0111) == 0) return -EACCES;
      end->executes_wrapper = found.node->bytes.substr(0, 4096).find("ociwrap:self:oci-runtime-wrapper") != std::string::npos;
      end_process(End::kExecve, 0);
    }
    case SYS_exit_group: end_process(End::kExit, static_cast<int>(a));
    default: ask_for_what_is_unknown(number);
  }
}

}  // namespace ociwrap_test

namespace ociwrap::raw {

long call(long number, long a, long b, long c, long d, long e, long) {
  using namespace ociwrap_test;
  const uint64_t lies_before = end->lies;
  const long answered = carry_out(number, a, b, c, d, e);
  if (end->lies > lies_before) note_lie(number, a, b, answered);
  return answered;
}

}  // namespace ociwrap::raw
