// Files by path: each is the system call of its name. open(2) and what acts on descriptors: descriptors.cc.
#include "file-status.h"
#include "port-values.h"

namespace ociwrap::engine::port {
namespace {

template <typename SystemCall>
Value with_path(const Arguments& arguments, SystemCall call) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  return answer(unusable != 0 ? unusable : call(path.c_str()));
}

// How many bytes of a text were put into the buffer; it is large enough for every path.
long give(Text text, Bytes buffer) {
  if (text.size() > buffer.size) return -ERANGE;
  engine_copy(buffer.data, reinterpret_cast<const uint8_t*>(text.data()), text.size());
  return static_cast<long>(text.size());
}

}  // namespace

Value stat(const Arguments& arguments) {
  return with_path(arguments, [&](const char* path) {
    struct stat found;
    const long failed = raw::stat(path, &found);
    return failed != 0 ? failed : give_status(found, bytes_at(arguments, 1));
  });
}

Value lstat(const Arguments& arguments) {
  return with_path(arguments, [&](const char* path) {
    struct stat found;
    const long failed = raw::lstat(path, &found);
    return failed != 0 ? failed : give_status(found, bytes_at(arguments, 1));
  });
}

Value readlink(const Arguments& arguments) {
  return with_path(arguments, [&](const char* path) {
    char target[PATH_MAX];
    const long length = raw::read_link(path, target, sizeof target);
    return length < 0 ? length : give({target, static_cast<size_t>(length)}, bytes_at(arguments, 1));
  });
}

Value realpath(const Arguments& arguments) {
  return with_path(arguments, [&](const char* path) {
    PathBuffer found;
    const long unresolved = real_path(path, &found);
    return unresolved != 0 ? unresolved : give(found.view(), bytes_at(arguments, 1));
  });
}

Value mkdir(const Arguments& arguments) {
  return with_path(arguments, [&](const char* path) {
    return raw::call(SYS_mkdirat, AT_FDCWD, raw::number(path), integer_at(arguments, 1));
  });
}

Value rmdir(const Arguments& arguments) {
  return with_path(arguments, [](const char* path) {
    return raw::call(SYS_unlinkat, AT_FDCWD, raw::number(path), AT_REMOVEDIR);
  });
}

Value unlink(const Arguments& arguments) {
  return with_path(arguments, [](const char* path) { return raw::call(SYS_unlinkat, AT_FDCWD, raw::number(path), 0); });
}

Value rename(const Arguments& arguments) {
  PathBuffer to;
  const long unusable = path_at(arguments, 1, &to);
  if (unusable != 0) return answer(unusable);
  return with_path(arguments, [&](const char* path) {
    return raw::call(SYS_renameat2, AT_FDCWD, raw::number(path), AT_FDCWD, raw::number(to.c_str()), 0);
  });
}

// What the link is to hold, and its path.
Value symlink(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 1, &path);
  if (unusable != 0) return answer(unusable);
  return with_path(arguments, [&](const char* target) {
    return raw::call(SYS_symlinkat, raw::number(target), AT_FDCWD, raw::number(path.c_str()));
  });
}

// A file, which is not followed, and its further name.
Value link(const Arguments& arguments) {
  PathBuffer to;
  const long unusable = path_at(arguments, 1, &to);
  if (unusable != 0) return answer(unusable);
  return with_path(arguments, [&](const char* path) {
    return raw::call(SYS_linkat, AT_FDCWD, raw::number(path), AT_FDCWD, raw::number(to.c_str()), 0);
  });
}

Value mayExecute(const Arguments& arguments) {
  PathBuffer path;
  return boolean(path_at(arguments, 0, &path) == 0 && raw::may_execute(path.c_str()));
}

// Names, each closed by a NUL; or what failed.
Value readdir(const Arguments& arguments) {
  PathBuffer path;
  const long unusable = path_at(arguments, 0, &path);
  if (unusable != 0) return answer(unusable);
  const Descriptor folder(uninterrupted([&] {
    return long{raw::open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC)};
  }));
  if (folder.get() < 0) return answer(folder.get());
  TextList names;
  const long failed = each_name(folder.get(), [&](Text name) { return names.append(name); });
  const Value list = names.take();
  if (failed == 0 || list == kException) return list;
  vm_JS_FreeValue(context(), list);
  return answer(failed);
}

}  // namespace ociwrap::engine::port
