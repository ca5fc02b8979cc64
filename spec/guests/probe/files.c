// Files and folders. Paths go through wasi-libc, which finds the preopened folder they belong to; open-at asks the host directly.
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

static int read_file(int count, char **args) {
  (void)count;
  static char buffer[65536];
  int fd = open(args[0], O_RDONLY);
  if (fd < 0)
    return fail();
  ssize_t length;
  while ((length = read(fd, buffer, sizeof buffer)) > 0)
    if (!write_all(1, buffer, length))
      return fail();
  return length < 0 ? fail() : 0;
}

static int write_file(char **args, int flags) {
  int fd = open(args[0], O_WRONLY | flags, 0666);
  if (fd < 0 || !write_text(fd, args[1]) || close(fd) != 0)
    return fail();
  puts("done");
  return 0;
}

static int create(int count, char **args) {
  (void)count;
  return write_file(args, O_CREAT | O_TRUNC);
}

static int create_new(int count, char **args) {
  (void)count;
  return write_file(args, O_CREAT | O_EXCL);
}

static int append(int count, char **args) {
  (void)count;
  return write_file(args, O_APPEND);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// "directory inner", "file hello.txt": sorted, without . and ..
static int ls(int count, char **args) {
  (void)count;
  DIR *folder = opendir(args[0]);
  if (!folder)
    return fail();
  char **rows = NULL;
  size_t number = 0;
  struct dirent *entry;
  while (errno = 0, entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    char **more = realloc(rows, (number + 1) * sizeof *rows);
    if (!more || asprintf(&more[number], "%s %s", kind_name(entry->d_type), entry->d_name) < 0)
      return fail_with(ENOMEM);
    rows = more;
    number++;
  }
  if (errno)
    return fail();
  if (number > 0)
    qsort(rows, number, sizeof *rows, by_name);
  for (size_t i = 0; i < number; i++)
    puts(rows[i]);
  return 0;
}

// The size only of what has the same everywhere.
static int show(const struct stat *about) {
  mode_t kind = about->st_mode & S_IFMT;
  if (kind == S_IFREG)
    printf("file %lld\n", (long long)about->st_size);
  else
    puts(kind == S_IFDIR ? "directory" : kind == S_IFLNK ? "symlink" : kind == S_IFCHR ? "character-device" : "other");
  return 0;
}

static int stat_path(int count, char **args) {
  (void)count;
  struct stat about;
  return stat(args[0], &about) == 0 ? show(&about) : fail();
}

static int lstat_path(int count, char **args) {
  (void)count;
  struct stat about;
  return lstat(args[0], &about) == 0 ? show(&about) : fail();
}

// Seconds since 1970.
static int mtime(int count, char **args) {
  (void)count;
  struct stat about;
  if (stat(args[0], &about) != 0)
    return fail();
  printf("%lld\n", (long long)about.st_mtim.tv_sec);
  return 0;
}

static int touch(int count, char **args) {
  (void)count;
  struct timespec times[2] = {{.tv_sec = atoll(args[1])}, {.tv_sec = atoll(args[1])}};
  if (utimensat(AT_FDCWD, args[0], times, 0) != 0)
    return fail();
  puts("done");
  return 0;
}

static int read_link(int count, char **args) {
  (void)count;
  char target[4096];
  ssize_t length = readlink(args[0], target, sizeof target);
  if (length < 0)
    return fail();
  printf("%.*s\n", (int)length, target);
  return 0;
}

// The path as it is, below the preopened folder FD: "opened file".
static int open_at(int count, char **args) {
  __wasi_fd_t fd;
  __wasi_fdstat_t about;
  __wasi_lookupflags_t lookup = count > 2 && strcmp(args[2], "follow") == 0 ? __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW : 0;
  __wasi_errno_t error = __wasi_path_open(atoi(args[0]), lookup, args[1], 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd);
  if (!error)
    error = __wasi_fd_fdstat_get(fd, &about);
  if (error)
    return fail_with(error);
  printf("opened %s\n", kind_name(about.fs_filetype));
  return 0;
}

// Opens the file again and again, up to COUNT times.
static int open_many(int count, char **args) {
  (void)count;
  int most = atoi(args[1]);
  for (int opened = 0; opened < most; opened++)
    if (open(args[0], O_RDONLY) < 0) {
      int error = errno; // printf sets it too
      printf("opened %d\n", opened);
      return fail_with(error);
    }
  printf("opened %d\n", most);
  return 0;
}

static int seek(int count, char **args) {
  (void)count;
  off_t offset = lseek(atoi(args[0]), 0, SEEK_CUR);
  if (offset < 0)
    return fail();
  printf("%lld\n", (long long)offset);
  return 0;
}

// An action that is one call, 0 when it worked: prints "done".
#define DOES(name, call) \
  static int name(int count, char **args) { \
    (void)count; \
    if ((call) != 0) \
      return fail(); \
    puts("done"); \
    return 0; \
  }

DOES(make_folder, mkdir(args[0], 0777))
DOES(remove_folder, rmdir(args[0]))
DOES(move, rename(args[0], args[1]))
DOES(remove_file, unlink(args[0]))
DOES(make_symlink, symlink(args[0], args[1]))
DOES(make_link, link(args[0], args[1]))
DOES(cut, truncate(args[0], atoll(args[1])))

const struct action file_actions[] = {
    {"read", 1, read_file, "PATH"},
    {"write", 2, create, "PATH TEXT"},
    {"write-new", 2, create_new, "PATH TEXT"},
    {"append", 2, append, "PATH TEXT"},
    {"truncate", 2, cut, "PATH SIZE"},
    {"mkdir", 1, make_folder, "PATH"},
    {"rmdir", 1, remove_folder, "PATH"},
    {"ls", 1, ls, "PATH"},
    {"rename", 2, move, "FROM TO"},
    {"unlink", 1, remove_file, "PATH"},
    {"stat", 1, stat_path, "PATH"},
    {"lstat", 1, lstat_path, "PATH"},
    {"mtime", 1, mtime, "PATH"},
    {"touch", 2, touch, "PATH SECONDS"},
    {"symlink", 2, make_symlink, "TARGET PATH"},
    {"readlink", 1, read_link, "PATH"},
    {"link", 2, make_link, "FROM TO"},
    {"open-at", 2, open_at, "FD PATH [follow]"},
    {"open-many", 2, open_many, "PATH COUNT"},
    {"seek", 1, seek, "FD"},
    {NULL, 0, NULL, ""},
};
