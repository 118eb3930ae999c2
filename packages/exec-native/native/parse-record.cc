#include <fcntl.h>
#include <string.h>

#include "process-state.h"

namespace ociwrap {
namespace {

const char* check_strings(const uint8_t* bytes, const SectionHeader& section) {
  uint64_t ends = 0;
  for (uint64_t at = 0; at < section.size; at++) ends += bytes[at] == 0;
  if (ends != section.count) return "a list of strings has another length than it says";
  if (section.size > 0 && bytes[section.size - 1] != 0) return "a string does not end";
  return nullptr;
}

const char* check_descriptors(const RecordView& record) {
  const SectionHeader& section = record.header.sections[kDescriptors];
  if (section.size % sizeof(Descriptor) != 0 || section.size / sizeof(Descriptor) != section.count) {
    return "the list of descriptors has another length than it says";
  }
  int64_t previous = -1;
  for (uint64_t index = 0; index < section.count; index++) {
    const Descriptor entry = descriptor_at(record, index);
    if (entry.fd <= previous) return "the descriptors do not ascend";
    if ((entry.flags & ~static_cast<uint32_t>(FD_CLOEXEC)) != 0) return "a descriptor has unknown flags";
    previous = entry.fd;
  }
  return nullptr;
}

const char* check_header(const RecordHeader& header, size_t size) {
  if (memcmp(header.magic, kRecordMagic, sizeof header.magic) != 0) return "it is not a process state record";
  if (header.version != kRecordVersion) return "it has another version";
  if (header.header_size != sizeof header) return "its header has another size";
  if (header.total_size != size) return "it has another size than it says";
  if (header.umask > 07777) return "its umask is out of range";
  if (header.parent_death_signal > static_cast<uint32_t>(kSignalCount)) {
    return "its parent death signal is out of range";
  }
  return nullptr;
}

}  // namespace

Descriptor descriptor_at(const RecordView& record, uint64_t index) {
  Descriptor entry;  // the section need not be aligned
  memcpy(&entry, record.sections[kDescriptors] + index * sizeof entry, sizeof entry);
  return entry;
}

const char* parse_record(const uint8_t* bytes, size_t size, RecordView* out) {
  if (size < sizeof(RecordHeader)) return "it is shorter than its header";
  if (size > kRecordMaxSize) return "it is too large";
  memcpy(&out->header, bytes, sizeof out->header);
  if (const char* wrong = check_header(out->header, size)) return wrong;

  uint64_t at = sizeof(RecordHeader);
  for (uint32_t index = 0; index < kSectionCount; index++) {
    const SectionHeader& section = out->header.sections[index];
    if (section.size > size - at) return "a section ends outside it";
    out->sections[index] = bytes + at;
    at += section.size;
    if (index == kDescriptors) continue;
    if (const char* wrong = check_strings(out->sections[index], section)) return wrong;
    const bool single = index != kArgv && index != kEnv;
    if (single && section.count != 1) return "a path is missing";
  }
  if (at != size) return "bytes are left over at its end";
  return check_descriptors(*out);
}

}  // namespace ociwrap
