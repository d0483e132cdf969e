# cython: language_level=3, boundscheck=False, wraparound=False
"""Reads the agi_* block with which Asterisk opens a session; compiled twin of `plain_agi_environment`."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.string cimport memchr, memcmp, strlen

MOST_BYTES = 32768
MOST_LINE_BYTES = 8192
MOST_ARGUMENTS = 127

cdef enum:
    BLOCK = 32768
    LINE = 8192
    ARGUMENTS = 127
    QUERY_FIELDS = 16
    TAINTED = 16
    FIELDS = 17
    KEYS = 20

cdef const char *ORDER[KEYS]
ORDER[:] = [
    b"agi_request", b"agi_channel", b"agi_language", b"agi_type", b"agi_uniqueid", b"agi_version", b"agi_callerid",
    b"agi_calleridname", b"agi_callingpres", b"agi_callingani2", b"agi_callington", b"agi_callingtns", b"agi_dnid",
    b"agi_rdnis", b"agi_context", b"agi_extension", b"agi_priority", b"agi_enhanced", b"agi_accountcode",
    b"agi_threadid",
]
# the field of IncomingCall each key fills when the query did not, or -1
cdef int FILLS[KEYS]
FILLS[:] = [-1, 10, 6, -1, 11, -1, 0, 2, 4, -1, -1, -1, -1, 5, -1, 1, -1, -1, -1, -1]

cdef const char *NAMES[QUERY_FIELDS]
NAMES[:] = [
    b"num", b"did", b"name", b"trunk", b"pres", b"rdnis", b"lang", b"choice", b"att", b"ver", b"chan", b"uid", b"lid",
    b"end", b"pai", b"proof",
]
cdef int KEPT[5]
KEPT[:] = [1, 10, 11, 12, 13]


cdef class Reading:
    """One block being read: the fields so far, and which of them the query carried."""

    cdef list fields
    cdef int carried
    cdef bint networked

    cdef tuple tainted(self, str reason):
        cdef list kept = [""] * FIELDS
        if self.networked:
            for index in KEPT:
                if self.carried & (1 << index):
                    kept[index] = self.fields[index]
        kept[TAINTED] = reason
        return tuple(kept)

    cdef str query(self, const char *at, const char *end):
        """Read `name=value&...`; returns what is wrong with it, or None."""
        cdef const char *stop
        cdef const char *equals
        cdef int index
        cdef str fault = None
        while at < end and fault is None:
            stop = <const char *>memchr(at, c'&', end - at)
            if stop == NULL:
                stop = end
            equals = <const char *>memchr(at, c'=', stop - at)
            if equals == NULL:
                equals = stop
            for index in range(QUERY_FIELDS):
                if spells(at, equals - at, NAMES[index]):
                    fault = self.carry(index, equals + 1, stop)
                    break
            at = stop + 1
        if fault is not None:
            self.fields = [""] * FIELDS
        return fault

    cdef str carry(self, int index, const char *at, const char *end):
        """Decode one percent-encoded value into its field; returns what is wrong with it, or None."""
        cdef unsigned char decoded[LINE]
        cdef Py_ssize_t length = 0
        cdef int high, low
        cdef unsigned char byte
        if self.carried & (1 << index):
            return f"query: {NAMES[index].decode()} twice"
        self.carried |= 1 << index
        while at < end:
            byte = at[0]
            at += 1
            if byte == c'%':
                high = digit(at[0]) if end - at >= 2 else -1
                low = digit(at[1]) if end - at >= 2 else -1
                if high < 0 or low < 0:
                    byte = 0xFF  # not UTF-8 either: it becomes U+FFFD
                else:
                    byte = <unsigned char>(high * 16 + low)
                    at += 2
            if byte < 0x20 or byte == 0x7F:
                return f"query: control character in {NAMES[index].decode()}"
            decoded[length] = byte
            length += 1
        self.fields[index] = PyUnicode_DecodeUTF8(<char *>decoded, length, "replace") if length else ""
        return None

    cdef str line(self, int number, int key, const char *at, Py_ssize_t length):
        """Take line `number`, which must be that of `ORDER[key]` or a later argument; returns its fault, or None."""
        cdef const char *value = <const char *>memchr(at, c':', length)
        cdef const char *end = at + length
        cdef const char *mark
        cdef str expected
        if key < KEYS:
            if value == NULL or not spells(at, value - at, ORDER[key]) or end - value < 2 or value[1] != c' ':
                return f"line {number}: expected {ORDER[key].decode()}"
            value += 2
            key = FILLS[key]
            if key >= 0 and not self.carried & (1 << key) and not spells(value, end - value, b"unknown"):
                self.fields[key] = PyUnicode_DecodeUTF8(value, end - value, "replace") if value < end else ""
            return None
        key -= KEYS - 1
        if key > ARGUMENTS:
            return f"line {number}: more than {ARGUMENTS} arguments"
        expected = f"agi_arg_{key}"
        if value == NULL or at[:value - at] != expected.encode() or end - value < 2 or value[1] != c' ':
            return f"line {number}: expected {expected}"
        if key == 1 and not self.networked:
            mark = <const char *>memchr(value, c'?', end - value)
            return self.query((mark if mark != NULL else value + 1) + 1, end)
        return None


cdef inline bint spells(const char *at, Py_ssize_t length, const char *word) noexcept:
    return <size_t>length == strlen(word) and memcmp(at, word, length) == 0


cdef inline int digit(char byte) noexcept:
    if c'0' <= byte <= c'9':
        return byte - c'0'
    if c'a' <= byte <= c'f':
        return byte - c'a' + 10
    if c'A' <= byte <= c'F':
        return byte - c'A' + 10
    return -1


cdef bint has_control(const char *at, Py_ssize_t length) noexcept:
    cdef Py_ssize_t index
    cdef int found = 0
    for index in range(length):
        found |= (<unsigned char>at[index] < 0x20) | (<unsigned char>at[index] == 0x7F)
    return found


cdef const char *blank_line(const char *start, Py_ssize_t length) noexcept:
    """The end of the last line before the blank one, or NULL; line by line, which is faster than memmem here."""
    cdef const char *end = start + min(length, BLOCK) - 1
    cdef const char *at = start
    while at < end:
        at = <const char *>memchr(at, c'\n', end - at)
        if at == NULL or at[1] == c'\n':
            return at
        at += 1
    return NULL


def parse(bytes received not None):
    """The fields of `IncomingCall` out of a whole block, or None while its blank line has not come."""
    cdef const char *start = PyBytes_AS_STRING(received)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(received)
    cdef const char *at = start
    cdef const char *blank
    cdef const char *mark
    cdef Py_ssize_t line_length
    cdef int number = 0
    cdef int key = 0
    cdef str fault = None
    cdef Reading reading = Reading.__new__(Reading)
    reading.fields = [""] * FIELDS
    if length and start[0] == c'\n':
        return reading.tainted("line 1: expected agi_request")
    blank = blank_line(start, length)
    if blank == NULL:
        return None if length < BLOCK else reading.tainted(f"longer than {BLOCK} bytes")
    while fault is None and at < blank:
        line_length = <const char *>memchr(at, c'\n', blank + 1 - at) - at
        number += 1
        if line_length > LINE:
            fault = f"line {number}: longer than {LINE} bytes"
        elif has_control(at, line_length):
            fault = f"line {number}: control character"
        elif number == 1 and spells(at, line_length, b"agi_network: yes"):
            reading.networked = True
        elif number == 2 and reading.networked and line_length >= 20 and memcmp(at, b"agi_network_script: ", 20) == 0:
            mark = <const char *>memchr(at, c'?', line_length)
            if mark != NULL:
                fault = reading.query(mark + 1, at + line_length)
        else:
            fault = reading.line(number, key, at, line_length)
            key += 1
        at += line_length + 1
    if fault is None and key < KEYS:
        fault = f"ends before {ORDER[key].decode()}"
    if fault is None and blank + 2 < start + length:
        fault = "bytes after the blank line"
    return tuple(reading.fields) if fault is None else reading.tainted(fault)
