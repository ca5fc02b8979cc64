// Calls functions of the module "host" between what it prints. Built twice: as a command (main calls run) and as a reactor (the host does).
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))

IMPORT(log) void host_log(const char *text, int32_t length);
IMPORT(ask) int32_t host_ask(int32_t number);

// "before log", log("hello from the guest"), "before ask", ask(number), "the answer is 42".
int32_t run(int32_t number) {
  static const char greeting[] = "hello from the guest";
  puts("before log");
  fflush(stdout);
  host_log(greeting, strlen(greeting));
  puts("before ask");
  fflush(stdout);
  int32_t answer = host_ask(number);
  printf("the answer is %d\n", answer);
  fflush(stdout);
  return answer;
}

// For an exit inside of a call that a host function makes.
void quit(int32_t status) {
  exit(status);
}

int main(int argc, char **argv) {
  run(argc > 1 ? atoi(argv[1]) : 21);
  return 0;
}
