#include "without-node.h"

#include <string.h>
#include <unistd.h>

#include "refusal.h"

namespace ociwrap {
namespace {

// CLI_ERROR_CODES of src/cli-error.ts.
constexpr char kCode[] = "ERR_NODE_CANNOT_RUN";
constexpr char kHint[] =
    "check that the lib folder beside the wrapper's bin folder is whole, and the limits of the engine's service "
    "(LimitNOFILE, LimitAS, LimitDATA, LimitSTACK, TasksMax)";

// What is not printable ASCII is written as an escape, byte for byte.
void append_printable(FixedText<1024>* out, const char* text) {
  constexpr char digits[] = "0123456789abcdef";
  for (; *text != '\0'; text++) {
    const unsigned char byte = static_cast<unsigned char>(*text);
    if (byte >= 0x20 && byte < 0x7f) {
      out->append(*text);
    } else {
      out->append("\\x");
      out->append(digits[byte >> 4]);
      out->append(digits[byte & 15]);
    }
  }
}

Refusal refusal_of(const NodeTrouble& trouble) {
  Refusal refusal = {kCode, kHint, {}};
  refusal.message.append(trouble.what);
  refusal.message.append(' ');
  append_printable(&refusal.message, trouble.subject);
  if (trouble.error != 0) {
    // By its name: strerror's texts are what engines look for in a runtime's output (podman turns them into exit
    // statuses of its own).
    const char* name = strerrorname_np(trouble.error);
    refusal.message.append(": ");
    refusal.message.append(name != nullptr ? name : "unknown error");
  }
  return refusal;
}

}  // namespace

void go_on_without_node(const CapturedState& state, const NodeTrouble& trouble) {
  (void)state;
  // SIGXFSZ is still ignored: a log or a stderr that RLIMIT_FSIZE lets no one write to must not kill a refusal.
  tell_refusal(refusal_of(trouble), {{}, false});
  _exit(1);
}

}  // namespace ociwrap
