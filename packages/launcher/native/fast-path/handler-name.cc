#include "handler-name.h"

namespace ociwrap {
namespace {

constexpr char kWrapper[] = "oci-runtime-wrapper-";

bool is_letter_or_digit(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9');
}

// What the name of a file and a key of TOML can be.
bool is_handler_name(Text name) {
  if (name.empty() || name.size() > kMaxHandlerName || !is_letter_or_digit(name.front())) return false;
  for (const char character : name) {
    if (!is_letter_or_digit(character) && character != '.' && character != '_' && character != '-') return false;
  }
  return true;
}

Text handler_in(Text path) {
  Text name = base_name(path);
  if (!starts_with(name, kWrapper)) return {};
  name.remove_prefix(sizeof kWrapper - 1);
  return is_handler_name(name) ? name : Text();
}

}  // namespace

Text handler_of(Text argv0, Text exec_fn) {
  const Text called = handler_in(argv0);
  return called.empty() ? handler_in(exec_fn) : called;
}

}  // namespace ociwrap
