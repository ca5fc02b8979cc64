// The ways in which a command ends.
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

static unsigned status;

// What is in stdout's buffer has to be seen: exit flushes it.
static int exit_with(int count, char **args) {
  (void)count;
  puts("exiting");
  exit((int)strtoul(args[0], NULL, 10));
}

// From main: 0 never calls proc_exit.
static int return_from_main(int count, char **args) {
  (void)count;
  puts("returning");
  return (int)strtoul(args[0], NULL, 10);
}

__attribute__((noinline)) static int nested(volatile int *depth) {
  if (*depth == 0)
    __wasi_proc_exit(status);
  --*depth;
  int result = nested(depth);
  ++*depth; // what is left to do keeps the compiler from making a loop of it
  return result;
}

static void leave(void) {
  volatile int depth = 10;
  write_text(1, "leaving\n");
  nested(&depth);
  write_text(1, "never printed\n");
}

// Ten calls deep inside of a function that runs after main has returned.
static int deep_exit(int count, char **args) {
  (void)count;
  status = (unsigned)strtoul(args[0], NULL, 10);
  if (atexit(leave) != 0)
    return fail();
  write_text(1, "returning\n");
  return 0;
}

static int abort_now(int count, char **args) {
  (void)count, (void)args;
  write_text(1, "aborting\n");
  abort();
}

__attribute__((noinline)) static int endless(volatile int *depth) {
  if (*depth < 0)
    return 0;
  ++*depth;
  int result = endless(depth);
  ++*depth;
  return result;
}

static int trap(int count, char **args) {
  (void)count;
  volatile int zero = 0, one = 1;
  write_text(1, "trapping\n");
  if (strcmp(args[0], "unreachable") == 0)
    __builtin_trap();
  else if (strcmp(args[0], "divide") == 0)
    return one / zero;
  else if (strcmp(args[0], "memory") == 0)
    return *(volatile int *)0xfffffffc;
  else if (strcmp(args[0], "stack") == 0)
    return endless(&zero);
  fprintf(stderr, "error: no trap %s\n", args[0]);
  return 2;
}

// Never ends by itself.
static int spin(int count, char **args) {
  (void)count, (void)args;
  write_text(1, "spinning\n");
  for (volatile unsigned turns = 0;; turns++)
    ;
}

const struct action exit_actions[] = {
    {"exit", 1, exit_with, "STATUS"},
    {"return", 1, return_from_main, "STATUS"},
    {"deep-exit", 1, deep_exit, "STATUS"},
    {"abort", 0, abort_now, ""},
    {"trap", 1, trap, "unreachable|divide|memory|stack"},
    {"spin", 0, spin, ""},
    {NULL, 0, NULL, ""},
};
