/* udpload - send UDP packets at an even rate, or count those that arrive.
 *
 *   udpload receive PORT                         counts until a fifth of a second passes without a packet
 *   udpload send ADDRESS PORT BYTES RATE SECONDS RATE in packets/s, 0: as fast as it goes
 *
 * Both print one number, of packets. Cheap on purpose: it shares the processors with what it measures. The sender's
 * socket buffer is the system's default, so that a device with a full queue makes it wait as any other program; the
 * receiver's is large, since what is to be counted is what the network lost, not what this program was late for.
 */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = 32,                 /* packets in one system call */
    LATE_MAX = 64,              /* packets made up for at once when it was late; the rest is not sent */
    BYTES_MAX = 9000,
    PAUSE_NANOS = 50 * 1000,    /* between looks at the clock */
    RECEIVE_BUFFER = 8 << 20,
    FIRST_SECONDS = 10,         /* that the receiver waits for the first packet */
    SILENCE_MICROS = 200 * 1000
};

static char data[BYTES_MAX];
static struct iovec pieces[BATCH];
static struct mmsghdr messages[BATCH];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int open_socket(const char *address, const char *port, struct addrinfo **found) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = address ? AI_NUMERICHOST : AI_PASSIVE,
                             .ai_family = address ? AF_UNSPEC : AF_INET6};
    int error = getaddrinfo(address, port, &hints, found);
    if (error) {
        fprintf(stderr, "%s\n", gai_strerror(error));
        exit(1);
    }
    int fd = socket((*found)->ai_family, SOCK_DGRAM, 0);
    if (fd < 0) die("socket");
    return fd;
}

static void prepare(size_t bytes) {
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){data, bytes};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
}

/* The socket takes both families: an IPv6 one that also serves IPv4. */
static long count(const char *port) {
    struct addrinfo *where;
    int fd = open_socket(NULL, port, &where), size = RECEIVE_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)) die("SO_RCVBUFFORCE");
    struct timeval patience = {.tv_sec = FIRST_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(fd, where->ai_addr, where->ai_addrlen)) die("bind");
    fprintf(stderr, "listening\n");
    prepare(sizeof data);
    long packets = 0;
    for (;;) {
        int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (n <= 0) return packets;
        if (!packets) {
            patience = (struct timeval){.tv_usec = SILENCE_MICROS};
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        }
        packets += n;
    }
}

static long load(const char *address, const char *port, size_t bytes, double rate, double seconds) {
    struct addrinfo *where;
    int fd = open_socket(address, port, &where);
    if (connect(fd, where->ai_addr, where->ai_addrlen)) die("connect");
    prctl(PR_SET_TIMERSLACK, 1UL);
    prepare(bytes);
    double start = now(), end = start + seconds, t;
    long sent = 0, given_up = 0;
    while ((t = now()) < end) {
        long due = rate > 0 ? (long) ((t - start) * rate) - sent - given_up : BATCH;
        if (due <= 0) {
            struct timespec pause = {.tv_nsec = PAUSE_NANOS};
            nanosleep(&pause, NULL);
            continue;
        }
        if (due > LATE_MAX) {
            given_up += due - LATE_MAX;
            due = LATE_MAX;
        }
        int n = sendmmsg(fd, messages, due < BATCH ? due : BATCH, 0);
        if (n > 0) sent += n;       /* refused, or no buffer: this turn sends nothing */
    }
    return sent;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "receive")) {
        printf("%ld\n", count(argv[2]));
        return 0;
    }
    size_t bytes = argc == 7 ? strtoul(argv[4], NULL, 10) : 0;
    if (argc != 7 || strcmp(argv[1], "send") || bytes < 1 || bytes > BYTES_MAX) {
        fprintf(stderr, "usage: udpload receive PORT | send ADDRESS PORT BYTES RATE SECONDS\n");
        return 2;
    }
    printf("%ld\n", load(argv[2], argv[3], bytes, atof(argv[5]), atof(argv[6])));
    return 0;
}
