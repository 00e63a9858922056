/*
 * delayline - a userspace link emulator: joins two network interfaces at
 * layer 2 and gives every frame a delay, jitter, random loss and a rate limit.
 *
 *   delayline IF_A IF_B [-d DELAY_MS] [-j JITTER_MS] [-l LOSS_PCT]
 *                       [-r RATE_MBIT] [-q QUEUE_MS] [-s SEED]
 *
 * Each value is either X (both directions) or X:Y (A to B : B to A).
 *
 *   -d  one-way delay. The round trip grows by the sum of both directions.
 *   -j  uniform jitter in [0, J), added to the delay. Order is kept, as in a
 *       real router queue: a late frame also holds back those behind it.
 *   -l  independent random loss in percent.
 *   -r  serialisation rate; a frame also pays 24 bytes of preamble, FCS and
 *       inter-frame gap, as on real Ethernet. 0 = no limit.
 *   -q  how long a frame may wait for the rate limiter before it is tail
 *       dropped (the depth of the bottleneck's buffer), default 50 ms.
 *
 * How: one AF_PACKET socket per interface, recvmmsg()/sendmmsg() in batches,
 * one FIFO per direction ordered by release time. PACKET_VNET_HDR hands
 * unfinished checksums through, so the interfaces may keep checksum offload;
 * segmentation offload must be off on both peers (frames over MAX_FRAME are
 * counted as "oversize" and dropped). SIGUSR1 prints counters; SIGTERM/SIGINT
 * print them and end.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH      64
#define SLOTS      (1u << 17)           /* frames in flight per direction */
#define VNET_HDR   10                   /* sizeof(struct virtio_net_hdr)  */
#define MAX_FRAME  2048                 /* slot size, header included     */
#define WIRE_EXTRA 24                   /* preamble + FCS + gap, bytes    */
#define MS         1000000.0            /* nanoseconds per millisecond    */

struct entry { uint64_t release; uint32_t slot, len; };

struct direction {
    const char *name;
    int in, out;                        /* sockets                        */
    double delay, jitter, queue;        /* ns                             */
    double loss, ns_per_byte;
    double link_free;                   /* when the rate limiter is idle  */
    uint64_t last_release;              /* keeps the FIFO in order        */
    uint8_t *buf;                       /* SLOTS * MAX_FRAME, lazily used */
    uint32_t *free_stack, free_top;     /* LIFO: hot buffers are reused   */
    struct entry *fifo;                 /* ring of SLOTS entries          */
    uint32_t head, tail;
    uint64_t rx, tx, bytes, lost, tail_drop, oversize, tx_fail, no_slot;
};

static volatile sig_atomic_t stop, want_stats;
static uint64_t rng;

static void on_signal(int s) { if (s == SIGUSR1) want_stats = 1; else stop = 1; }

static void die(const char *what) { perror(what); exit(1); }

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec;
}

static double uniform(void) {           /* xorshift64*, in [0, 1)         */
    rng ^= rng >> 12; rng ^= rng << 25; rng ^= rng >> 27;
    return (double)((rng * 2685821657736338717ull) >> 11) / 9007199254740992.0;
}

static void *map(size_t n) {
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) die("mmap");
    return p;
}

static int open_if(const char *name) {
    int one = 1, size = 64 << 20;
    /* Protocol 0 until bound, so that no foreign interface's frame slips in. */
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) ||
        setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one))
        die("setsockopt");
    struct sockaddr_ll sa = { .sll_family = AF_PACKET,
                              .sll_protocol = htons(ETH_P_ALL),
                              .sll_ifindex = if_nametoindex(name) };
    if (!sa.sll_ifindex) die(name);
    if (bind(fd, (struct sockaddr *)&sa, sizeof sa)) die("bind");
    struct packet_mreq mr = { .mr_ifindex = sa.sll_ifindex,
                              .mr_type = PACKET_MR_PROMISC };
    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof mr);
    return fd;
}

static void init_direction(struct direction *d, const char *name, int in, int out) {
    d->name = name; d->in = in; d->out = out;
    d->buf = map((size_t)SLOTS * MAX_FRAME);
    d->fifo = map((size_t)SLOTS * sizeof *d->fifo);
    d->free_stack = map((size_t)SLOTS * sizeof *d->free_stack);
    for (uint32_t i = 0; i < SLOTS; i++) d->free_stack[i] = SLOTS - 1 - i;
    d->free_top = SLOTS;
}

/* Decide one received frame's fate: returns 0 when it is dropped. */
static int admit(struct direction *d, uint32_t len, uint64_t now, uint64_t *release) {
    if (d->loss > 0 && uniform() < d->loss) { d->lost++; return 0; }
    double t = (double)now;
    if (d->ns_per_byte > 0) {
        double start = d->link_free > t ? d->link_free : t;
        if (start - t > d->queue) { d->tail_drop++; return 0; }
        t = d->link_free = start + (len - VNET_HDR + WIRE_EXTRA) * d->ns_per_byte;
    }
    t += d->delay;
    if (d->jitter > 0) t += uniform() * d->jitter;
    uint64_t r = (uint64_t)t;
    *release = d->last_release = r > d->last_release ? r : d->last_release;
    return 1;
}

/* Take in up to BATCH frames; returns how many arrived. */
static int take_in(struct direction *d) {
    struct mmsghdr m[BATCH];
    struct iovec iov[BATCH];
    uint32_t slot[BATCH];
    int n = d->free_top < BATCH ? (int)d->free_top : BATCH;
    if (n == 0) {                       /* full: discard, do not stall    */
        char junk[16];
        while (recv(d->in, junk, sizeof junk, MSG_TRUNC) > 0) d->no_slot++;
        return 0;
    }
    memset(m, 0, sizeof m[0] * n);
    for (int i = 0; i < n; i++) {
        slot[i] = d->free_stack[d->free_top - 1 - i];
        iov[i] = (struct iovec){ d->buf + (size_t)slot[i] * MAX_FRAME, MAX_FRAME };
        m[i].msg_hdr.msg_iov = &iov[i];
        m[i].msg_hdr.msg_iovlen = 1;
    }
    int got = recvmmsg(d->in, m, n, MSG_DONTWAIT, NULL);
    if (got <= 0) return 0;
    d->free_top -= got;
    uint64_t now = now_ns(), release;
    for (int i = 0; i < got; i++) {
        d->rx++;
        int keep = !(m[i].msg_hdr.msg_flags & MSG_TRUNC);
        if (!keep) d->oversize++;
        if (keep && admit(d, m[i].msg_len, now, &release))
            d->fifo[d->tail++ % SLOTS] = (struct entry){ release, slot[i], m[i].msg_len };
        else
            d->free_stack[d->free_top++] = slot[i];
    }
    return got;
}

/* Send everything that is due; returns ns until the next release, or -1. */
static int64_t send_due(struct direction *d) {
    while (d->head != d->tail) {
        struct mmsghdr m[BATCH];
        struct iovec iov[BATCH];
        uint64_t now = now_ns();
        int n = 0;
        while (n < BATCH && d->head + n != d->tail) {
            struct entry *e = &d->fifo[(d->head + n) % SLOTS];
            if (e->release > now) break;
            iov[n] = (struct iovec){ d->buf + (size_t)e->slot * MAX_FRAME, e->len };
            m[n] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[n], .msg_iovlen = 1 } };
            n++;
        }
        if (n == 0) return (int64_t)(d->fifo[d->head % SLOTS].release - now);
        int sent = sendmmsg(d->out, m, n, MSG_DONTWAIT);
        if (sent <= 0) { d->tx_fail++; sent = 1; }  /* skip the one refused */
        else d->tx += sent;
        for (int i = 0; i < sent; i++) {
            struct entry *e = &d->fifo[d->head++ % SLOTS];
            d->bytes += e->len - VNET_HDR;
            d->free_stack[d->free_top++] = e->slot;
        }
    }
    return -1;
}

static void print_stats(struct direction *d) {
    fprintf(stderr, "%s rx=%lu tx=%lu bytes=%lu lost=%lu tail_drop=%lu "
            "oversize=%lu tx_fail=%lu no_slot=%lu queued=%u\n", d->name, d->rx, d->tx,
            d->bytes, d->lost, d->tail_drop, d->oversize, d->tx_fail, d->no_slot,
            d->tail - d->head);
}

/* "X" or "X:Y" into one value per direction. */
static void pair(const char *arg, double v[2]) {
    char *end;
    v[0] = v[1] = strtod(arg, &end);
    if (*end == ':') v[1] = strtod(end + 1, &end);
    if (*end || v[0] < 0 || v[1] < 0) { fprintf(stderr, "bad value: %s\n", arg); exit(2); }
}

int main(int argc, char **argv) {
    double delay[2] = {0}, jitter[2] = {0}, loss[2] = {0}, rate[2] = {0}, queue[2] = {50, 50};
    int opt;
    rng = 88172645463325252ull;
    while ((opt = getopt(argc, argv, "d:j:l:r:q:s:")) != -1) {
        switch (opt) {
        case 'd': pair(optarg, delay); break;
        case 'j': pair(optarg, jitter); break;
        case 'l': pair(optarg, loss); break;
        case 'r': pair(optarg, rate); break;
        case 'q': pair(optarg, queue); break;
        case 's': rng ^= strtoull(optarg, NULL, 0) * 0x9E3779B97F4A7C15ull; break;
        default: return 2;
        }
    }
    if (argc - optind != 2) {
        fprintf(stderr, "usage: delayline [-d ms] [-j ms] [-l %%] [-r Mbit/s] [-q ms] "
                        "[-s seed] IF_A IF_B\n");
        return 2;
    }
    int a = open_if(argv[optind]), b = open_if(argv[optind + 1]);
    struct direction dir[2] = {0};
    init_direction(&dir[0], "a->b", a, b);
    init_direction(&dir[1], "b->a", b, a);
    for (int i = 0; i < 2; i++) {
        dir[i].delay = delay[i] * MS;
        dir[i].jitter = jitter[i] * MS;
        dir[i].queue = queue[i] * MS;
        dir[i].loss = loss[i] / 100;
        dir[i].ns_per_byte = rate[i] > 0 ? 8000.0 / rate[i] : 0;
    }
    struct sigaction sa = { .sa_handler = on_signal };
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGUSR1, &sa, NULL);
    /* Signals come in only while waiting, so none is missed and an idle line sleeps on. */
    sigset_t ours, while_waiting;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGUSR1);
    sigprocmask(SIG_BLOCK, &ours, &while_waiting);
    sigdelset(&while_waiting, SIGTERM);
    sigdelset(&while_waiting, SIGINT);
    sigdelset(&while_waiting, SIGUSR1);
    prctl(PR_SET_TIMERSLACK, 1UL);      /* wake up on time, not 50 us late */
    while (!stop) {
        int64_t wait = -1;              /* nothing queued: sleep until woken */
        for (int i = 0; i < 2; i++) {
            /* Bounded, so that a flood one way cannot starve the releases. */
            for (int k = 0; k < 4 && take_in(&dir[i]) == BATCH; k++) { }
        }
        for (int i = 0; i < 2; i++) {
            int64_t w = send_due(&dir[i]);
            if (w >= 0 && (wait < 0 || w < wait)) wait = w;
        }
        if (want_stats) {
            want_stats = 0;
            print_stats(&dir[0]);
            print_stats(&dir[1]);
        }
        struct pollfd p[2] = { { a, POLLIN, 0 }, { b, POLLIN, 0 } };
        struct timespec ts = { wait / 1000000000, wait % 1000000000 };
        if (ppoll(p, 2, wait < 0 ? NULL : &ts, &while_waiting) < 0 && errno != EINTR) die("ppoll");
    }
    print_stats(&dir[0]);
    print_stats(&dir[1]);
    return 0;
}
