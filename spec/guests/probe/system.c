// Clocks, waiting, randomness and file descriptors: WASI's functions themselves where wasi-libc has none.
#include "probe.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

static long long nanoseconds(const struct timespec *time) {
  return time->tv_sec * 1000000000LL + time->tv_nsec;
}

// Nanoseconds: "realtime 1700000000000000000", "monotonic 12345".
static int clocks(int count, char **args) {
  (void)count, (void)args;
  struct timespec real, monotonic;
  if (clock_gettime(CLOCK_REALTIME, &real) != 0 || clock_gettime(CLOCK_MONOTONIC, &monotonic) != 0)
    return fail();
  printf("realtime %lld\nmonotonic %lld\n", nanoseconds(&real), nanoseconds(&monotonic));
  return 0;
}

static int random_bytes(int count, char **args) {
  (void)count;
  unsigned char bytes[256];
  size_t number = strtoul(args[0], NULL, 10);
  if (getentropy(bytes, number) != 0) // refuses more than 256
    return fail();
  print_hex(bytes, number);
  putchar('\n');
  return 0;
}

static int sleep_for(int count, char **args) {
  (void)count;
  long long milliseconds = atoll(args[0]);
  struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
  if (nanosleep(&time, NULL) != 0)
    return fail();
  puts("slept");
  return 0;
}

// Waits for stdin or the clock, whichever comes first: "stdin" or "clock", or both.
static int poll(int count, char **args) {
  (void)count;
  enum { STDIN = 1, CLOCK = 2 };
  __wasi_subscription_t wanted[2] = {
      {.userdata = STDIN, .u = {.tag = __WASI_EVENTTYPE_FD_READ, .u.fd_read.file_descriptor = 0}},
      {.userdata = CLOCK,
       .u = {.tag = __WASI_EVENTTYPE_CLOCK, .u.clock = {.id = __WASI_CLOCKID_MONOTONIC, .timeout = strtoull(args[0], NULL, 10) * 1000000}}}};
  __wasi_event_t events[2];
  __wasi_size_t number;
  __wasi_errno_t error = __wasi_poll_oneoff(wanted, events, 2, &number);
  if (error)
    return fail_with(error);
  for (__wasi_size_t i = 0; i < number; i++) {
    const char *event = events[i].userdata == STDIN ? "stdin" : "clock";
    printf(events[i].error ? "%s %s\n" : "%s\n", event, error_name(events[i].error));
  }
  return 0;
}

static int yield(int count, char **args) {
  (void)count, (void)args;
  if (sched_yield() != 0)
    return fail();
  puts("yielded");
  return 0;
}

// "3 /data" for each preopened folder.
static int preopens(int count, char **args) {
  (void)count, (void)args;
  __wasi_prestat_t about;
  for (__wasi_fd_t fd = 3; __wasi_fd_prestat_get(fd, &about) == __WASI_ERRNO_SUCCESS; fd++) {
    __wasi_size_t length = about.u.dir.pr_name_len;
    char *name = malloc(length);
    if (!name)
      return fail();
    __wasi_errno_t error = __wasi_fd_prestat_dir_name(fd, (uint8_t *)name, length);
    if (error)
      return fail_with(error);
    printf("%u %.*s\n", fd, (int)length, name);
    free(name);
  }
  return 0;
}

// "file flags=1 rights=4194303 inheriting=0", the numbers in hexadecimal.
static int fdstat(int count, char **args) {
  (void)count;
  __wasi_fdstat_t about;
  __wasi_errno_t error = __wasi_fd_fdstat_get(atoi(args[0]), &about);
  if (error)
    return fail_with(error);
  printf("%s flags=%x rights=%llx inheriting=%llx\n", kind_name(about.fs_filetype), about.fs_flags, (unsigned long long)about.fs_rights_base,
         (unsigned long long)about.fs_rights_inheriting);
  return 0;
}

static int sock_accept(int count, char **args) {
  (void)count;
  __wasi_fd_t connection;
  __wasi_errno_t error = __wasi_sock_accept(atoi(args[0]), 0, &connection);
  if (error)
    return fail_with(error);
  puts("accepted");
  return 0;
}

// More memory, by pages of 64 KiB.
static int grow(int count, char **args) {
  (void)count;
  puts(__builtin_wasm_memory_grow(0, strtoul(args[0], NULL, 10)) == (size_t)-1 ? "refused" : "grown");
  return 0;
}

const struct action system_actions[] = {
    {"clock", 0, clocks, ""},
    {"random", 1, random_bytes, "COUNT"},
    {"sleep", 1, sleep_for, "MILLISECONDS"},
    {"poll", 1, poll, "MILLISECONDS"},
    {"yield", 0, yield, ""},
    {"preopens", 0, preopens, ""},
    {"fdstat", 1, fdstat, "FD"},
    {"sock-accept", 1, sock_accept, "FD"},
    {"grow", 1, grow, "PAGES"},
    {NULL, 0, NULL, ""},
};
