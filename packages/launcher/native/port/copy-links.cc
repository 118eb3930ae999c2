#include "copy-links.h"

namespace ociwrap::engine::port {
namespace {

constexpr size_t kFirst = 1024;

// Of splitmix64 (Steele, Lea and Flood 2014): inode numbers stand close together.
uint64_t mixed(uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

}  // namespace

size_t LinkedFiles::place_of(uint64_t device, uint64_t inode) {
  const size_t mask = table_.size() - 1;
  size_t at = mixed(inode ^ mixed(device)) & mask;
  while (table_[at].path != 0 && (table_[at].device != device || table_[at].inode != inode)) at = (at + 1) & mask;
  return at;
}

const char* LinkedFiles::find(dev_t device, ino_t inode) {
  if (count_ == 0) return nullptr;
  const File& file = table_[place_of(device, inode)];
  return file.path == 0 ? nullptr : paths_.data() + file.path - 1;
}

bool LinkedFiles::grow() {
  GrowingList<File> old = table_;
  table_ = GrowingList<File>();
  if (!table_.extend(old.size() == 0 ? kFirst : old.size() * 2)) {
    table_ = old;
    return false;
  }
  for (size_t at = 0; at < old.size(); at++) {
    if (old[at].path != 0) table_[place_of(old[at].device, old[at].inode)] = old[at];
  }
  old.release();
  return true;
}

bool LinkedFiles::add(dev_t device, ino_t inode, Text path) {
  if (2 * (count_ + 1) > table_.size() && !grow()) return false;
  const size_t start = paths_.size();
  if (!paths_.append(path.data(), path.size()) || !paths_.push('\0')) return false;
  File& file = table_[place_of(device, inode)];
  if (file.path == 0) count_++;
  file = {device, inode, start + 1};
  return true;
}

void LinkedFiles::release() {
  table_.release();
  paths_.release();
  count_ = 0;
}

}  // namespace ociwrap::engine::port
