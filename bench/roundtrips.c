/* roundtrips - one byte there and one byte back over TCP, as often as it goes.
 *
 *   roundtrips answer PORT                   answers one caller, until that one has gone
 *   roundtrips ask ADDRESS PORT SECONDS      prints how many, and the median and the 99th percentile in microseconds
 *
 * One connection, one transaction at a time (as netperf's TCP_RR). What goes on in the first quarter of a second is
 * not counted.
 */
#define _GNU_SOURCE
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP_NANOS = 250 * 1000 * 1000, FIRST_SAMPLES = 1 << 16 };

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct addrinfo *look_up(const char *address, const char *port) {
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = address ? AI_NUMERICHOST : AI_PASSIVE,
                                     .ai_family = address ? AF_UNSPEC : AF_INET6};
    int error = getaddrinfo(address, port, &hints, &found);
    if (error) {
        fprintf(stderr, "%s\n", gai_strerror(error));
        exit(1);
    }
    return found;
}

static void at_once(int fd) {
    int yes = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes)) die("TCP_NODELAY");
}

static int answer(const char *port) {
    struct addrinfo *where = look_up(NULL, port);
    int yes = 1, listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, where->ai_addr, where->ai_addrlen) || listen(listener, 1)) die("bind");
    fprintf(stderr, "listening\n");
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) die("accept");
    at_once(fd);
    char byte;
    while (read(fd, &byte, 1) == 1)
        if (write(fd, &byte, 1) != 1) break;
    return 0;
}

static int ascending(const void *a, const void *b) {
    long long x = *(const long long *) a, y = *(const long long *) b;
    return (x > y) - (x < y);
}

static int ask(const char *address, const char *port, double seconds) {
    struct addrinfo *where = look_up(address, port);
    int fd = socket(where->ai_family, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, where->ai_addr, where->ai_addrlen)) die("connect");
    at_once(fd);
    size_t room = FIRST_SAMPLES, count = 0;
    long long *nanos = malloc(room * sizeof *nanos);
    long long first = now() + WARM_UP_NANOS, end = first + (long long) (seconds * 1e9), before = now();
    char byte = 'x';
    while (before < end) {
        if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) die("gone");
        long long after = now();
        if (before >= first) {
            if (count == room) nanos = realloc(nanos, (room *= 2) * sizeof *nanos);
            if (!nanos) die("memory");
            nanos[count++] = after - before;
        }
        before = after;
    }
    qsort(nanos, count, sizeof *nanos, ascending);
    printf("%zu %.1f %.1f\n", count, count ? nanos[count / 2] / 1e3 : 0, count ? nanos[count * 99 / 100] / 1e3 : 0);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "answer")) return answer(argv[2]);
    if (argc == 5 && !strcmp(argv[1], "ask")) return ask(argv[2], argv[3], atof(argv[4]));
    fprintf(stderr, "usage: roundtrips answer PORT | ask ADDRESS PORT SECONDS\n");
    return 2;
}
