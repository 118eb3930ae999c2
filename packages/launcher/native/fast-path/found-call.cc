#include "found-call.h"

namespace ociwrap {
namespace {

// Paths and a few words. A call with longer ones is looked at anew.
FixedText<16384> members;

void append_member(Text name, Text value) {
  members.append(name);
  members.append('=');
  members.append(value);
  members.append('\0');
}

void append_member(Text name, const char* value) {
  if (value != nullptr) append_member(name, Text(value));
}

void append_member(Text name, uint64_t value) {
  members.append(name);
  members.append('=');
  members.append_number(value);
  members.append('\0');
}

}  // namespace

Text describe_found_call(const Resolution& resolution, const Invocation& invocation, bool has_table) {
  members.clear();
  const bool is_plain = resolution.found && resolution.warning_count == 0 && !resolution.path.overflowed() &&
                        invocation.certain && !invocation.has_other_reading && carries_rewrite(invocation);
  if (!is_plain) return {};
  append_member("path", resolution.path.view());
  if (!resolution.real_path.view().empty()) append_member("realPath", resolution.real_path.view());
  append_member("device", resolution.id.device);
  append_member("inode", resolution.id.inode);
  append_member("mode", resolution.is_nvidia ? "nvidia" : "runc");
  append_member("depth", uint64_t{resolution.depth});
  if (!resolution.nvidia_config.view().empty()) append_member("nvidiaConfig", resolution.nvidia_config.view());
  append_member("verb", invocation.verb);
  append_member("bundle", invocation.bundle);
  append_member("configFile", invocation.config_file);
  append_member("id", invocation.id);
  append_member("log", invocation.log);
  append_member("logFormat", invocation.log_format);
  append_member("root", invocation.root);
  if (has_table) append_member("table", "yes");
  return members.overflowed() ? Text() : members.view();
}

}  // namespace ociwrap
