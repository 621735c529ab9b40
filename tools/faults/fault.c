/* Makes one system call that writes fail, or kills the program at it: preloaded by faults.py.
 *
 * Counts the calls of open (for writing), write, fsync, rename and unlink that concern files under $FAULT_FOLDER. At the
 * call number $FAULT_AT it does what $FAULT says: kill-before, kill-after, kill-inside (half of a write is done first),
 * ENOSPC, EIO, short (half of a write is done, and the number returned is right). At exit the count goes to the file
 * $FAULT_COUNT.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls;

static int ours(const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    return folder && path && strstr(path, folder) != NULL;
}

static int ours_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return ours(path);
}

/* What is to happen at this call: NULL for nothing. */
static const char *fault(void) {
    long n = __sync_add_and_fetch(&calls, 1);
    const char *at = getenv("FAULT_AT");
    return at && atol(at) == n ? getenv("FAULT") : NULL;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* 1: the call fails with errno set. */
static int before(const char *what) {
    if (!what) return 0;
    if (!strcmp(what, "kill-before") || !strcmp(what, "kill-inside")) die();
    if (!strcmp(what, "ENOSPC")) { errno = ENOSPC; return 1; }
    if (!strcmp(what, "EIO")) { errno = EIO; return 1; }
    return 0;
}

static void after(const char *what) {
    if (what && !strcmp(what, "kill-after")) die();
}

ssize_t write(int fd, const void *data, size_t n) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (!ours_fd(fd)) return real(fd, data, n);
    const char *what = fault();
    if (what && n > 1 && (!strcmp(what, "kill-inside") || !strcmp(what, "short"))) {
        ssize_t done = real(fd, data, n / 2);
        if (!strcmp(what, "short")) return done;
        die();
    }
    if (before(what)) return -1;
    ssize_t done = real(fd, data, n);
    after(what);
    return done;
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    if (!ours_fd(fd)) return real(fd);
    const char *what = fault();
    if (before(what)) return -1;
    int done = real(fd);
    after(what);
    return done;
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    if (!ours(from)) return real(from, to);
    const char *what = fault();
    if (before(what)) return -1;
    int done = real(from, to);
    after(what);
    return done;
}

int unlink(const char *path) {
    static int (*real)(const char *);
    if (!real) real = dlsym(RTLD_NEXT, "unlink");
    if (!ours(path)) return real(path);
    const char *what = fault();
    if (before(what)) return -1;
    int done = real(path);
    after(what);
    return done;
}

static int open_with(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    if ((flags & O_ACCMODE) == O_RDONLY || !ours(path)) return real(path, flags, mode);
    const char *what = fault();
    if (before(what)) return -1;
    int fd = real(path, flags, mode);
    after(what);
    return fd;
}

#define OPEN(name)                                          \
    int name(const char *path, int flags, ...) {            \
        va_list more;                                       \
        va_start(more, flags);                              \
        mode_t mode = flags & O_CREAT ? va_arg(more, int) : 0; \
        va_end(more);                                       \
        return open_with(#name, path, flags, mode);         \
    }
OPEN(open)
OPEN(open64)

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("FAULT_COUNT");
    if (!path) return;
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", calls);
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd >= 0) {
        syscall(SYS_write, fd, text, n);
        syscall(SYS_close, fd);
    }
}
