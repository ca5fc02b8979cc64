// The plugin `slug`: a title becomes the last part of its address. `rake plugins` compiles it.
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name)))

// The host asks for room for what it passes, and gives back whatever it was given.
EXPORT(allocate) void *allocate(uint32_t length) { return malloc(length ? length : 1); }
EXPORT(free) void release(void *pointer, uint32_t length) {
  (void)length;
  free(pointer);
}

// Pointer and length go in, and come out in one number: the pointer in its upper half.
EXPORT(slug) uint64_t slug(const unsigned char *title, uint32_t length) {
  unsigned char *out = malloc(length ? length : 1);
  if (!out) abort();
  uint32_t used = 0;
  for (uint32_t i = 0; i < length; i++) {
    if (isalnum(title[i])) out[used++] = tolower(title[i]);
    else if (used > 0 && out[used - 1] != '-') out[used++] = '-';
  }
  if (used > 0 && out[used - 1] == '-') used--;
  return (uint64_t)(uintptr_t)out << 32 | used;
}
