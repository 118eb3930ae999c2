#include "candidate.h"

#include "real-path.h"
#include "system-calls.h"

namespace ociwrap {
namespace {

// SELF_MARKER and MARKER_REACH of runtime-resolver. In two parts, so that no other program that links this file bears it.
constexpr char kMarkerStart[] = "ociwrap:self:";
constexpr char kMarkerEnd[] = "oci-runtime-wrapper";
constexpr size_t kMarkerReach = 4096;

// The first bytes of a file; empty where it may not be read.
Text read_head(const char* path) {
  const int fd = raw::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return {};
  static char head[kMarkerReach];
  const long count = raw::read_start(fd, head, sizeof head);
  raw::close(fd);
  return count <= 0 ? Text() : Text(head, static_cast<size_t>(count));
}

bool holds_marker(Text head) {
  FixedText<sizeof kMarkerStart + sizeof kMarkerEnd> marker;
  marker.append(kMarkerStart);
  marker.append(kMarkerEnd);
  return contains(head, marker.view());
}

// Three proofs, each for what the others miss: device and inode (a hard link, a bind mount), the real path (the file was
// replaced while we run), the marker (a copy). Where it is not, `head` becomes the first bytes of the file.
bool is_self(const PathText& path, const struct stat& found, const Self& self, PathBuffer* real, Text* head) {
  if (found.st_dev == self.id.device && found.st_ino == self.id.inode) return true;
  if (!resolve_path(path.view(), real)) real->clear();
  if (!real->view().empty() && real->view() == self.real_path.view()) return true;
  *head = read_head(path.c_str());
  return holds_marker(*head);
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

bool is_of_word(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '.' || character == '_' || character == '+' ||
         character == '/' || character == '-';
}

// Cuts the first line off, without its end.
Text take_line(Text* text) {
  const size_t length = find(*text, '\n');
  const Text line(text->data(), length);
  text->remove_prefix(length < text->size() ? length + 1 : length);
  return line;
}

// The next word of a line; empty when there is none left.
Text take_word(Text* line) {
  while (!line->empty() && !is_of_word(line->front())) line->remove_prefix(1);
  size_t length = 0;
  while (length < line->size() && is_of_word((*line)[length])) length++;
  const Text word(line->data(), length);
  line->remove_prefix(length);
  return word;
}

bool is_comment(Text line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  return !line.empty() && line.front() == '#';
}

bool word_leads_to(Text word, const struct stat& script) {
  if (!starts_with(word, "/")) return true;
  static PathText path;
  path.clear();
  path.append(word);
  struct stat found;
  if (path.overflowed() || raw::stat(path.c_str(), &found) != 0) return true;
  return found.st_dev == script.st_dev && found.st_ino == script.st_ino;
}

// isScriptOfItself() of script-of-itself.ts.
bool is_script_of_itself(const PathText& path, const struct stat& found, Text head) {
  constexpr char kReal[] = ".real";
  const Text name = base_name(path.view());
  const size_t length = sizeof kReal - 1;
  if (name.size() < length || Text(name.end() - length, length) != kReal) return false;
  if (!starts_with(take_line(&head), "#!")) return false;
  while (!head.empty()) {
    Text line = take_line(&head);
    if (is_comment(line)) continue;
    for (Text word = take_word(&line); !word.empty(); word = take_word(&line)) {
      if (base_name(word) == name && word_leads_to(word, found)) return true;
    }
  }
  return false;
}

}  // namespace

bool leads_to_self(const PathText& path, const Self& self) {
  static PathBuffer real;
  struct stat found;
  Text head;
  return !path.overflowed() && raw::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         is_self(path, found, self, &real, &head);
}

Verdict judge_candidate(const PathText& path, bool is_beside, const Self& self, PathBuffer* real, FileIdentity* id) {
  struct stat found;
  if (path.overflowed() || raw::stat(path.c_str(), &found) != 0) return Verdict::kRejected;
  *id = {static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)};
  Text head;
  if (!S_ISREG(found.st_mode) || is_self(path, found, self, real, &head)) return Verdict::kRejected;
  if (!raw::may_execute(path.c_str())) return Verdict::kRejected;
  if (is_beside && !is_in_trusted_folder(path)) return Verdict::kUntrustedFolder;
  if (is_script_of_itself(path, found, head)) return Verdict::kScriptOfItself;
  return Verdict::kTaken;
}

}  // namespace ociwrap
