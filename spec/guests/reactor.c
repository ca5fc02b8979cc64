// A library: _initialize is called once, then any export. Its memory belongs to the host between two calls.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT(name) __attribute__((export_name(#name)))

static volatile int32_t ready; // a plain one would have its final value from the start, computed by the compiler
static int32_t calls;

// What _initialize runs.
__attribute__((constructor)) static void prepare(void) {
  ready++;
}

// How often _initialize was called: 0 before.
EXPORT(initialized) int32_t initialized(void) {
  return ready;
}

EXPORT(add) int32_t add(int32_t a, int32_t b) {
  return a + b;
}

// 1, 2, 3 ...
EXPORT(count) int32_t count(void) {
  return ++calls;
}

// "Hello, NAME!" with a zero at its end, from malloc: the host frees it.
EXPORT(greet) char *greet(const char *name, int32_t length) {
  char *text = malloc(length + sizeof "Hello, !");
  if (!text)
    return NULL;
  memcpy(text, "Hello, ", 7);
  memcpy(text + 7, name, length);
  memcpy(text + 7 + length, "!", 2);
  return text;
}

// A line on stdout, at once.
EXPORT(say) void say(const char *text, int32_t length) {
  printf("%.*s\n", (int)length, text);
  fflush(stdout);
}

// The next byte of stdin, -1 at its end.
EXPORT(next) int32_t next(void) {
  unsigned char byte;
  return read(0, &byte, 1) == 1 ? byte : -1;
}

EXPORT(quit) void quit(int32_t status) {
  exit(status);
}

EXPORT(trap) void trap(void) {
  __builtin_trap();
}
