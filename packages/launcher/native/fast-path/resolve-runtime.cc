#include "resolve-runtime.h"

#include "candidate.h"
#include "system-calls.h"

namespace ociwrap {
namespace {

// DEFAULT_SEARCH_PATH, NVIDIA_PLACES, RUNC_PLACES and MAX_PASSAGES of runtime-resolver.
constexpr char kDefaultSearchPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kNvidiaPlaces[] = {"/usr/bin/nvidia-container-runtime.real",
                                         "/usr/local/bin/nvidia-container-runtime.real"};
constexpr const char* kRuncPlaces[] = {"/usr/bin/runc", "/usr/sbin/runc", "/usr/local/sbin/runc"};
constexpr uint32_t kMaxPassages = 4;

// nvidia-config.ts of runtime-resolver.
constexpr char kPackagedConfig[] = "/etc/nvidia-container-runtime/config.toml";
constexpr char kOwnConfig[] = "/.config/nvidia-container-runtime/config.toml";

constexpr char kNvidiaName[] = "nvidia-container-runtime";
constexpr char kNvidiaHookName[] = "nvidia-container-runtime-hook";

enum class Mode { kRunc, kNvidia };

bool is_nvidia_name(Text name) { return contains(name, kNvidiaName) && name != kNvidiaHookName; }

bool mode_of_name(Text path, Mode* out) {
  const Text name = base_name(path);
  if (is_nvidia_name(name)) {
    *out = Mode::kNvidia;
    return true;
  }
  *out = Mode::kRunc;
  return contains(name, "runc");
}

void warn(Resolution* out, const char* before, Text about, const char* after) {
  if (out->warning_count == sizeof out->warnings / sizeof out->warnings[0]) return;
  out->warnings[out->warning_count++] = {before, about, after};
}

Mode detect_mode(const RuntimeQuery& query, Resolution* out) {
  const Text wanted = variable(query.env, "SGS_WRAPPER_MODE");
  if (wanted == "nvidia") return Mode::kNvidia;
  if (wanted == "runc") return Mode::kRunc;
  Mode mode;
  if (!mode_of_name(query.invoked_as, &mode)) mode_of_name(query.exec_fn, &mode);
  if (!wanted.empty()) {
    warn(out, "SGS_WRAPPER_MODE is ", wanted,
         mode == Mode::kNvidia ? ", which is neither nvidia nor runc: using nvidia, as if it were unset"
                               : ", which is neither nvidia nor runc: using runc, as if it were unset");
  }
  return mode;
}

// How many passages lie behind this one; anything beyond kMaxPassages counts as that.
uint32_t read_depth(const RuntimeQuery& query, Resolution* out) {
  const Text text = variable(query.env, "OCIWRAP_DEPTH");
  uint32_t passed = 0;
  for (const char character : text) {
    if (character < '0' || character > '9') {
      warn(out, "OCIWRAP_DEPTH is ", text, ", which is not a number: counting from 0");
      return 0;
    }
    passed = passed * 10 + static_cast<uint32_t>(character - '0');
    if (passed > kMaxPassages) passed = kMaxPassages;
  }
  return passed;
}

Text without_slashes_at_end(Text folder) {
  while (!folder.empty() && folder.back() == '/') folder.remove_suffix(1);
  return folder;
}

void put_in_folder(PathText* out, Text folder, Text name) {
  append_decoded(out, without_slashes_at_end(folder));
  out->append('/');
  append_decoded(out, name);
}

// ".." is left alone: the kernel resolves it after symlinks, text cannot.
void put_absolute(PathText* out, Text path) {
  static PathBuffer cwd;
  // Where the folder is unknown the path stays relative, and the kernel resolves it.
  if (starts_with(path, "/") || !read_working_directory(&cwd)) {
    append_decoded(out, path);
  } else {
    put_in_folder(out, cwd.view(), path);
  }
}

// Goes through the absolute entries of PATH until `accept` says true of the file `name` there. Relative and empty
// entries mean the working folder, which for a runtime call is the bundle.
template <typename Accept>
bool search_path(const RuntimeQuery& query, Text name, PathText* path, Accept accept) {
  Text folders = variable(query.env, "PATH");
  if (folders.empty()) folders = kDefaultSearchPath;
  for (;;) {
    const size_t length = find(folders, ':');
    if (length > 0 && folders[0] == '/') {
      path->clear();
      put_in_folder(path, {folders.data(), length}, name);
      if (accept()) return true;
    }
    if (length == folders.size()) return false;
    folders.remove_prefix(length + 1);
  }
}

bool is_there(const char* path) {
  struct stat found;
  return raw::stat(path, &found) == 0;
}

// The configuration of NVIDIA's runtime in a folder of the GPU operator, where the wrapper stands in the place of the
// script that names it: toolkitConfig().
void find_toolkit_config(const RuntimeQuery& query, Resolution* out) {
  const Text path = out->beside.view();
  const Text name = base_name(path);
  if (!starts_with(path, "/") || !is_nvidia_name(name)) return;
  for (const char* place : kNvidiaPlaces) {
    if (path == place) return;
  }
  if (!variable(query.env, kNvidiaConfigVariable).empty() || !variable(query.env, "XDG_CONFIG_HOME").empty()) return;
  out->nvidia_config.append(without_slashes_at_end({path.data(), path.size() - name.size()}));
  out->nvidia_config.append(kOwnConfig);
  if (!is_there(out->nvidia_config.c_str()) && is_there(kPackagedConfig)) out->nvidia_config.clear();
}

// The search for one call.
class Search {
 public:
  Search(const RuntimeQuery& query, Resolution* out) : query_(query), out_(out), path_(&out->path) {}

  bool named(Text name) {
    if (contains(name, "/")) {
      path_->clear();
      put_absolute(path_, name);
      return take(false);
    }
    return search_path(query_, name, path_, [this] { return take(false); });
  }

  bool nvidia() { return beside() || places(kNvidiaPlaces); }

  bool runc() {
    if (!is_nvidia_name(called_name_) && beside()) return true;
    return search_path(query_, "runc", path_, [this] { return take(false); }) || places(kRuncPlaces);
  }

  // Whether it ended at a runtime that must not be called; no other one may take its place.
  bool refused() const { return refused_; }
  bool took_beside() const { return took_beside_; }

  // The path by which we were called, symlinks not followed, with ".real" behind it: AT_EXECFN, else argv[0], each only
  // with a slash in it. A bare name was looked up on PATH by the caller, and so it is here.
  void find_beside() {
    const Text names[] = {query_.exec_fn, query_.invoked_as};
    PathText* called = &out_->beside;
    called->clear();
    for (const Text name : names) {
      if (!contains(name, "/")) continue;
      called_name_ = base_name(name);
      put_absolute(called, name);
      called->append(".real");
      has_beside_ = true;
      return;
    }
    const Text bare = names[0].empty() ? names[1] : names[0];
    if (bare.empty()) return;
    has_beside_ = search_path(query_, bare, called, [&] { return leads_to_self(*called, *query_.self); });
    if (!has_beside_) return;
    called_name_ = bare;
    called->append(".real");
  }

 private:
  bool beside() {
    if (!has_beside_ || looked_beside_) return false;
    looked_beside_ = true;
    path_->assign(out_->beside);
    took_beside_ = take(true);
    return took_beside_;
  }

  template <size_t Count>
  bool places(const char* const (&paths)[Count]) {
    for (const char* place : paths) {
      // Once is enough: what was not believed beside our name is not believed as a built-in place either.
      if (looked_beside_ && out_->beside.view() == place) continue;
      path_->clear();
      path_->append(place);
      if (take(false)) return true;
    }
    return false;
  }

  // Whether the search is over.
  bool take(bool is_beside) {
    const Verdict verdict = judge_candidate(*path_, is_beside, *query_.self, &out_->real_path, &out_->id);
    if (verdict == Verdict::kUntrustedFolder) {
      warn(out_, "passed over ", out_->beside.view(),
           ": its folder must belong to root and be writable by root alone");
    }
    refused_ = verdict == Verdict::kScriptOfItself;
    return verdict == Verdict::kTaken || refused_;
  }

  const RuntimeQuery& query_;
  Resolution* out_;
  PathText* path_;
  Text called_name_;
  bool has_beside_ = false;
  bool looked_beside_ = false;
  bool took_beside_ = false;
  bool refused_ = false;
};

}  // namespace

Text variable(char* const* env, Text name) {
  for (; *env != nullptr; env++) {
    Text entry = *env;
    if (!starts_with(entry, name) || entry.size() == name.size() || entry[name.size()] != '=') continue;
    entry.remove_prefix(name.size() + 1);
    return entry;
  }
  return {};
}

// find_own_file() of capture.cc.
void find_self(const char* exec_fn, Self* out) {
  static char link[PATH_MAX];
  struct stat found;
  const long length = raw::read_link("/proc/self/exe", link, sizeof link - 1);
  bool is_known = length > 0 && raw::stat("/proc/self/exe", &found) == 0;
  out->path.clear();
  if (is_known) {
    out->path.append(Text(link, static_cast<size_t>(length)));
  } else {
    is_known = resolve_path(exec_fn, &out->path) && raw::stat(out->path.c_str(), &found) == 0;
  }
  out->id = {0, 0};
  if (is_known) {
    out->id = {static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)};
  } else {
    out->path.clear();
  }
  if (!resolve_path(out->path.view(), &out->real_path)) out->real_path.clear();
}

void resolve_runtime(const RuntimeQuery& query, Resolution* out) {
  out->found = false;
  out->warning_count = 0;
  out->nvidia_config.clear();
  const Mode mode = detect_mode(query, out);
  out->is_nvidia = mode == Mode::kNvidia;
  const uint32_t passed = read_depth(query, out);
  out->depth = passed + 1;
  if (passed >= kMaxPassages) return;

  Search search(query, out);
  const Text named = query.without_choice ? Text() : variable(query.env, "SGS_RUNC_PATH");
  if (!named.empty()) {
    out->found = search.named(named) && !search.refused();
    return;
  }
  search.find_beside();
  if (mode == Mode::kNvidia && search.nvidia()) {
    out->found = !search.refused();
    if (search.took_beside()) find_toolkit_config(query, out);
    return;
  }
  out->found = search.runc() && !search.refused();
  if (out->found && mode == Mode::kNvidia) {
    warn(out, "no nvidia-container-runtime.real to call: using ", out->path.view(),
         ", so containers get no GPU from NVIDIA's runtime");
  }
}

}  // namespace ociwrap
