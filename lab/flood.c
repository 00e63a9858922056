/* flood - send stored Ethernet frames again and again, as they are, at a rate.
 *
 *   flood INTERFACE FILE PER_SECOND SECONDS
 *
 * FILE holds frames one after the other, each after its length in four bytes, big-endian. They are sent in turn, in
 * bursts of up to 64. Prints how many were sent. What the interface has no room for is left out, and not counted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BURST = 64, FRAMES_MAX = 1 << 20 };

static struct iovec frames[FRAMES_MAX];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long load(const char *path)
{
    FILE *f = fopen(path, "rb");
    long count = 0;
    uint32_t length;
    if (!f) {
        perror(path);
        exit(1);
    }
    while (count < FRAMES_MAX && fread(&length, sizeof length, 1, f) == 1) {
        size_t bytes = ntohl(length);
        frames[count].iov_base = malloc(bytes ? bytes : 1);
        frames[count].iov_len = bytes;
        if (fread(frames[count].iov_base, 1, bytes, f) != bytes) {
            break;
        }
        count++;
    }
    fclose(f);
    return count;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: flood INTERFACE FILE PER_SECOND SECONDS\n");
        return 2;
    }
    long count = load(argv[2]);
    double rate = atof(argv[3]), seconds = atof(argv[4]);
    struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    where.sll_ifindex = (int)if_nametoindex(argv[1]);
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (count == 0 || fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof where)) {
        fprintf(stderr, "flood: %ld frames, %s\n", count, strerror(errno));
        return 1;
    }
    struct mmsghdr messages[BURST];
    double started = now();
    long due = 0, sent = 0;
    while (now() - started < seconds) {
        long wanted = (long)((now() - started) * rate) - due;
        if (wanted <= 0) {
            usleep(500);
            continue;
        }
        int burst = wanted < BURST ? (int)wanted : BURST;
        memset(messages, 0, sizeof messages);
        for (int i = 0; i < burst; i++) {
            messages[i].msg_hdr.msg_iov = &frames[(due + i) % count];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        int done = sendmmsg(fd, messages, (unsigned)burst, 0);
        sent += done > 0 ? done : 0;
        due += burst;
    }
    printf("%ld\n", sent);
    return 0;
}
