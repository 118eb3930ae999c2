#include "library-path.h"

#include "text.h"

namespace ociwrap {
namespace {

Text folder_of(Text path) {
  path.remove_suffix(base_name(path).size());
  if (!path.empty()) path.remove_suffix(1);
  return path;
}

}  // namespace

void library_path(const char* exe_path, const char* name, char (&out)[PATH_MAX]) {
  static FixedText<PATH_MAX - 1> path;
  path.clear();
  path.append(folder_of(folder_of(exe_path)));
  path.append("/lib/");
  path.append(name);
  out[0] = '\0';
  if (exe_path[0] != '/' || path.overflowed()) return;
  copy_bytes(out, path.c_str(), path.view().size() + 1);
}

}  // namespace ociwrap
