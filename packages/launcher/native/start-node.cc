#include "start-node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "utf8.h"

namespace ociwrap {
namespace {

iovec piece(const char* text) { return {const_cast<char*>(text), strlen(text)}; }

}  // namespace

// errno by its name: strerror's texts are what engines look for in a runtime's output (podman turns them into exit
// statuses of its own).
void fail(const char* program, const char* what, const char* subject, int error) {
  const char* name = error == 0 ? "" : strerrorname_np(error);
  static FixedText<6 * PATH_MAX> shown;
  append_quoted(&shown, subject);
  const iovec line[] = {piece(program), piece(": "), piece(what), piece(" "), piece(shown.c_str()),
                        piece(error == 0 ? "" : ": "), piece(name != nullptr ? name : "unknown error"), piece("\n")};
  const ssize_t written = writev(STDERR_FILENO, line, sizeof line / sizeof line[0]);
  (void)written;  // stderr may be closed; there is no one else to tell
  _exit(1);
}

void require_file(const char* program, const char* path) {
  if (access(path, R_OK) != 0) fail(program, "cannot read", path, errno);
  struct stat found;
  if (stat(path, &found) == 0 && found.st_size == 0) fail(program, "cannot use the empty file", path, 0);
}

void become_node(const char* program, const char* node, char* const* argv, char* const* env) {
  execve(node, argv, env);
  fail(program, "cannot start", node, errno);
}

}  // namespace ociwrap
