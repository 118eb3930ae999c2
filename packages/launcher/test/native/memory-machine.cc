#include "memory-machine.h"

#include <errno.h>
#include <sys/stat.h>

namespace ociwrap_test {
namespace {

constexpr int kMostLinks = 40;     // MAXSYMLINKS of the kernel
constexpr size_t kMostPath = 4096;  // PATH_MAX
constexpr size_t kMostName = 255;

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string below(const std::string& folder, const std::string& name) {
  return folder == "/" ? "/" + name : folder + "/" + name;
}

}  // namespace

NodeAt MemoryMachine::put(const std::string& path, uint32_t mode) {
  if (path != "/" && nodes_.count(parent_of(path)) == 0) put(parent_of(path), S_IFDIR | 0755);
  NodeAt& node = nodes_[path];
  node = std::make_shared<Node>();
  node->mode = mode;
  node->inode = inodes_++;
  node->changed = 1700000000000000000u + node->inode;
  return node;
}

Found MemoryMachine::find(const std::string& folder, const std::string& path, bool follows, const std::string& root) const {
  Found found;
  const auto fail = [&](int error) {
    found.error = error;
    found.node = nullptr;
    return found;
  };
  if (path.empty()) return fail(ENOENT);
  if (path.size() >= kMostPath) return fail(ENAMETOOLONG);
  std::string left = path;
  found.path = path[0] == '/' ? root : folder;
  int links = 0;
  for (;;) {
    const auto at = nodes_.find(found.path);
    found.node = at == nodes_.end() ? nullptr : at->second;
    const size_t start = left.find_first_not_of('/');
    if (found.node != nullptr && found.node->error != 0) return fail(found.node->error);
    if (start == std::string::npos) {
      const bool wants_folder = !left.empty();
      if (found.node == nullptr) return fail(ENOENT);
      return wants_folder && !S_ISDIR(found.node->mode) ? fail(ENOTDIR) : found;
    }
    if (found.node == nullptr) return fail(ENOENT);
    if (!S_ISDIR(found.node->mode)) return fail(ENOTDIR);
    const size_t end = left.find('/', start);
    const std::string name = left.substr(start, end == std::string::npos ? end : end - start);
    left = end == std::string::npos ? "" : left.substr(end);
    if (name.size() > kMostName) return fail(ENAMETOOLONG);
    if (name == ".") continue;
    if (name == "..") {
      if (found.path != root) found.path = parent_of(found.path);
      continue;
    }
    const std::string next = below(found.path, name);
    const auto entry = nodes_.find(next);
    const bool is_link = entry != nodes_.end() && S_ISLNK(entry->second->mode);
    if (!is_link || (!follows && left.empty())) {
      found.path = next;
      continue;
    }
    if (++links > kMostLinks) return fail(ELOOP);
    const std::string& target = entry->second->bytes;
    left = target + left;
    if (target.empty() || left.size() >= kMostPath) return fail(target.empty() ? ENOENT : ENAMETOOLONG);
    if (target[0] == '/') found.path = root;
  }
}

Found MemoryMachine::place_for(const std::string& folder, const std::string& path) const {
  const size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string above = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  Found found = find(folder, above, true);
  if (found.error == 0 && !S_ISDIR(found.node->mode)) found.error = ENOTDIR;
  if (name.empty() || name == "." || name == "..") found.error = EEXIST;
  if (name.size() > kMostName) found.error = ENAMETOOLONG;
  if (found.error != 0) return found;
  found.path = below(found.path, name);
  const auto at = nodes_.find(found.path);
  found.node = at == nodes_.end() ? nullptr : at->second;
  return found;
}

int MemoryMachine::remove(const std::string& path, bool folders) {
  const auto at = nodes_.find(path);
  if (at == nodes_.end()) return ENOENT;
  const bool is_folder = S_ISDIR(at->second->mode);
  if (is_folder != folders) return is_folder ? EISDIR : ENOTDIR;
  if (at->second->is_mount) return EBUSY;
  if (is_folder && !names_in(path).empty()) return ENOTEMPTY;
  nodes_.erase(at);
  return 0;
}

void MemoryMachine::rename(const std::string& from, const std::string& to) {
  nodes_[to] = nodes_[from];
  nodes_.erase(from);
  for (auto at = nodes_.lower_bound(from + "/"); at != nodes_.end() && at->first.compare(0, from.size() + 1, from + "/") == 0;) {
    nodes_[to + at->first.substr(from.size())] = at->second;
    at = nodes_.erase(at);
  }
}

std::string MemoryMachine::names_in(const std::string& path) const {
  std::string names;
  const std::string start = path == "/" ? path : path + "/";
  for (auto at = nodes_.lower_bound(start); at != nodes_.end() && at->first.compare(0, start.size(), start) == 0; ++at) {
    const std::string name = at->first.substr(start.size());
    if (name.empty() || name.find('/') != std::string::npos) continue;
    names += name;
    names += '\0';
  }
  return names;
}

uint64_t MemoryMachine::device_of(const std::string& path) const {
  for (std::string at = path;; at = parent_of(at)) {
    const auto found = nodes_.find(at);
    if (found != nodes_.end() && found->second->is_mount) return found->second->inode;
    if (at == "/") return 1;
  }
}

}  // namespace ociwrap_test
