/* Plays calls against a FastAGI server the way Asterisk does, and tells how long they took.
 *
 *   load --port P --numbers FILE --width BYTES --count N [--rate R | --concurrency C] [--seconds S] ...
 *
 * The file holds one number a line, all of one width. A call: connect, the whole environment, read until the
 * server's end of stream, believe it only if the sentinel came last, HANGUP, close. Without --rate, --concurrency
 * calls are kept in flight; with it they start by a Poisson schedule of so many a second, fixed beforehand, and a
 * call's time counts from its place in the schedule, so a server that stalls cannot hide the calls behind it.
 * One thread, one epoll: on a core of its own it is far lighter than what it measures. One line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST_OPEN = 8192, ENVIRONMENT = 4096, ANSWER = 16384, MOST_TIMED = 20000000, PATIENCE_NS = 2000000000, AT_ONCE = 16 };

typedef struct { int fd, sent; int64_t start, connected; char *environment; int environment_length; } Call;

static Call calls[MOST_OPEN];
static char environments[MOST_OPEN][ENVIRONMENT];
static int spare[MOST_OPEN], spare_count, open_count, epoll_fd, unused_fd = -1;
static struct sockaddr_in server = {.sin_family = AF_INET};
static const char *numbers, *called = "%2B42120550000", *expected = "";
static long width = 13, count = 1, as_asterisk;
static float *times_us, *turned_us; /* of calls answered; of those closed without one or reset, from their connect */
static float *sure_us; /* of the latter, until the last look that did not find it so: what is not our own delay */
static long done, turned, refused, reset, no_sentinel, late, unexpected, degraded, bytes;
static uint64_t state = 88172645463325252ull;
static long born; /* no two runs have calls of the same name: a call is registered once */

static int64_t looked, looked_before; /* when we last heard what is ready, and the time before */
static volatile sig_atomic_t told_to_stop;

static void stop_starting(int signal) {
    told_to_stop = signal;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static uint64_t draw(void) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

static int write_environment(char *to, long serial) {
    const char *raw = numbers + (long)(draw() % count) * width;
    int digits = (int)width - 1; /* the line without its end */
    char script[600];
    const char *plus = *raw == '+' ? "%2B" : "";
    snprintf(script, sizeof script,
             "route?num=%s%.*s&did=%s&name=NOV%%C3%%81KOV%%C3%%81%%20J&trunk=carrier-a&pres=allowed_not_screened"
             "&rdnis=&lang=en&choice=&att=&ver=&chan=PJSIP%%2Fcarrier-a-%08lx&uid=%ld.%ld&lid=%ld.%ld",
             plus, digits - (*plus != 0), raw + (*plus != 0), called, serial, born, serial, born, serial);
    return snprintf(to, ENVIRONMENT,
                    "agi_network: yes\nagi_network_script: %s\nagi_request: agi://127.0.0.1:4573/%s\n"
                    "agi_channel: PJSIP/carrier-a-%08lx\nagi_language: en\nagi_type: PJSIP\n"
                    "agi_uniqueid: %ld.%ld\nagi_version: 22.10.1\nagi_callerid: %.*s\n"
                    "agi_calleridname: NOV\xc3\x81KOV\xc3\x81 J\nagi_callingpres: 0\nagi_callingani2: 0\n"
                    "agi_callington: 0\nagi_callingtns: 0\nagi_dnid: +42120550000\nagi_rdnis: unknown\n"
                    "agi_context: router-incoming\nagi_extension: +42120550000\nagi_priority: 9\n"
                    "agi_enhanced: 0.0\nagi_accountcode: \nagi_threadid: 140213874734784\n\n",
                    script, script, serial, born, serial, digits, raw);
}

static void hang_up(Call *call) {
    if (call->fd >= 0) close(call->fd);
    call->fd = -1;
    --open_count;
    spare[spare_count++] = call - calls;
}

static void fail(Call *call, long *fault) {
    ++*fault;
    if (fault != &late && turned < MOST_TIMED) {
        sure_us[turned] = call->fd >= 0 && looked_before > call->connected ? (looked_before - call->connected) / 1e3f : 0;
        turned_us[turned++] = (now() - call->connected) / 1e3f;
    }
    hang_up(call);
}

/* Asterisk writes line by line; a measured call otherwise sends the block at once. Returns whether it is out. */
static int send_environment(Call *call) {
    while (call->sent < call->environment_length) {
        char *from = call->environment + call->sent;
        int length = call->environment_length - call->sent;
        if (as_asterisk) length = (char *)memchr(from, '\n', length) - from + 1;
        ssize_t sent = send(call->fd, from, length, MSG_NOSIGNAL);
        if (sent < 0) return 0;
        call->sent += sent;
    }
    return 1;
}

/* Nobody is there: the socket connects again for the next call, for it is the server that is measured. */
static void be_refused(Call *call) {
    unused_fd = call->fd; /* was none: it is taken at every start */
    call->fd = -1;
    fail(call, &refused);
}

static void start(int64_t scheduled, long serial) {
    if (!spare_count) { ++late; return; }
    Call *call = &calls[spare[--spare_count]];
    ++open_count;
    call->start = scheduled;
    call->connected = now();
    call->sent = 0;
    call->fd = unused_fd >= 0 ? unused_fd : socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unused_fd = -1;
    if (call->fd < 0 || (connect(call->fd, (void *)&server, sizeof server) && errno != EINPROGRESS)) {
        fail(call, &refused);
        return;
    }
    int fault = 0; /* over loopback the kernel has answered by now: a refused call need not be written */
    getsockopt(call->fd, SOL_SOCKET, SO_ERROR, &fault, &(socklen_t){sizeof fault});
    if (fault) { be_refused(call); return; }
    call->environment_length = write_environment(call->environment, serial);
    int out = send_environment(call);
    if (!out && errno != EAGAIN && errno != ENOTCONN) { fail(call, &refused); return; }
    /* answers fit the socket's buffer, so one wake-up at the end of the stream is enough */
    struct epoll_event wanted = {.events = (out ? 0 : EPOLLOUT) | EPOLLRDHUP, .data.u32 = call - calls};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, call->fd, &wanted);
}

static int last_line_is_sentinel(const char *answer, ssize_t length) {
    while (length && answer[length - 1] == '\n') --length;
    const char *line = memrchr(answer, '\n', length);
    line = line ? line + 1 : answer;
    return memmem(line, answer + length - line, "ROUTER_OK", 9) != NULL;
}

static void read_answer(Call *call) {
    static char answer[ANSWER];
    ssize_t length = recv(call->fd, answer, ANSWER, 0); /* the stream's end was announced: this is all of it */
    if (length < 0) { fail(call, &reset); return; }
    if (!last_line_is_sentinel(answer, length)) { fail(call, &no_sentinel); return; }
    int64_t heard = now();
    bytes += length;
    if (*expected && !memmem(answer, length, expected, strlen(expected))) ++unexpected;
    char *flag = memmem(answer, length, "ROUTER_DEGRADED", 15);
    if (flag && flag + 18 < answer + length && (flag[16] == '1' || flag[17] == '1' || flag[18] == '1')) ++degraded;
    if (as_asterisk) /* one reply a command, whether or not anybody reads it */
        for (ssize_t i = 0; i < length; ++i)
            if (answer[i] == '\n') send(call->fd, "200 result=1\n", 13, MSG_NOSIGNAL);
    send(call->fd, "HANGUP\n", 7, MSG_NOSIGNAL);
    if (done < MOST_TIMED) times_us[done++] = (heard - call->start) / 1e3f;
    hang_up(call);
}

static void wait_for_answers(int64_t until) {
    struct epoll_event ready[256];
    int64_t left = until - now();
    if (left < 0) left = 0;
    struct timespec patience = {left / 1000000000, left % 1000000000};
    int n = epoll_pwait2(epoll_fd, ready, 256, &patience, NULL);
    looked_before = looked, looked = now();
    for (int i = 0; i < n; ++i) {
        Call *call = &calls[ready[i].data.u32];
        if (ready[i].events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) read_answer(call);
        else if (send_environment(call)) {
            struct epoll_event wanted = {.events = EPOLLRDHUP, .data.u32 = call - calls};
            epoll_ctl(epoll_fd, EPOLL_CTL_MOD, call->fd, &wanted);
        }
    }
}

static void give_up_on_the_silent(int64_t at) {
    static int64_t next;
    if (at < next) return;
    next = at + 100000000;
    for (int i = 0; i < MOST_OPEN; ++i)
        if (calls[i].fd >= 0 && at - calls[i].start > PATIENCE_NS) fail(&calls[i], &late);
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double share(double part) {
    return done ? times_us[(long)(part * (done - 1))] : 0;
}

static double turned_share(const float *us, double part) {
    return turned ? us[(long)(part * (turned - 1))] : 0;
}

static void report(double seconds, long started) {
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    double own_s = own.ru_utime.tv_sec + own.ru_stime.tv_sec + (own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
    qsort(times_us, done, sizeof *times_us, ascending);
    qsort(turned_us, turned, sizeof *turned_us, ascending);
    qsort(sure_us, turned, sizeof *sure_us, ascending);
    printf("{\"calls\": %ld, \"seconds\": %.6f, \"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, "
           "\"max_us\": %.1f, \"refused\": %ld, \"reset\": %ld, \"no_sentinel\": %ld, \"late\": %ld, "
           "\"unexpected\": %ld, \"degraded\": %ld, \"answer_bytes\": %.0f, \"started\": %ld, \"own_cpu_s\": %.3f, "
           "\"turned_p50_us\": %.1f, \"turned_p99_us\": %.1f, \"turned_max_us\": %.1f, \"sure_p99_us\": %.1f, "
           "\"sure_max_us\": %.1f}\n",
           done, seconds, done / seconds, share(.5), share(.99), share(.999), share(1), refused, reset, no_sentinel,
           late, unexpected, degraded, done ? (double)bytes / done : 0, started, own_s,
           turned_share(turned_us, .5), turned_share(turned_us, .99), turned_share(turned_us, 1), turned_share(sure_us, .99),
           turned_share(sure_us, 1));
}

int main(int argc, char **argv) {
    struct timespec birth;
    clock_gettime(CLOCK_REALTIME, &birth);
    born = birth.tv_sec * 1000 + birth.tv_nsec / 1000000;
    const char *file = NULL;
    double rate = 0, seconds = 1;
    long concurrency = 16, limit = 0, started = 0, show = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--port")) server.sin_port = htons(atoi(value));
        else if (!strcmp(name, "--numbers")) file = value;
        else if (!strcmp(name, "--width")) width = atol(value);
        else if (!strcmp(name, "--count")) count = atol(value);
        else if (!strcmp(name, "--rate")) rate = atof(value); /* 0: closed loop */
        else if (!strcmp(name, "--concurrency")) concurrency = atol(value);
        else if (!strcmp(name, "--seconds")) seconds = atof(value);
        else if (!strcmp(name, "--calls")) limit = atol(value); /* 0: until the time is up */
        else if (!strcmp(name, "--did")) called = value;
        else if (!strcmp(name, "--expect")) expected = value;
        else if (!strcmp(name, "--asterisk")) as_asterisk = atol(value);
        else if (!strcmp(name, "--show")) show = atol(value); /* print one environment, call nobody */
        else if (!strcmp(name, "--seed")) state += 2654435761ull * atol(value);
        else { fprintf(stderr, "load: unknown option %s\n", name); return 2; }
    }
    int fd = file ? open(file, O_RDONLY) : -1;
    numbers = mmap(NULL, width * count, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (fd < 0 || numbers == MAP_FAILED) { perror("load: --numbers"); return 2; }
    if (show) {
        char environment[ENVIRONMENT];
        return fwrite(environment, write_environment(environment, 1), 1, stdout) != 1;
    }
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    signal(SIGINT, stop_starting); /* reports what was heard so far */
    prctl(PR_SET_TIMERSLACK, 1); /* 50 us of slack would be most of a call */
    epoll_fd = epoll_create1(0);
    times_us = malloc(MOST_TIMED * sizeof *times_us); /* only what is written is ever paged in */
    turned_us = malloc(MOST_TIMED * sizeof *turned_us);
    sure_us = malloc(MOST_TIMED * sizeof *sure_us);
    for (int i = MOST_OPEN; i--;) {
        calls[i] = (Call){.fd = -1, .environment = environments[i]};
        spare[spare_count++] = i;
    }
    int64_t began = now(), stop = began + (int64_t)(seconds * 1e9), next = began, at;
    while ((at = now()) < stop && !told_to_stop && (!limit || started < limit)) {
        give_up_on_the_silent(at);
        if (rate <= 0) {
            /* as many as are missing, counted first: a door that refuses must not hold us here */
            for (long missing = concurrency - open_count; missing-- > 0 && (!limit || started < limit);)
                start(now(), started++);
            if (!open_count) usleep(1000);
            wait_for_answers(stop);
            continue;
        }
        /* not all that are due: those at hand must not wait for their answers to be read behind those to come */
        for (int each = 0; each < AT_ONCE && next <= at && (!limit || started < limit); ++each) {
            start(next, started++);
            next += (int64_t)(-log(1.0 - (draw() >> 11) * 0x1p-53) / rate * 1e9);
        }
        wait_for_answers(next < stop ? next : stop);
    }
    double took = (now() - began) / 1e9;
    for (int64_t patience = now() + PATIENCE_NS; open_count && (at = now()) < patience;) wait_for_answers(at + 10000000);
    late += open_count;
    report(took, started);
    return 0;
}
