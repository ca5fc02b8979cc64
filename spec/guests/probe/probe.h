// A command of many small actions; argv[1] names the one to run. What goes wrong is told on stderr, with exit code 1.
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>

// Gets what follows the action's name; args[count] is NULL. Returns the exit code.
typedef int action_function(int count, char **args);

struct action {
  const char *name;
  int least; // arguments that it needs
  action_function *run;
  const char *arguments; // for the list of actions
};

// One table in each file, ended by an action without a name.
extern const struct action exit_actions[], file_actions[], stdio_actions[], system_actions[];

// Print "error: ENOENT" on stderr and return 1. The second takes WASI's number, which wasi-libc uses for errno too.
int fail(void);
int fail_with(int error);
const char *error_name(int error);
const char *kind_name(int wasi_filetype);

// Straight to the file descriptor, past stdio's buffers. False, with errno set, when it failed.
int write_all(int fd, const void *bytes, size_t length);
int write_text(int fd, const char *text);

void print_hex(const unsigned char *bytes, size_t length);

#endif
