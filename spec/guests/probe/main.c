#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wasi/api.h>

static const struct action *const tables[] = {stdio_actions, file_actions, system_actions, exit_actions};
enum { TABLES = sizeof tables / sizeof *tables };

static const struct action *find(const char *name) {
  for (int table = 0; table < TABLES; table++)
    for (const struct action *action = tables[table]; action->name; action++)
      if (strcmp(action->name, name) == 0)
        return action;
  return NULL;
}

static int list(void) {
  for (int table = 0; table < TABLES; table++)
    for (const struct action *action = tables[table]; action->name; action++)
      printf("%s%s%s\n", action->name, *action->arguments ? " " : "", action->arguments);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2)
    return list();
  const struct action *action = find(argv[1]);
  if (!action) {
    fprintf(stderr, "error: no action %s\n", argv[1]);
    return 2;
  }
  if (argc - 2 < action->least) {
    fprintf(stderr, "error: usage: %s %s\n", action->name, action->arguments);
    return 2;
  }
  int status = action->run(argc - 2, argv + 2);
  int lost = fflush(stdout) != 0 || ferror(stdout); // the end of a line may have been written, or not, before
  return lost && status == 0 ? fail() : status;
}

#define NAME(error) \
  case __WASI_ERRNO_##error: \
    return "E" #error;

const char *error_name(int error) {
  switch (error) {
    NAME(2BIG) NAME(ACCES) NAME(ADDRINUSE) NAME(ADDRNOTAVAIL) NAME(AFNOSUPPORT) NAME(AGAIN) NAME(ALREADY) NAME(BADF) NAME(BADMSG) NAME(BUSY)
    NAME(CANCELED) NAME(CHILD) NAME(CONNABORTED) NAME(CONNREFUSED) NAME(CONNRESET) NAME(DEADLK) NAME(DESTADDRREQ) NAME(DOM) NAME(DQUOT)
    NAME(EXIST) NAME(FAULT) NAME(FBIG) NAME(HOSTUNREACH) NAME(IDRM) NAME(ILSEQ) NAME(INPROGRESS) NAME(INTR) NAME(INVAL) NAME(IO) NAME(ISCONN)
    NAME(ISDIR) NAME(LOOP) NAME(MFILE) NAME(MLINK) NAME(MSGSIZE) NAME(MULTIHOP) NAME(NAMETOOLONG) NAME(NETDOWN) NAME(NETRESET)
    NAME(NETUNREACH) NAME(NFILE) NAME(NOBUFS) NAME(NODEV) NAME(NOENT) NAME(NOEXEC) NAME(NOLCK) NAME(NOLINK) NAME(NOMEM) NAME(NOMSG)
    NAME(NOPROTOOPT) NAME(NOSPC) NAME(NOSYS) NAME(NOTCONN) NAME(NOTDIR) NAME(NOTEMPTY) NAME(NOTRECOVERABLE) NAME(NOTSOCK) NAME(NOTSUP)
    NAME(NOTTY) NAME(NXIO) NAME(OVERFLOW) NAME(OWNERDEAD) NAME(PERM) NAME(PIPE) NAME(PROTO) NAME(PROTONOSUPPORT) NAME(PROTOTYPE) NAME(RANGE)
    NAME(ROFS) NAME(SPIPE) NAME(SRCH) NAME(STALE) NAME(TIMEDOUT) NAME(TXTBSY) NAME(XDEV) NAME(NOTCAPABLE)
    case __WASI_ERRNO_SUCCESS:
      return "SUCCESS";
  }
  return "EUNKNOWN";
}

const char *kind_name(int wasi_filetype) {
  static const char *const names[] = {"unknown", "block-device",    "character-device", "directory",
                                      "file",    "datagram-socket", "stream-socket",    "symlink"};
  return (size_t)wasi_filetype < sizeof names / sizeof *names ? names[wasi_filetype] : "invalid";
}

int fail(void) {
  return fail_with(errno);
}

int fail_with(int error) {
  fflush(stdout);
  fprintf(stderr, "error: %s\n", error_name(error));
  return 1;
}

int write_all(int fd, const void *bytes, size_t length) {
  const char *rest = bytes;
  while (length > 0) {
    ssize_t written = write(fd, rest, length);
    if (written < 0)
      return 0;
    rest += written;
    length -= written;
  }
  return 1;
}

int write_text(int fd, const char *text) {
  return write_all(fd, text, strlen(text));
}

void print_hex(const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++)
    printf("%02x", bytes[i]);
}
