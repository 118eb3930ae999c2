// Memory for the work on trees, in pages of the kernel: the engine's is too small for what a large image has of folders and hard
// links. Each list grows by doubling up to a limit, and is given back when the work ends.
#pragma once

#include "system-calls.h"

namespace ociwrap::engine::port {

// Of one list. Ten million hard links, or a folder of ten million names, fit.
constexpr size_t kLargestList = size_t{1} << 30;

// Without a destructor, since it is a variable of the program, which ends without any.
template <typename Item>
class GrowingList {
 public:
  size_t size() const { return size_; }
  Item* data() { return items_; }
  Item& operator[](size_t at) { return items_[at]; }
  Item& back() { return items_[size_ - 1]; }
  void shrink(size_t size) { size_ = size; }

  // False where there is no memory for it.
  bool append(const Item* items, size_t count) {
    if (count == 0) return true;
    if (!reserve(size_ + count)) return false;
    __builtin_memcpy(items_ + size_, items, count * sizeof(Item));
    size_ += count;
    return true;
  }
  bool push(const Item& item) { return append(&item, 1); }

  // So many items, all zeros behind those that are there.
  bool extend(size_t size) {
    if (!reserve(size)) return false;
    for (; size_ < size; size_++) items_[size_] = Item();
    return true;
  }

  void release() {
    if (items_ != nullptr) raw::call(SYS_munmap, raw::number(items_), static_cast<long>(bytes_));
    items_ = nullptr;
    size_ = bytes_ = 0;
  }

 private:
  static constexpr size_t kFirst = 65536;

  bool reserve(size_t count) {
    if (count <= bytes_ / sizeof(Item)) return true;
    size_t bytes = bytes_ == 0 ? kFirst : bytes_;
    while (bytes / sizeof(Item) < count && bytes < kLargestList) bytes *= 2;
    if (bytes / sizeof(Item) < count) return false;
    Item* const items = static_cast<Item*>(raw::memory(bytes));
    if (items == nullptr) return false;
    const size_t size = size_;
    if (size > 0) __builtin_memcpy(items, items_, size * sizeof(Item));
    release();
    items_ = items;
    size_ = size;
    bytes_ = bytes;
    return true;
  }

  Item* items_ = nullptr;
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace ociwrap::engine::port
