// Arguments, environment and the three standard streams.
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

// 0 "probe" 70726f6265
static int args(int count, char **args) {
  for (int i = -2; i < count; i++) {
    printf("%d \"%s\" ", i + 2, args[i]);
    print_hex((const unsigned char *)args[i], strlen(args[i]));
    putchar('\n');
  }
  return 0;
}

// As given, in that order.
static int env(int count, char **args) {
  (void)count, (void)args;
  for (char **entry = environ; *entry; entry++)
    puts(*entry);
  return 0;
}

static int cat(int count, char **args) {
  (void)count, (void)args;
  static char buffer[65536];
  ssize_t length;
  while ((length = read(0, buffer, sizeof buffer)) > 0)
    if (!write_all(1, buffer, length))
      return fail();
  return length < 0 ? fail() : 0;
}

// One read after the other, up to two that returned 0: "read 5: hello", then "read 0" twice.
static int reads(int count, char **args) {
  static char buffer[65536];
  size_t size = count > 0 ? strtoul(args[0], NULL, 10) : sizeof buffer;
  if (size > sizeof buffer)
    return fail_with(EINVAL);
  for (int ends = 0; ends < 2;) {
    ssize_t length = read(0, buffer, size);
    if (length < 0)
      return fail();
    ends += length == 0;
    printf("read %zd%s%.*s\n", length, length ? ": " : "", (int)length, buffer);
  }
  return 0;
}

// Answers each line of stdin at once: "1: hello".
static int lines(int count, char **args) {
  (void)count, (void)args;
  static char line[65536];
  for (int number = 1; fgets(line, sizeof line, stdin); number++) {
    line[strcspn(line, "\n")] = '\0';
    printf("%d: %s\n", number, line);
    fflush(stdout);
  }
  return ferror(stdin) ? fail() : 0;
}

// COUNT bytes of the alphabet, over and over, in writes of CHUNK.
static int flood(int count, char **args) {
  static char alphabet[65536];
  for (size_t i = 0; i < sizeof alphabet; i++)
    alphabet[i] = 'a' + i % 26;
  unsigned long long total = strtoull(args[0], NULL, 10);
  int fd = count > 1 && strcmp(args[1], "stderr") == 0 ? 2 : 1;
  size_t chunk = count > 2 ? strtoul(args[2], NULL, 10) : 4096;
  if (chunk == 0 || chunk > sizeof alphabet - 26)
    return fail_with(EINVAL);
  for (unsigned long long done = 0; done < total;) {
    size_t length = total - done < chunk ? total - done : chunk;
    if (!write_all(fd, alphabet + done % 26, length))
      return fail();
    done += length;
  }
  return 0;
}

// "out 1" on stdout, "err 1" on stderr, "out 2" ...
static int interleave(int count, char **args) {
  (void)count;
  int rounds = atoi(args[0]);
  char line[32];
  for (int i = 1; i <= rounds; i++)
    for (int fd = 1; fd <= 2; fd++) {
      snprintf(line, sizeof line, "%s %d\n", fd == 1 ? "out" : "err", i);
      if (!write_text(fd, line))
        return fail();
    }
  return 0;
}

static int echo(int count, char **args) {
  for (int i = 0; i < count; i++)
    printf("%s%s", i ? " " : "", args[i]);
  putchar('\n');
  return 0;
}

// Closes the descriptor, then uses it once.
static int closed(int count, char **args) {
  (void)count;
  int fd = atoi(args[0]);
  char byte = 'x';
  if (close(fd) != 0)
    return fail();
  return (fd == 0 ? read(fd, &byte, 1) : write(fd, &byte, 1)) < 0 ? fail() : 0;
}

const struct action stdio_actions[] = {
    {"args", 0, args, "[ARG...]"},
    {"env", 0, env, ""},
    {"echo", 0, echo, "[ARG...]"},
    {"cat", 0, cat, ""},
    {"reads", 0, reads, "[SIZE]"},
    {"lines", 0, lines, ""},
    {"flood", 1, flood, "COUNT [stdout|stderr] [CHUNK]"},
    {"interleave", 1, interleave, "ROUNDS"},
    {"closed", 1, closed, "FD"},
    {NULL, 0, NULL, ""},
};
