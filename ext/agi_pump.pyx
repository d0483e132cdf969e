# cython: language_level=3, boundscheck=False, wraparound=False
"""Moves the bytes of all AGI connections over one epoll; compiled twin of `plain_agi_pump`.

Python is called with a whole call and for its answer, and for nothing between. The session's table of transitions
(`wire/agi_session.py`) is kept here as the three states of a connection.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.errno cimport EAGAIN, EINVAL, errno
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp
from posix.unistd cimport close

from asterisk_router.wire.agi_session import read_call

cdef extern from * nogil:
    """
    #include <arpa/inet.h>
    #include <netinet/tcp.h>
    #include <string.h>
    #include <sys/epoll.h>
    #include <sys/socket.h>
    """
    ctypedef unsigned int socklen_t
    struct epoll_event:
        uint32_t events
        uint64_t ticket "data.u64"
    struct sockaddr:
        pass
    int epoll_create1(int flags)
    int epoll_ctl(int epoll, int act, int fd, epoll_event *event)
    int epoll_wait(int epoll, epoll_event *events, int most, int timeout)
    int accept4(int fd, sockaddr *peer, socklen_t *length, int flags)
    ssize_t recv(int fd, void *buffer, size_t length, int flags)
    ssize_t send(int fd, const void *buffer, size_t length, int flags)
    int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
    int shutdown(int fd, int how)
    const char *inet_ntop(int family, const void *address, char *text, socklen_t length)
    void *memmem(const void *haystack, size_t length, const void *needle, size_t needle_length)
    enum: EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL, EPOLLIN, EPOLLRDHUP
    enum: AF_INET, AF_INET6, SOCK_NONBLOCK, SOCK_CLOEXEC, SHUT_WR, MSG_NOSIGNAL, MSG_MORE, IPPROTO_TCP, TCP_QUICKACK

cdef enum:
    FREE, ASKING, DECIDING, DRAINING  # what a connection is doing; the order of `patience`, FREE first
    EVENTS_A_TURN = 512, READS_A_TURN = 16, AT_ONCE = 4, MOST_UNREAD = 256, FIRST_BYTES = 2048, MOST_BYTES = 32768
    TALK = EPOLLIN | EPOLLRDHUP, END = EPOLLRDHUP

cdef struct Connection:
    int fd, state, age
    uint32_t watched, generation
    Py_ssize_t length, capacity  # of what has been received
    char *received


cdef class Pump:
    """All connections of a door; see `plain_agi_pump.Pump`."""

    cdef public int room
    cdef readonly long accepted, crowded_out, unread, foreign, unfinished, hung_up, undelivered
    cdef object _asked, _overdue, _admits, _crowded
    cdef int _epoll, _most, _open, _reading
    cdef int[4] _patience
    cdef list _listeners  # their descriptors; in events they stand behind the connections' slots
    cdef bint _paused  # no descriptor was left: nobody is accepted until the next tick
    cdef Connection *_connections
    cdef int *_free  # free slots, as a stack: its height is _most - _open
    cdef epoll_event[EVENTS_A_TURN] _events

    def __cinit__(self, asked, overdue, admits, crowded, int most, patience):
        cdef int slot
        self._asked, self._overdue, self._admits, self._crowded = asked, overdue, admits, crowded
        self._patience[ASKING], self._patience[DECIDING], self._patience[DRAINING] = patience
        self._most, self._reading, self._listeners, self.room = most, -1, [], MOST_UNREAD
        self._connections = <Connection *>calloc(most, sizeof(Connection))
        self._free = <int *>calloc(most, sizeof(int))
        if self._connections == NULL or self._free == NULL:
            raise MemoryError
        for slot in range(most):
            self._free[slot] = most - 1 - slot
        self._epoll = epoll_create1(EPOLL_CLOEXEC)

    def __dealloc__(self):
        if self._connections != NULL and self._free != NULL:
            self.close()
        free(self._connections)
        free(self._free)

    def fileno(self):
        return self._epoll

    def open(self):
        return self._open

    def busy(self):
        return self._open or self._paused

    def listen(self, listener):
        self._listeners.append(listener.fileno())
        self._control(EPOLL_CTL_ADD, listener.fileno(), EPOLLIN, <uint64_t>(self._most + <int>listener.fileno()))

    def unlisten(self, int listener):
        self._listeners.remove(listener)
        self._control(EPOLL_CTL_DEL, listener, 0, 0)

    def deafen(self):
        for listener in list(self._listeners):
            self.unlisten(listener)
        self._paused = False

    def close(self):
        cdef int slot
        for slot in range(self._most):
            self._drop(slot)
        if self._epoll >= 0:
            close(self._epoll)
            self._epoll = -1

    def turn(self):
        cdef int index, slot, reads = 0, ready = epoll_wait(self._epoll, self._events, EVENTS_A_TURN, 0)
        cdef uint64_t ticket
        ringing, self.unread = [], 0
        for index in range(ready):
            slot = <int>(self._events[index].ticket & 0xFFFFFFFF)
            self.unread += slot < self._most and self._connections[slot].state == ASKING
        for index in range(ready):
            ticket = self._events[index].ticket
            slot = <int>(ticket & 0xFFFFFFFF)
            if slot >= self._most:
                ringing.append(slot - self._most)
            elif self._connections[slot].generation == <uint32_t>(ticket >> 32):
                if self._connections[slot].state == DRAINING:
                    self._drop(slot)
                elif self._connections[slot].state == DECIDING:
                    self._read(slot)
                elif self._connections[slot].state == ASKING and reads < READS_A_TURN:
                    reads += 1
                    self.unread -= 1
                    self._read(slot)
        for listener in ringing:
            if listener in self._listeners:
                self._accept(listener, AT_ONCE)

    def let_in(self):
        if not self._paused:
            for listener in list(self._listeners):
                self._accept(listener, 0)

    def tick(self):
        cdef int slot
        cdef Connection *connection
        if self._paused:
            self._paused = False
            for listener in self._listeners:
                self._control(EPOLL_CTL_MOD, listener, EPOLLIN, <uint64_t>(self._most + <int>listener))
        for slot in range(self._most):
            connection = &self._connections[slot]
            if connection.state == FREE:
                continue
            connection.age += 1
            if connection.age <= self._patience[connection.state]:
                continue
            if connection.state == DECIDING:
                self._overdue(self._ticket(slot))
            else:
                self.unfinished += connection.state == ASKING
                self._drop(slot)

    def answer(self, uint64_t ticket, bytes answer not None):
        cdef int slot = <int>(ticket & 0xFFFFFFFF)
        cdef Connection *connection = &self._connections[slot]
        if connection.generation != <uint32_t>(ticket >> 32) or connection.state != DECIDING:
            return False
        if slot != self._reading and not self._read(slot):
            return False
        # MSG_MORE: answer and end leave in one segment
        if (send(connection.fd, PyBytes_AS_STRING(answer), PyBytes_GET_SIZE(answer), MSG_NOSIGNAL | MSG_MORE)
                != PyBytes_GET_SIZE(answer) or shutdown(connection.fd, SHUT_WR) != 0):
            self.undelivered += 1
            self._drop(slot)
            return False
        connection.state, connection.age = DRAINING, 0
        self._watch(slot, END)
        return True

    cdef uint64_t _ticket(self, int slot):
        return <uint64_t>self._connections[slot].generation << 32 | <uint32_t>slot

    cdef int _accept(self, int listener, int at_once) except -1:
        cdef int fd, each, fault
        cdef char[128] peer  # a sockaddr: its family first, an IPv4 address at 4, an IPv6 address at 8
        cdef socklen_t length
        for each in range(EVENTS_A_TURN):  # all that wait: whom we cannot serve must hear so at once
            if (self._open >= self._most or self.unread >= self.room) and self._crowded(listener):
                break
            length = sizeof(peer)
            fd = accept4(listener, <sockaddr *>peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC)
            if fd < 0:
                fault = errno
                if fault == EINVAL and self._crowded(listener):  # another process has shut it
                    break
                if fault != EAGAIN:  # no descriptor left, or the peer is gone already
                    self.crowded_out += 1
                    self._paused = True
                    self._control(EPOLL_CTL_MOD, listener, 0, 0)
                break
            self._welcome(fd, (<unsigned short *>peer)[0], peer, at_once)
        return 0

    cdef int _welcome(self, int fd, int family, const char *peer, int at_once) except -1:
        cdef int slot, yes = 1
        cdef char[64] address
        cdef Connection *connection
        if self._open >= self._most or self.unread >= self.room:
            self.crowded_out += 1
            return close(fd)
        if family == AF_INET or family == AF_INET6:
            inet_ntop(family, peer + (4 if family == AF_INET else 8), address, sizeof(address))
            if not self._admits((<bytes>address).decode()):
                self.foreign += 1
                return close(fd)
            setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes))
        self.accepted += 1
        slot = self._free[self._most - self._open - 1]
        self._open += 1
        connection = &self._connections[slot]
        connection.fd, connection.state = fd, ASKING
        connection.age = connection.watched = connection.length = 0
        self.unread += 1
        self._read(slot) if self.unread <= at_once else self._watch(slot, TALK)
        return 0

    cdef bint _read(self, int slot) except -1:
        """Take what has arrived; whether nothing had, and the connection still stands as it did."""
        cdef Connection *connection = &self._connections[slot]
        cdef Py_ssize_t before = connection.length
        cdef ssize_t taken = 1
        cdef char *end
        while connection.length < MOST_BYTES:
            if connection.length == connection.capacity:
                connection.capacity = max(FIRST_BYTES, connection.capacity * 2)
                connection.received = <char *>realloc(connection.received, connection.capacity)
                if connection.received == NULL:
                    raise MemoryError
            end = connection.received + connection.length
            taken = recv(connection.fd, end, connection.capacity - connection.length, 0)
            if taken <= 0:
                break
            connection.length += taken
            if connection.length < connection.capacity:
                break
        if connection.length > before:
            return self._hear(slot)  # an end that came with it is met again at the next look
        if taken > 0 or taken < 0 and errno == EAGAIN:
            if connection.state == ASKING:
                self._watch(slot, TALK)
            return True
        self.unfinished += connection.state == ASKING
        self.hung_up += connection.state == DECIDING
        self._drop(slot)
        return False

    cdef bint _hear(self, int slot) except -1:
        """Tell what was asked, once the block is whole and Asterisk has not given up."""
        cdef Connection *connection = &self._connections[slot]
        cdef const char *end = connection.received + connection.length
        cdef bint last = connection.length > 1 and memcmp(end - 2, b"\n\n", 2) == 0  # as a rule: look there first
        cdef const char *blank = end - 2 if last else <char *>memmem(connection.received, connection.length, b"\n\n", 2)
        cdef Py_ssize_t rest = end - blank - 2 if blank != NULL else 0
        cdef bint gone = rest in (7, 14) and memcmp(blank + 2, b"HANGUP\nHANGUP\n", rest) == 0  # read late: twice
        call = None
        if blank != NULL or connection.received[0] == c'\n' or connection.length >= MOST_BYTES:
            call = read_call(PyBytes_FromStringAndSize(connection.received, connection.length - rest * gone))
        if gone and not call.ended:  # who reports an end has hung up by then
            self.hung_up += 1
            self._drop(slot)
            return False
        if call is None:
            self._watch(slot, TALK)
            return False
        connection.state, connection.age, self._reading = DECIDING, 0, slot
        try:
            self._asked(self._ticket(slot), call)
        finally:
            self._reading = -1
        return False

    cdef int _watch(self, int slot, uint32_t events) except -1:
        cdef Connection *connection = &self._connections[slot]
        if connection.watched != events:
            self._control(
                EPOLL_CTL_MOD if connection.watched else EPOLL_CTL_ADD, connection.fd, events, self._ticket(slot)
            )
            connection.watched = events

    cdef int _control(self, int act, int fd, uint32_t events, uint64_t ticket) except -1:
        cdef epoll_event event = epoll_event(events=events, ticket=ticket)
        if epoll_ctl(self._epoll, act, fd, &event) != 0:
            raise OSError(errno, "epoll_ctl")

    cdef void _drop(self, int slot) noexcept:
        cdef Connection *connection = &self._connections[slot]
        if connection.state == FREE:
            return
        close(connection.fd)
        connection.state = FREE
        connection.generation += 1
        free(connection.received)
        connection.received, connection.capacity = NULL, 0
        self._open -= 1
        self._free[self._most - self._open - 1] = slot
