/* The least a server can do for a call: what is left of the cost belongs to the kernel and to Redis.
 *
 *   floor PORT [REDIS_SOCKET KEY_PREFIX KEY_SUFFIX]
 *
 * One epoll. Accept, read the environment, take the number out of the URL's query, one GET over one pipelined
 * unix connection (one write for all the calls of a wake-up), a constant answer whose data and end of stream
 * leave in one segment, drain by waiting for the peer's end alone. Without REDIS_SOCKET it answers at once.
 * Prints a line when it listens. For the bench only: it trusts its load generator.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_OPEN = 65536, ENVIRONMENT = 8192, REDIS = 0x7fffffff };

static const char ANSWER[] =
    "SET VARIABLE ROUTER_CLASS \"customer\"\nSET VARIABLE ROUTER_BRANCH \"sales\"\nSET VARIABLE ROUTER_QUEUE \"sales\"\n"
    "SET VARIABLE ROUTER_HEAD_START \"120\"\nSET VARIABLE ROUTER_GREETING \"greet-customer\"\n"
    "SET VARIABLE ROUTER_OK \"1\"\n";

static int poller, redis = -1;
static const char *prefix, *suffix;
typedef struct {
    enum { UNWATCHED, HEARING, DRAINING } state;
    int length; /* of the environment so far */
    char *environment;
} Call;

static Call calls[MOST_OPEN]; /* by descriptor */
static int asked[MOST_OPEN]; /* calls waiting for Redis, in the order of their GETs */
static unsigned asked_first, asked_last;
static char outgoing[1 << 20], incoming[1 << 20];
static int outgoing_length, incoming_length;

static void watch(int fd, uint32_t events, int operation) {
    struct epoll_event wanted = {.events = events, .data.fd = fd};
    epoll_ctl(poller, operation, fd, &wanted);
}

static void answer(int fd) {
    send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL | MSG_MORE); /* held back for the end of stream */
    shutdown(fd, SHUT_WR);
    watch(fd, EPOLLRDHUP, calls[fd].state == HEARING ? EPOLL_CTL_MOD : EPOLL_CTL_ADD);
    calls[fd].state = DRAINING;
}

static void hang_up(int fd) {
    calls[fd].state = UNWATCHED;
    calls[fd].length = 0;
    close(fd);
}

static void ask(int fd, const char *environment, int length) {
    const char *found = memmem(environment, length, "?num=", 5);
    char key[128];
    int n = sprintf(key, "%s", prefix);
    if (found) {
        found += 5;
        if (!strncmp(found, "%2B", 3)) key[n++] = '+', found += 3;
        while (*found >= '0' && *found <= '9' && n < 64) key[n++] = *found++;
    }
    n += sprintf(key + n, "%s", suffix);
    outgoing_length += sprintf(outgoing + outgoing_length, "*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n", n, key);
    asked[asked_last++ % MOST_OPEN] = fd;
}

static void hear(int fd) {
    Call *call = &calls[fd];
    if (!call->environment) call->environment = malloc(ENVIRONMENT + 1);
    int got = recv(fd, call->environment + call->length, ENVIRONMENT - call->length, MSG_DONTWAIT);
    if (got > 0) call->length += got;
    else if (call->state == HEARING) { hang_up(fd); return; }
    call->environment[call->length] = 0;
    if (call->length >= 2 && !memcmp(call->environment + call->length - 2, "\n\n", 2)) {
        if (redis >= 0) ask(fd, call->environment, call->length);
        else answer(fd);
    } else if (call->state == UNWATCHED) {
        watch(fd, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_ADD);
        call->state = HEARING;
    }
}

/* A small rule list on the record's length stands for deciding; the answer is the same whichever wins. */
static int rules_won[8];
static void decide(int fd, int record_length) {
    for (int rule = 0; rule < 8; ++rule)
        if (record_length < 32 << rule) { ++rules_won[rule]; break; }
    answer(fd);
}

static void hear_redis(void) {
    int got = recv(redis, incoming + incoming_length, sizeof incoming - 1 - incoming_length, MSG_DONTWAIT);
    if (got <= 0) exit(3);
    incoming_length += got;
    incoming[incoming_length] = 0;
    char *at = incoming, *end = incoming + incoming_length;
    while (at < end) {
        char *line = memmem(at, end - at, "\r\n", 2);
        if (!line) break;
        int length = atoi(at + 1);
        char *next = line + 2 + (length >= 0 ? length + 2 : 0);
        if (next > end) break;
        decide(asked[asked_first++ % MOST_OPEN], length);
        at = next;
    }
    incoming_length = end - at;
    memmove(incoming, at, incoming_length);
}

static void connect_redis(const char *path) {
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    strncpy(where.sun_path, path, sizeof where.sun_path - 1);
    redis = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(redis, (void *)&where, sizeof where)) { perror("floor: redis"); exit(2); }
    watch(redis, EPOLLIN, EPOLL_CTL_ADD);
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 5) { fputs("usage: floor PORT [REDIS_SOCKET KEY_PREFIX KEY_SUFFIX]\n", stderr); return 2; }
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (argc == 5) prefix = argv[3], suffix = argv[4], connect_redis(argv[2]);
    int yes = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(door, (void *)&where, sizeof where) || listen(door, 4096)) { perror("floor: port"); return 2; }
    watch(door, EPOLLIN, EPOLL_CTL_ADD);
    puts("listening");
    fflush(stdout);
    for (;;) {
        struct epoll_event ready[256];
        int n = epoll_wait(poller, ready, 256, -1);
        for (int i = 0; i < n; ++i) {
            int fd = ready[i].data.fd;
            if (fd == door) {
                int accepted = accept4(door, NULL, NULL, SOCK_CLOEXEC);
                if (accepted >= 0) hear(accepted); /* mostly all there already */
            } else if (fd == redis) hear_redis();
            else if (calls[fd].state == DRAINING) hang_up(fd);
            else hear(fd);
        }
        if (outgoing_length) {
            send(redis, outgoing, outgoing_length, MSG_NOSIGNAL);
            outgoing_length = 0;
        }
    }
}
