/* Tells when a core was held by somebody above this machine: the hypervisor, or the kernel itself.
 *
 *   witness CORE...
 *
 * On each core one thread before all others (SCHED_FIFO) that wants to wake every STEP_NS. Woken late it prints
 * "CORE DUE WOKEN", in seconds since 1970 UTC: from the one to the other nobody else on that core ran either.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { STEP_NS = 1000000, LATE_NS = 1000000, SECOND_NS = 1000000000 };

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static void *watch(void *core) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET((long)core, &only);
    if (sched_setaffinity(0, sizeof only, &only) || sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){1})) {
        perror("witness");
        exit(1);
    }
    for (int64_t due = now(CLOCK_MONOTONIC) + STEP_NS;; due += STEP_NS) {
        struct timespec t = {due / SECOND_NS, due % SECOND_NS};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        int64_t woken = now(CLOCK_MONOTONIC);
        if (woken - due < LATE_NS) continue;
        int64_t wall = now(CLOCK_REALTIME);
        printf("%ld %.6f %.6f\n", (long)core, (wall - (woken - due)) / 1e9, wall / 1e9);
        due = woken;
    }
    return NULL;
}

int main(int count, char **cores) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int each = 1; each < count; each++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, watch, (void *)atol(cores[each]))) return 1;
    }
    pause();
    return 0;
}
