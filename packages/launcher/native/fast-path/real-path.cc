#include "real-path.h"

#include "system-calls.h"

namespace ociwrap {
namespace {

constexpr int kMaxLinks = 40;  // MAXSYMLINKS of the kernel

PathBuffer rest;      // what is still to be walked
PathBuffer expanded;  // a link's target with that behind it
char target[PATH_MAX];

Text take_component(Text* path) {
  while (!path->empty() && path->front() == '/') path->remove_prefix(1);
  const Text name(path->data(), find(*path, '/'));
  path->remove_prefix(name.size());
  return name;
}

// The folder of an absolute path; that of "/" is "/".
void drop_last_component(PathBuffer* path) {
  Text folder = path->view();
  folder.remove_suffix(base_name(folder).size());
  while (!folder.empty() && folder.back() == '/') folder.remove_suffix(1);
  expanded.clear();
  expanded.append(folder);
  path->assign(expanded);
}

}  // namespace

bool read_working_directory(PathBuffer* out) {
  out->clear();
  // The kernel marks a folder outside our root with "(unreachable)".
  if (raw::working_directory(target, sizeof target) <= 0 || target[0] != '/') return false;
  out->append(target);
  return true;
}

// `out` grows by one component at a time and never holds a link; it is empty for "/".
long real_path(Text path, PathBuffer* out) {
  rest.clear();
  rest.append(path);
  out->clear();
  if (path.empty()) return -ENOENT;
  if (rest.overflowed()) return -ENAMETOOLONG;
  if (path.front() != '/' && !read_working_directory(out)) return -ENOENT;
  if (out->view() == "/") out->clear();

  int links = 0;
  Text left = rest.view();
  for (Text name = take_component(&left); !name.empty(); name = take_component(&left)) {
    if (name == ".") continue;
    if (name == "..") {
      drop_last_component(out);
      continue;
    }
    out->append('/');
    out->append(name);
    if (out->overflowed()) return -ENAMETOOLONG;
    const long length = raw::read_link(out->c_str(), target, sizeof target);
    if (length == -EINVAL) continue;  // no link
    if (length < 0) return length;
    if (length == 0) return -ENOENT;
    if (length == sizeof target) return -ENAMETOOLONG;
    if (++links > kMaxLinks) return -ELOOP;
    if (target[0] == '/') {
      out->clear();
    } else {
      drop_last_component(out);
    }
    expanded.clear();
    expanded.append(Text(target, static_cast<size_t>(length)));
    expanded.append(left);
    if (expanded.overflowed()) return -ENAMETOOLONG;
    rest.assign(expanded);
    left = rest.view();
  }
  if (out->view().empty()) out->append('/');
  return 0;
}

}  // namespace ociwrap
