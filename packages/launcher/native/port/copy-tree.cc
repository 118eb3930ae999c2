// Work on whole trees: how large one is, a copy of one, and a folder made empty. What it is called with: system/tree-calls.ts.
//
// One work at a time, in slices of some milliseconds, so that the caller can say how far it is. A copy that was given up, by a signal
// or an error, goes on when it is begun again: what is complete is known by its times, which each entry gets last.
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

#include "copy-attributes.h"
#include "copy-content.h"
#include "copy-links.h"
#include "copy-walk.h"
#include "file-status.h"
#include "monotonic-clock.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

// The order of TREE_TASKS in engine-system.ts.
enum class Task : int64_t { kMeasure, kCopy, kClear, kNone };

// In the top folder of a volume: what is ours, and what mkfs(8) of ext4 makes, which e2fsck(8) needs.
constexpr char kOurs[] = ".ociwrap";
constexpr char kLostAndFound[] = "lost+found";

// Milliseconds.
constexpr int64_t kLongestSlice = 60000;

// What continueTree gives.
constexpr long kDone = 0, kMore = 1;

struct Work {
  Task task = Task::kNone;
  TreeWalk walk;
  LinkedFiles links;
  CopyMeans means;
  ContentCopy content;
  UntakenAttributes untaken;
  // The copy's top folder, which paths of hard links begin at.
  int top = -1;
  // The entry that the work is at, for messages.
  FixedText<NAME_MAX> name;
  bool is_at_entry = false;
  // What was met: entries, each hard link being one; bytes on the disk; inodes; entries that were there.
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t inodes = 0;
  uint64_t found = 0;
};
Work work;

void end_work() {
  work.content.end();
  work.walk.end();
  work.links.release();
  work.untaken.clear();
  work.name.clear();
  if (work.top >= 0) raw::close(work.top);
  work.top = -1;
  work.task = Task::kNone;
  work.means = CopyMeans();
  work.is_at_entry = false;
  work.entries = work.bytes = work.inodes = work.found = 0;
}

uint64_t on_disk(const struct stat& status) { return static_cast<uint64_t>(status.st_blocks) * 512; }

void count(const struct stat& status) {
  work.entries++;
  work.inodes++;
  work.bytes += on_disk(status);
}

bool is_top() { return work.walk.depth() == 1; }

long look(int folder, const char* name, struct stat* out) {
  const long wrong = look_in(folder, name, out);
  return wrong != 0 ? failed(Call::kStatx, wrong) : 0;
}

long look_at_open(int fd, struct stat* out) {
  const long wrong = raw::stat(fd, out);
  return wrong != 0 ? failed(Call::kFstat, wrong) : 0;
}

long unlink_in(int folder, const char* name, int flags) {
  const long wrong = raw::call(SYS_unlinkat, folder, raw::number(name), flags);
  return wrong != 0 && wrong != -ENOENT ? failed(Call::kUnlinkat, wrong) : 0;
}

long enter(int from, int to, const char* name) {
  const long wrong = work.walk.enter(from, to, name);
  work.is_at_entry = false;
  return wrong != 0 ? failed(Call::kGetdents64, wrong) : 0;
}

// Whether it is one name of several, of which another was met before. `add_link` is called with the first, when it is complete.
bool has_links(const struct stat& status) { return !S_ISDIR(status.st_mode) && status.st_nlink > 1; }

long add_link(const struct stat& status, const char* name) {
  if (!has_links(status)) return 0;
  const Text path = work.walk.path_of(name);
  return work.links.add(status.st_dev, status.st_ino, path) ? 0 : failed(Call::kMmap, -ENOMEM);
}

// Of a name that the image has just listed. overlayfs lists a whiteout (a device 0:0) of a folder that is in one layer only, where it
// then says that nothing is there.
bool is_gone(long error) { return error == -ENOENT; }

// ---- measuring -----------------------------------------------------------------------------------------------

long measure_folder(const char* name) {
  const long fd = open_folder_in(work.walk.level().from, name);
  if (is_gone(fd)) return 0;
  if (fd == -EXDEV) {  // a mount, of which a folder will be made
    work.entries++;
    work.inodes++;
    return 0;
  }
  if (fd < 0) return failed(Call::kOpenat2, fd);
  struct stat status;
  const long wrong = look_at_open(static_cast<int>(fd), &status);
  if (wrong != 0) {
    raw::close(static_cast<int>(fd));
    return wrong;
  }
  count(status);
  return enter(static_cast<int>(fd), -1, name);
}

long measure(const char* name) {
  struct stat status;
  const long wrong = look_in(work.walk.level().from, name, &status);
  if (wrong != 0) return is_gone(wrong) ? 0 : failed(Call::kStatx, wrong);
  if (S_ISDIR(status.st_mode)) return measure_folder(name);
  if (has_links(status) && work.links.find(status.st_dev, status.st_ino) != nullptr) {
    work.entries++;
    return 0;
  }
  count(status);
  return !has_links(status) || work.links.add(status.st_dev, status.st_ino, "") ? 0 : failed(Call::kMmap, -ENOMEM);
}

// ---- clearing ------------------------------------------------------------------------------------------------

long clear(const TreeEntry& entry, const char* name) {
  const int folder = work.walk.level().to;
  work.entries++;
  if (entry.type != DT_DIR) {
    const long wrong = raw::call(SYS_unlinkat, folder, raw::number(name), 0);
    if (wrong == 0 || wrong == -ENOENT) return 0;
    if (wrong != -EISDIR) return failed(Call::kUnlinkat, wrong);
  }
  const long fd = open_folder_in(folder, name);
  if (fd < 0) return failed(Call::kOpenat2, fd);
  return enter(-1, static_cast<int>(fd), name);
}

// ---- copying -------------------------------------------------------------------------------------------------

bool is_same_time(const timespec& one, const timespec& other) {
  // A file system that keeps seconds only (ext4 with small inodes, some NFS servers) has cut them off.
  return one.tv_sec == other.tv_sec && (one.tv_nsec == other.tv_nsec || one.tv_nsec == 0);
}

// Whether an entry of the copy is what it is to become. The time is what was set last.
bool is_complete(const struct stat& there, const struct stat& wanted) {
  if ((there.st_mode & S_IFMT) != (wanted.st_mode & S_IFMT) || !is_same_time(there.st_mtim, wanted.st_mtim)) return false;
  if (there.st_uid != wanted.st_uid || there.st_gid != wanted.st_gid) return false;
  if (!S_ISLNK(wanted.st_mode) && (there.st_mode & 07777) != (wanted.st_mode & 07777)) return false;
  if (S_ISREG(wanted.st_mode) || S_ISLNK(wanted.st_mode)) return there.st_size == wanted.st_size;
  return (!S_ISCHR(wanted.st_mode) && !S_ISBLK(wanted.st_mode)) || there.st_rdev == wanted.st_rdev;
}

// A file that was given up in the middle: as long as what it has, which is the beginning. -1 where it is to be made anew. What may
// be anything by now is opened as a path first: to open a device has effects.
long open_begun(int folder, const char* name, const struct stat& there, const struct stat& wanted) {
  if (!S_ISREG(there.st_mode) || there.st_nlink != 1 || there.st_size > wanted.st_size) return -1;
  const Descriptor file(open_in(folder, name, O_PATH));
  struct stat opened;
  if (file.get() < 0 || raw::stat(static_cast<int>(file.get()), &opened) != 0) return -1;
  if (!S_ISREG(opened.st_mode) || opened.st_ino != there.st_ino || opened.st_size != there.st_size) return -1;
  FixedText<32> path;
  path.append("/proc/self/fd/");
  path.append_number(static_cast<uint64_t>(file.get()));
  const long fd = raw::open_at(AT_FDCWD, path.c_str(), O_WRONLY | O_CLOEXEC);
  return fd < 0 ? -1 : fd;
}

// What `make` gives where the entry is there and complete.
constexpr long kIsThere = 1;

// Makes an entry that is no folder by a call that fails with EEXIST where there is one. The call's own answer, or kIsThere.
template <typename Make>
long make_entry(Call named, int folder, const char* name, const struct stat& wanted, Make make) {
  long made = make();
  if (made != -EEXIST) return made < 0 ? failed(named, made) : made;
  struct stat there;
  long wrong = look(folder, name, &there);
  if (wrong != 0) return wrong;
  if (is_complete(there, wanted)) {
    work.found++;
    return kIsThere;
  }
  wrong = unlink_in(folder, name, 0);
  if (wrong != 0) return wrong;
  made = make();
  return made < 0 ? failed(named, made) : made;
}

// Another name of a file that is there. kMore where it has no more room for names, and must be copied once more.
long link_to(const char* path, int folder, const char* name) {
  const Text whole = path;
  const Text base = base_name(whole);
  const Descriptor above(open_far(work.top, Text(path, whole.size() - base.size())));
  if (above.get() < 0) return failed(Call::kOpenat2, above.get());
  for (bool is_first = true;; is_first = false) {
    const long linked = raw::call(SYS_linkat, above.get(), raw::number(base.data()), folder, raw::number(name), 0);
    if (linked == 0) return kDone;
    if (linked == -EMLINK) return kMore;
    if (linked != -EEXIST || !is_first) return failed(Call::kLinkat, linked);
    struct stat first;
    struct stat there;
    long wrong = look(static_cast<int>(above.get()), base.data(), &first);
    if (wrong == 0) wrong = look(folder, name, &there);
    if (wrong != 0) return wrong;
    if (first.st_dev == there.st_dev && first.st_ino == there.st_ino) {
      work.found++;
      return kDone;
    }
    wrong = unlink_in(folder, name, 0);
    if (wrong != 0) return wrong;
  }
}

// Whether the entry was made as another name of one before it: kDone; kMore where it was not.
long copy_link(const struct stat& status, const char* name) {
  const char* const first = has_links(status) ? work.links.find(status.st_dev, status.st_ino) : nullptr;
  if (first == nullptr) return kMore;
  const long linked = link_to(first, work.walk.level().to, name);
  if (linked == kDone) work.entries++;
  return linked;
}

// Opened without changing its time of access, where that is ours to say.
long open_file(int folder, const char* name) {
  const long fd = open_in(folder, name, O_RDONLY | O_NONBLOCK | O_NOATIME);
  return fd == -EPERM ? open_in(folder, name, O_RDONLY | O_NONBLOCK) : fd;
}

long finish_file() {
  ContentCopy& content = work.content;
  const char* const name = work.name.c_str();
  const struct stat& status = content.status();
  long wrong = copy_attributes(content.from(), content.to(), status, work.walk.path_of(name), &work.untaken);
  content.end();
  if (wrong == 0) wrong = add_link(status, name);
  if (wrong == 0) count(status);
  return wrong;
}

long copy_file(const char* name) {
  const int folder = work.walk.level().to;
  Descriptor from(open_file(work.walk.level().from, name));
  // Something is mounted on it, such as /etc/hosts: a runtime makes what it mounts on.
  if (from.get() == -EXDEV || is_gone(from.get())) return 0;
  if (from.get() < 0) return failed(Call::kOpenat2, from.get());
  struct stat status;
  const long unknown = look_at_open(static_cast<int>(from.get()), &status);
  if (unknown != 0) return unknown;
  if (!S_ISREG(status.st_mode)) return failed(Call::kOpenat2, -ESTALE);
  const long linked = copy_link(status, name);
  if (linked != kMore) return linked;
  const auto create = [&] {
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    return long{raw::open_at(folder, name, kNew, status.st_mode & 0777)};
  };
  uint64_t at = 0;
  long to = create();
  if (to == -EEXIST) {
    struct stat there;
    long wrong = look(folder, name, &there);
    if (wrong != 0) return wrong;
    if (is_complete(there, status)) {
      work.found++;
      count(status);
      return add_link(status, name);
    }
    to = open_begun(folder, name, there, status);
    if (to >= 0) at = static_cast<uint64_t>(there.st_size);
    if (to < 0) {
      wrong = unlink_in(folder, name, 0);
      if (wrong != 0) return wrong;
      to = create();
    }
  }
  if (to < 0) return failed(Call::kOpenat, to);
  work.content.begin(static_cast<int>(from.release()), static_cast<int>(to), status, at);
  return 0;
}

long copy_symlink(const char* name, const struct stat& status) {
  const Level& level = work.walk.level();
  char target[PATH_MAX];
  const long length = raw::call(SYS_readlinkat, level.from, raw::number(name), raw::number(target), sizeof target - 1);
  if (length < 0) return failed(Call::kReadlinkat, length);
  target[length] = '\0';
  return make_entry(Call::kSymlinkat, level.to, name, status,
                    [&] { return raw::call(SYS_symlinkat, raw::number(target), level.to, raw::number(name)); });
}

long copy_special(const char* name, const struct stat& status) {
  const int folder = work.walk.level().to;
  return make_entry(Call::kMknodat, folder, name, status, [&] {
    return raw::call(SYS_mknodat, folder, raw::number(name), status.st_mode & (S_IFMT | 0777), static_cast<long>(status.st_rdev));
  });
}

long copy_other(const char* name, const struct stat& status) {
  const long linked = copy_link(status, name);
  if (linked != kMore) return linked;
  const Level& level = work.walk.level();
  long made = S_ISLNK(status.st_mode) ? copy_symlink(name, status) : copy_special(name, status);
  if (made == 0) {
    made = copy_attributes_in(level.from, level.to, name, status, work.walk.path_of(name), &work.untaken);
  }
  if (made < 0) return made;
  count(status);
  return add_link(status, name);
}

// Opens the copy of a folder, which is made where it is not there. Nobody else enters it before it has what the image's has.
long open_made_folder(int folder, const char* name) {
  for (bool is_first = true;; is_first = false) {
    const long made = raw::call(SYS_mkdirat, folder, raw::number(name), 0700);
    if (made != 0 && made != -EEXIST) return failed(Call::kMkdirat, made);
    const long fd = open_folder_in(folder, name);
    if (fd >= 0) return fd;
    if (!is_first || (fd != -ENOTDIR && fd != -ELOOP)) return failed(Call::kOpenat2, fd);
    const long wrong = unlink_in(folder, name, 0);
    if (wrong != 0) return wrong;
  }
}

long copy_folder(const char* name) {
  const Level& level = work.walk.level();
  Descriptor from(open_folder_in(level.from, name));
  if (is_gone(from.get())) return 0;
  const bool is_mount = from.get() == -EXDEV;
  if (from.get() < 0 && !is_mount) return failed(Call::kOpenat2, from.get());
  Descriptor to(open_made_folder(level.to, name));
  if (to.get() < 0) return to.get();
  if (!is_mount) {
    return enter(static_cast<int>(from.release()), static_cast<int>(to.release()), name);
  }
  struct stat status;
  const long wrong = look(level.from, name, &status);
  if (wrong != 0) return wrong;
  work.entries++;
  return copy_status(static_cast<int>(to.get()), status);
}

// When all that is in it is there: what is made in a folder changes its time.
long finish_folder() {
  const Level& level = work.walk.level();
  struct stat status;
  long wrong = look_at_open(level.from, &status);
  if (wrong == 0) wrong = copy_attributes(level.from, level.to, status, work.walk.path(), &work.untaken);
  if (wrong == 0) count(status);
  return wrong;
}

long copy(const TreeEntry& entry, const char* name) {
  if (entry.type == DT_REG) return copy_file(name);
  if (entry.type == DT_DIR) return copy_folder(name);
  struct stat status;
  const long wrong = look_in(work.walk.level().from, name, &status);
  if (wrong != 0) return is_gone(wrong) ? 0 : failed(Call::kStatx, wrong);
  if (S_ISREG(status.st_mode)) return copy_file(name);
  return S_ISDIR(status.st_mode) ? copy_folder(name) : copy_other(name, status);
}

// ---- all -----------------------------------------------------------------------------------------------------

// Behind the last entry of a folder.
long finish_level() {
  work.is_at_entry = false;
  if (work.task == Task::kCopy) {
    const long wrong = finish_folder();
    if (wrong != 0) return wrong;
  }
  const bool was_top = is_top();
  FixedText<NAME_MAX> name;
  const Text left = base_name(work.walk.path());
  name.append(left);
  const long wrong = work.walk.leave();
  if (wrong != 0) return failed(Call::kOpenat, wrong);
  if (work.task != Task::kClear || was_top) return 0;
  if (is_top() && name.view() == kLostAndFound) return 0;
  return unlink_in(work.walk.level().to, name.c_str(), AT_REMOVEDIR);
}

long step() {
  if (work.content.is_begun()) {
    const long more = work.content.go_on(&work.means);
    return more < 0 ? more : more == 0 ? finish_file() : 0;
  }
  const TreeEntry* const entry = work.walk.next();
  if (entry == nullptr) return finish_level();
  work.name.clear();
  work.name.append(work.walk.name_of(*entry));
  work.is_at_entry = true;
  if (is_top() && work.name.view() == kOurs) return 0;
  const char* const name = work.name.c_str();
  switch (work.task) {
    case Task::kMeasure: return measure(name);
    case Task::kClear: return clear(*entry, name);
    default: return copy(*entry, name);
  }
}

// While this works, what is made has the mode that it is made with, and a limit on the size of files (RLIMIT_FSIZE), which is the
// container's, does not hold.
class OfOurOwn {
 public:
  OfOurOwn() : umask_(raw::call(SYS_umask, 0)) {
    has_limit_ = raw::exchange_limit(RLIMIT_FSIZE, nullptr, &limit_) == 0 && limit_.soft < limit_.hard;
    const Limit raised = {limit_.hard, limit_.hard};
    if (has_limit_) raw::exchange_limit(RLIMIT_FSIZE, &raised, nullptr);
  }
  ~OfOurOwn() {
    if (has_limit_) raw::exchange_limit(RLIMIT_FSIZE, &limit_, nullptr);
    raw::call(SYS_umask, umask_);
  }
  OfOurOwn(const OfOurOwn&) = delete;
  OfOurOwn& operator=(const OfOurOwn&) = delete;

 private:
  long umask_;
  Limit limit_ = {0, 0};
  bool has_limit_;
};

long begin_work(int from, int to) {
  const bool lists_copy = work.task == Task::kClear;
  long wrong = work.walk.begin(lists_copy ? -1 : from, work.task == Task::kMeasure ? -1 : to,
                               lists_copy ? Listed::kTo : Listed::kFrom);
  if (wrong != 0 || work.task != Task::kCopy) return wrong;
  const long top = open_folder_in(to, ".");
  if (top < 0) return failed(Call::kOpenat2, top);
  work.top = static_cast<int>(top);
  return remove_acls(work.top);
}

}  // namespace

// An index of Task, the image's folder, the volume's.
Value beginTree(const Arguments& arguments) {
  const int64_t task = integer_at(arguments, 0);
  if (task < 0 || task >= static_cast<int64_t>(Task::kNone)) return answer(-EINVAL);
  end_work();
  work.task = static_cast<Task>(task);
  const int image = descriptor_at(arguments, 1);
  const int volume = descriptor_at(arguments, 2);
  return answer(begin_work(image, volume));
}

// Milliseconds, and an array for four numbers: see Work. 1 where more is to be done, 0 where all is done.
Value continueTree(const Arguments& arguments) {
  if (work.task == Task::kNone) return answer(-EINVAL);
  const int64_t asked = integer_at(arguments, 0);
  const int64_t end = monotonic_now() + (asked < 0 ? 0 : asked < kLongestSlice ? asked : kLongestSlice) * 1000000;
  long wrong = 0;
  {
    const OfOurOwn guard;
    // The clock is asked for seldom: an entry takes some microseconds.
    for (unsigned steps = 0; wrong == 0 && !work.walk.is_over(); steps++) {
      if ((steps % 16 == 15 || work.content.is_long()) && monotonic_now() >= end) break;
      wrong = step();
    }
  }
  const uint64_t values[] = {work.entries, work.bytes + work.content.copied(), work.inodes, work.found};
  const long no_room = give_numbers(values, bytes_at(arguments, 1));
  if (wrong == 0) wrong = no_room;
  return answer(wrong != 0 ? wrong : work.walk.is_over() ? kDone : kMore);
}

// Texts, each closed by a NUL: the path that the work is at, beneath the top folder; then attributes that the copy could not be given,
// and for each the first path that has it.
Value treeNotes(const Arguments&) {
  TextList texts;
  const bool has_path = work.task != Task::kNone && work.walk.depth() > 0;
  texts.append(!has_path ? "" : work.is_at_entry ? work.walk.path_of(work.name.view()) : work.walk.path());
  Text rest = work.untaken.texts();
  while (!rest.empty()) {
    const size_t length = find(rest, '\0');
    texts.append(Text(rest.data(), length));
    rest.remove_prefix(length + 1);
  }
  return texts.take();
}

Value endTree(const Arguments&) {
  end_work();
  return kUndefined;
}

}  // namespace ociwrap::engine::port
