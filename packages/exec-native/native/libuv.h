// The few functions of libuv that are used. Node.js exports them, and keeps them for as long as it is libuv 1; neither
// its headers nor the size of a handle are needed: libuv says that itself.
#pragma once

#include <stddef.h>

extern "C" {
struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;

size_t uv_handle_size(int type);
void* uv_handle_get_data(const uv_handle_s* handle);
void uv_handle_set_data(uv_handle_s* handle, void* data);
void uv_close(uv_handle_s* handle, void (*done)(uv_handle_s*));
int uv_poll_init(uv_loop_s* loop, uv_poll_s* handle, int fd);
int uv_poll_start(uv_poll_s* handle, int events, void (*ready)(uv_poll_s*, int status, int events));
int uv_poll_stop(uv_poll_s* handle);
}

namespace ociwrap {

// Of uv_handle_type and uv_poll_event in uv.h.
constexpr int kUvPoll = 8;
constexpr int kUvReadable = 1;

}  // namespace ociwrap
