// What the TypeScript side (src/fast-path-table.ts) leaves for the launcher: the trigger texts of the active rules, and
// what they were computed from. One file for each launcher, named after its device and inode, and for each handler, whose name follows.
#pragma once

#include "file-identity.h"
#include "trigger-scan.h"

namespace ociwrap {

constexpr char kTableFolder[] = "/run/ociwrap";
constexpr size_t kMaxTableSize = 16 * 1024;

// What of a file changes when the file does.
using FileStamp = FixedText<88>;

// "<device> <inode> <size> <ctime in nanoseconds>", each decimal. False when there is no such file.
bool stamp_file(const char* path, FileStamp* out);

// Reads the table of this launcher. False when there is none that can be believed: another's file, another version, a
// file that is not whole, or not as new as what it was computed from. `triggers` point into static memory.
// `exe` is this program; `handler` is empty for a call of none.
bool read_table(const char* exe, FileIdentity id, Text handler, Triggers* triggers);

// The same for the bytes of a table, with the stamp that it must have been written for.
bool parse_table(Text bytes, Text launcher_stamp, Triggers* triggers);

}  // namespace ociwrap
