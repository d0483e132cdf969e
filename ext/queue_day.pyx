# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Plays a queue's calls through its agents, and draws the chances of them; the twin of `plain_queue_day.py`."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.math cimport INFINITY, log
from libc.stdint cimport uint64_t

from asterisk_router._native.plain_queue_day import check_day

cdef enum:
    SERVED = 0
    HUNG_UP = 1
    LEFT = 2
    TALLIED = 8  # figures a class

cdef double STEP = 1.0 / 4503599627370496.0  # 2 ** -52


cdef inline uint64_t mixed(uint64_t z) noexcept nogil:
    """The finish of splitmix64."""
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline uint64_t turned(uint64_t word, int bits) noexcept nogil:
    return (word << bits) | (word >> (64 - bits))


cdef class Draws:
    """Chances that the seed and the stream decide: xoshiro256++, begun by splitmix64."""

    cdef uint64_t a, b, c, d

    def __cinit__(self, uint64_t seed, uint64_t stream):
        cdef uint64_t golden = 0x9E3779B97F4A7C15
        cdef uint64_t at = mixed(mixed(seed + golden) ^ (stream + golden))
        self.a, self.b = mixed(at + golden), mixed(at + 2 * golden)
        self.c, self.d = mixed(at + 3 * golden), mixed(at + 4 * golden)

    cdef inline double next(self) noexcept nogil:
        cdef uint64_t drawn = turned(self.a + self.d, 23) + self.a, kept = self.b << 17
        self.c ^= self.a
        self.d ^= self.b
        self.b ^= self.c
        self.a ^= self.d
        self.c ^= kept
        self.d = turned(self.d, 45)
        return (<double>(drawn >> 12) + 0.5) * STEP

    def uniform(self):
        """A number between 0 and 1, never either."""
        return self.next()

    def arrivals(self, double gap_s, double[::1] into):
        """Fill `into` with the moments of calls that come at random, `gap_s` apart in the mean, from 0 on."""
        cdef double at_s = 0.0, gap
        cdef Py_ssize_t call
        for call in range(into.shape[0]):
            gap = gap_s * -log(self.next())
            at_s += gap
            into[call] = at_s

    def classes(self, const double[::1] up_to, int[::1] into):
        """Fill `into` with classes; `up_to` has by class the share of calls of it and of those before it, the last 1."""
        cdef Py_ssize_t call
        cdef int found, last = <int>up_to.shape[0] - 1
        cdef double drawn
        for call in range(into.shape[0]):
            drawn, found = self.next(), 0
            while found < last and drawn >= up_to[found]:
                found += 1
            into[call] = found

    def exponential(self, const double[::1] mean_s, const int[::1] class_of, double[::1] into):
        """Fill `into` with exponential times, `mean_s` of its class each (an infinite mean is for ever)."""
        cdef Py_ssize_t call
        check_classes(class_of, into.shape[0], mean_s.shape[0])
        for call in range(into.shape[0]):
            into[call] = mean_s[class_of[call]] * -log(self.next())

    def resampled(self, const double[::1] values, const int[::1] ends, const int[::1] class_of, double[::1] into):
        """Fill `into` with values drawn from those of the class, which end in `values` at `ends`."""
        cdef Py_ssize_t call
        cdef int start, end, at, kind
        check_classes(class_of, into.shape[0], ends.shape[0])
        for at in range(ends.shape[0]):
            if ends[at] <= (ends[at - 1] if at else 0) or ends[at] > values.shape[0]:
                raise ValueError(f"class {at} has no values to draw from")
        for call in range(into.shape[0]):
            kind = class_of[call]
            start = ends[kind - 1] if kind else 0
            end = ends[kind]
            at = <int>(self.next() * (end - start))
            into[call] = values[start + at]


cdef int check_classes(const int[::1] class_of, Py_ssize_t calls, Py_ssize_t classes) except -1:
    cdef Py_ssize_t call
    if class_of.shape[0] != calls:
        raise ValueError("not one class a call")
    for call in range(calls):
        if not 0 <= class_of[call] < classes:
            raise ValueError(f"call {call} has a class that is not there")
    return 0


cdef struct Waiter:
    double rank_s  # arrival less head start: the least goes first
    int call


cdef struct Hall:
    Waiter *waiters  # a heap
    double *releases  # a heap: when each busy agent is free again
    int waiting, busy, free, wanted


cdef inline bint before(Waiter *one, Waiter *other) noexcept nogil:
    return one.rank_s < other.rank_s or (one.rank_s == other.rank_s and one.call < other.call)


cdef inline void join(Hall *hall, Waiter new) noexcept nogil:
    cdef int at = hall.waiting, parent
    hall.waiting += 1
    while at:
        parent = (at - 1) >> 1
        if not before(&new, &hall.waiters[parent]):
            break
        hall.waiters[at] = hall.waiters[parent]
        at = parent
    hall.waiters[at] = new


cdef inline int leave(Hall *hall) noexcept nogil:
    """The call of the least rank, taken out."""
    cdef int first = hall.waiters[0].call, at = 0, child = 1
    cdef Waiter last
    hall.waiting -= 1
    last = hall.waiters[hall.waiting]
    while child < hall.waiting:
        if child + 1 < hall.waiting and before(&hall.waiters[child + 1], &hall.waiters[child]):
            child += 1
        if not before(&hall.waiters[child], &last):
            break
        hall.waiters[at] = hall.waiters[child]
        at, child = child, 2 * child + 1
    hall.waiters[at] = last
    return first


cdef inline void talk(Hall *hall, double until_s) noexcept nogil:
    cdef int at = hall.busy, parent
    hall.busy += 1
    while at:
        parent = (at - 1) >> 1
        if until_s >= hall.releases[parent]:
            break
        hall.releases[at] = hall.releases[parent]
        at = parent
    hall.releases[at] = until_s


cdef inline void release(Hall *hall) noexcept nogil:
    """The agent who is free first hangs up."""
    cdef int at = 0, child = 1
    cdef double last
    hall.busy -= 1
    last = hall.releases[hall.busy]
    while child < hall.busy:
        if child + 1 < hall.busy and hall.releases[child + 1] < hall.releases[child]:
            child += 1
        if last <= hall.releases[child]:
            break
        hall.releases[at] = hall.releases[child]
        at, child = child, 2 * child + 1
    hall.releases[at] = last


def play(
    const double[::1] at_s, const int[::1] class_of, const double[::1] head_start_s, const double[::1] service_s,
    const double[::1] patience_s, const double[::1] changes_s, const int[::1] agents,
    const double[::1] promised_s, double counted_from_s, double[::1] waited_s, signed char[::1] fates,
    double[::1] tally,
):
    """As in the plain twin."""
    cdef int calls = <int>at_s.shape[0], steps = <int>changes_s.shape[0], call = 0, step = 0, most = 0, each
    cdef double change, done, arrival
    cdef Hall hall
    check_day(at_s, (class_of, head_start_s, service_s, patience_s, waited_s, fates), changes_s, agents, promised_s, tally)
    for each in range(calls):
        if (
            not at_s[each] >= (at_s[each - 1] if each else 0.0) or not 0 <= class_of[each] < promised_s.shape[0]
            or not head_start_s[each] == head_start_s[each] or not 0 <= service_s[each] < INFINITY
            or not patience_s[each] >= 0 or not at_s[each] < INFINITY
        ):
            raise ValueError(f"call {each} cannot be played: not in order of arrival, or a value that is none")
    for each in range(steps):
        most = max(most, agents[each])
    hall.waiting = hall.busy = hall.free = hall.wanted = 0
    hall.waiters = <Waiter *>PyMem_Malloc((calls + 1) * sizeof(Waiter))
    hall.releases = <double *>PyMem_Malloc((most + 1) * sizeof(double))
    if hall.waiters == NULL or hall.releases == NULL:
        PyMem_Free(hall.waiters)
        PyMem_Free(hall.releases)
        raise MemoryError
    with nogil:
        while call < calls or hall.waiting:
            arrival = at_s[call] if call < calls else INFINITY
            done = hall.releases[0] if hall.busy else INFINITY
            change = changes_s[step] if step < steps else INFINITY
            if arrival < done and arrival < change:
                if hall.free:
                    hall.free -= 1
                    waited_s[call], fates[call] = 0.0, SERVED
                    talk(&hall, arrival + service_s[call])
                else:
                    join(&hall, Waiter(arrival - head_start_s[call], call))
                call += 1
                continue
            if change <= done:
                if change == INFINITY:
                    break  # nobody will ever be free again
                hall.wanted = agents[step]
                hall.free = max(0, hall.wanted - hall.busy)
                step += 1
                done = change
            else:
                release(&hall)
                hall.free += hall.busy + hall.free < hall.wanted
            while hall.free and hall.waiting:
                each = leave(&hall)
                waited_s[each], fates[each] = done - at_s[each], SERVED
                if waited_s[each] > patience_s[each]:
                    waited_s[each], fates[each] = patience_s[each], HUNG_UP
                else:
                    hall.free -= 1
                    talk(&hall, done + service_s[each])
        while hall.waiting:
            each = leave(&hall)
            waited_s[each], fates[each] = patience_s[each], HUNG_UP if patience_s[each] < INFINITY else LEFT
    PyMem_Free(hall.waiters)
    PyMem_Free(hall.releases)
    count(at_s, class_of, promised_s, counted_from_s, waited_s, fates, tally)


cdef void count(
    const double[::1] at_s, const int[::1] class_of, const double[::1] promised_s, double counted_from_s,
    const double[::1] waited_s, const signed char[::1] fates, double[::1] tally,
) noexcept:
    cdef Py_ssize_t call
    cdef double *row
    for call in range(tally.shape[0]):
        tally[call] = 0.0
    for call in range(at_s.shape[0]):
        if at_s[call] >= counted_from_s:
            row = &tally[class_of[call] * TALLIED]
            row[0] += 1
            row[1 + fates[call]] += 1
            row[4] += fates[call] == SERVED and waited_s[call] <= promised_s[class_of[call]]
            if fates[call] != LEFT:
                row[5] += waited_s[call] > 0
                row[6 + fates[call]] += waited_s[call]
