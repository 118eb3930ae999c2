#include "container-creator.h"

#include "system-calls.h"

namespace ociwrap {
namespace {

// STATES of container-creator.ts.
struct State {
  const char* dialect;
  const char* root;
  const char* file;
};
constexpr State kStates[] = {{"runc", "/run/runc", "state.json"}, {"crun", "/run/crun", "status"}};

bool is_plain_id(Text id) {
  if (id.empty() || id == "." || id == "..") return false;
  for (const char character : id) {
    const bool is_letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    const bool is_digit = character >= '0' && character <= '9';
    if (!is_letter && !is_digit && !contains("_.+-", Text(&character, 1))) return false;
  }
  return true;
}

bool is_plain_root(Text root) {
  if (!starts_with(root, "/")) return false;
  for (const char character : root) {
    if (character < ' ' || character > '~') return false;
  }
  return true;
}

bool has_state(Text dialect, const Invocation& invocation) {
  static FixedText<PATH_MAX> path;
  for (const State& state : kStates) {
    if (dialect != state.dialect) continue;
    const Text root = invocation.root != nullptr ? invocation.root : state.root;
    if (!is_plain_id(invocation.id) || !is_plain_root(root)) return false;
    path.clear();
    path.append(root);
    path.append('/');
    path.append(invocation.id);
    path.append('/');
    path.append(state.file);
    struct stat found;
    return !path.overflowed() && raw::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
  }
  return false;
}

}  // namespace

bool is_of_container(const Invocation& invocation) {
  return invocation.id != nullptr && invocation.certain && !carries_rewrite(invocation);
}

bool is_creator(const Invocation& invocation, const Resolution& chosen, const Resolution& usual) {
  if (!usual.found) return false;
  const Dialect one = dialect_of(chosen.path.view(), chosen.real_path.view());
  const Dialect other = dialect_of(usual.path.view(), usual.real_path.view());
  // A runtime whose kind is not known may be one that calls the other.
  if (!one.is_known || !other.is_known) return false;
  const Text first = one.grammar.dialect;
  const Text second = other.grammar.dialect;
  return first != second && !has_state(first, invocation) && has_state(second, invocation);
}

}  // namespace ociwrap
