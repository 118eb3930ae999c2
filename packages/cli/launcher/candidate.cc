#include "candidate.h"

#include "real-path.h"
#include "system-calls.h"

namespace ociwrap {
namespace {

// SELF_MARKER and MARKER_REACH of runtime-resolver. In two parts, so that no other program that links this file bears it.
constexpr char kMarkerStart[] = "ociwrap:self:";
constexpr char kMarkerEnd[] = "oci-runtime-wrapper";
constexpr size_t kMarkerReach = 4096;

bool holds_marker(const char* path) {
  const int fd = raw::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  static char head[kMarkerReach];
  const long count = raw::read_start(fd, head, sizeof head);
  raw::close(fd);
  if (count <= 0) return false;
  FixedText<sizeof kMarkerStart + sizeof kMarkerEnd> marker;
  marker.append(kMarkerStart);
  marker.append(kMarkerEnd);
  return contains({head, static_cast<size_t>(count)}, marker.view());
}

// Three proofs, each for what the others miss: device and inode (a hard link, a bind mount), the real path (the file was
// replaced while we run), the marker (a copy).
bool is_self(const PathText& path, const struct stat& found, const Self& self, PathBuffer* real) {
  if (found.st_dev == self.id.device && found.st_ino == self.id.inode) return true;
  if (!resolve_path(path.view(), real)) real->clear();
  if (!real->view().empty() && real->view() == self.real_path.view()) return true;
  return holds_marker(path.c_str());
}

// Whether only root can put names into the folder of an absolute path. A sticky bit is no help: it keeps others from
// removing a file, not from adding one; link(2) adds even one of root's.
bool is_in_trusted_folder(const PathText& path) {
  const Text name = base_name(path.view());
  const size_t length = path.view().size() - name.size();
  static PathText folder;
  folder.clear();
  folder.append(length > 1 ? Text(path.c_str(), length - 1) : Text("/"));
  struct stat found;
  return raw::stat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == 0 &&
         (found.st_mode & 022) == 0;
}

}  // namespace

bool leads_to_self(const PathText& path, const Self& self) {
  static PathBuffer real;
  struct stat found;
  return !path.overflowed() && raw::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         is_self(path, found, self, &real);
}

Verdict judge_candidate(const PathText& path, bool is_beside, const Self& self, PathBuffer* real) {
  struct stat found;
  if (path.overflowed() || raw::stat(path.c_str(), &found) != 0) return Verdict::kRejected;
  if (!S_ISREG(found.st_mode) || is_self(path, found, self, real)) return Verdict::kRejected;
  if (!raw::may_execute(path.c_str())) return Verdict::kRejected;
  if (is_beside && !is_in_trusted_folder(path)) return Verdict::kUntrustedFolder;
  return Verdict::kTaken;
}

}  // namespace ociwrap
