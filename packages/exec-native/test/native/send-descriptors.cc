// send-descriptors SOCKET TEXT [FILE...]: connects, sends TEXT with a descriptor of each FILE in one message, and leaves.
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  const int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(connection, reinterpret_cast<struct sockaddr*>(&address), sizeof address) != 0) return 3;

  const size_t count = static_cast<size_t>(argc - 3);
  int files[253];
  for (size_t index = 0; index < count; index++) {
    files[index] = open(argv[index + 3], O_RDWR | O_NOCTTY);
    if (files[index] < 0) return 4;
  }
  alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof files)] = {};
  struct iovec data = {argv[2], strlen(argv[2])};
  struct msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(part), files, count * sizeof(int));
  }
  return sendmsg(connection, &message, 0) < 0 ? 5 : 0;
}
