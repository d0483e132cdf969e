# cython: boundscheck=False, wraparound=False, cdivision=True
"""Reads a number by walking the number table; `plain_number` says the same in Python and explains it.

A call's number is one pass over its characters and one step a digit through each automaton, without an object
but the result. Whatever is not certain is handed over to phonenumberslite by answering None.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.object cimport PyTypeObject
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_SET_ITEM
from libc.string cimport memcpy

from asterisk_router.numbering.number import Number
from asterisk_router.numbering.number_table import EMERGENCY as _EMERGENCY, UNSURE as _UNSURE
from asterisk_router.numbering.truth import LONGEST_PLAUSIBLE as _LONGEST, SHORTEST_PLAUSIBLE as _SHORTEST

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void* PyUnicode_DATA(object text)
    object PyType_GenericAlloc(PyTypeObject* kind, Py_ssize_t size)
    object PyUnicode_New(Py_ssize_t size, Py_UCS4 greatest)

cdef enum:
    MOST_DIGITS = 24
    MOST_CHARS = 79
    DIGIT = 1
    SEPARATOR = 2
    PLUS = 3

cdef int EMERGENCY = _EMERGENCY
cdef int UNSURE = _UNSURE
cdef int SHORTEST_PLAUSIBLE = _SHORTEST
cdef int LONGEST_PLAUSIBLE = _LONGEST
cdef tuple OWN_KINDS = ("", "emergency", "internal", "short")
cdef str E164 = "e164"
cdef type NumberType = Number

cdef unsigned char[256] CLASS_OF
for _code in range(256):
    CLASS_OF[_code] = DIGIT if 48 <= _code < 58 else SEPARATOR if chr(_code) in " -./()\xa0" else 0
CLASS_OF[43] = PLUS


cdef struct Region:
    int calling_code
    int general
    int national_prefix
    int international_prefix
    int short
    unsigned int too_long
    unsigned int complete


cdef Region region_of(object row):
    cdef Region region
    region.calling_code, region.general, region.national_prefix, region.international_prefix = row[:4]
    region.short, region.too_long, region.complete = row[4:7]
    return region


cdef inline int label_of(
    const unsigned char* labels, const unsigned short* steps, int node, const unsigned char* digits, int count
) noexcept:
    cdef int at
    for at in range(count):
        if not node:
            break
        node = steps[10 * node + digits[at]]
    return labels[node]


cdef class NumberWalk:
    """Reads numbers for one country, the ordinary ones; None hands a number over."""

    cdef object _kept
    cdef const unsigned char* _labels
    cdef const unsigned short* _steps
    cdef const unsigned char* _own_labels
    cdef const unsigned short* _own_steps
    cdef const unsigned char* _believed
    cdef int _own_node
    cdef bint _is_home
    cdef Region _home
    cdef int[1000] _valid
    cdef Region[1000] _main
    cdef list _regions
    cdef frozenset _presented
    cdef frozenset _ruled

    def __init__(self, table, str country, tuple own, frozenset presented, frozenset ruled):
        """Walk `table` from `country` (empty: only numbers with `+`) and the plan's own automaton.

        `own` is its labels, steps and first node; `presented` holds the presentations that show the number, `ruled`
        the trunks whose numbers are rewritten first.
        """
        self._kept = (table, own)
        self._labels = <const unsigned char*>PyBytes_AS_STRING(table.labels)
        self._steps = <const unsigned short*>PyBytes_AS_STRING(table.steps)
        self._own_labels = <const unsigned char*>PyBytes_AS_STRING(own[0])
        self._own_steps = <const unsigned short*>PyBytes_AS_STRING(own[1])
        self._own_node = own[2]
        self._believed = <const unsigned char*>PyByteArray_AS_STRING(table.believed)
        self._presented = presented
        self._ruled = ruled
        self._is_home = country in table.regions
        if self._is_home:
            self._home = region_of(table.regions[country])
        self._regions = [None] * 1000
        for code in range(1000):
            self._valid[code] = 0
        for code, calling in table.codes.items():
            self._valid[code] = calling.valid
            self._regions[code] = calling.regions
            main = str(code) if calling.regions[0] == "001" else calling.regions[0]
            self._main[code] = region_of(table.regions[main])

    def number(self, str raw not None, str presentation not None="", str trunk not None=""):
        """The number of a call, where it is presented, ordinary, and comes by a trunk without a rule."""
        if (presentation and presentation not in self._presented) or (trunk and trunk in self._ruled):
            return None
        return self._read(raw, raw)

    def read(self, str text not None, str raw not None):
        """The number written in `text`; `raw` is what it came from."""
        return self._read(text, raw)

    cdef object _read(self, str text, str raw):
        cdef unsigned char[MOST_DIGITS] digits
        cdef const unsigned char* chars
        cdef Py_ssize_t at
        cdef int count = 0, label
        cdef bint plus = False
        cdef unsigned char kind
        if PyUnicode_KIND(text) != 1 or len(text) > MOST_CHARS:
            return None
        chars = <const unsigned char*>PyUnicode_DATA(text)
        for at in range(len(text)):
            kind = CLASS_OF[chars[at]]
            if kind == DIGIT:
                if count == MOST_DIGITS:
                    return None
                digits[count] = chars[at] - 48
                count += 1
            elif kind == PLUS:
                if count or plus:
                    return None
                plus = True
            elif kind != SEPARATOR:
                return None
        if not plus:
            label = label_of(self._own_labels, self._own_steps, self._own_node, digits, count)
            if self._is_home and label_of(self._labels, self._steps, self._home.short, digits, count) == EMERGENCY:
                label = EMERGENCY
            if label:
                return self._number(<str>OWN_KINDS[label], 0, digits, count, "", raw)
        if count < 3:
            return None
        return self._international(digits, count, raw) if plus else self._dialled(digits, count, raw)

    cdef object _dialled(self, unsigned char* digits, int count, str raw):
        cdef Region* home = &self._home
        cdef int length, at, code, width = 0
        if not self._is_home or not self._believed[home.calling_code]:
            return None
        length = self._prefix(home.international_prefix, digits, count)
        if length and not (length < count and digits[length] == 0):
            return self._international(digits + length, count - length, raw)
        code = 0
        while width < 3 and width < count and code != home.calling_code:
            code = 10 * code + digits[width]
            width += 1
        if code == home.calling_code and digits[0]:
            at = self._after_trunk_prefix(home, digits + width, count - width)
            if at < 0:
                return None
            at += width
            if (home.too_long >> count) & 1 or (
                not self._matches(home, digits, count) and self._matches(home, digits + at, count - at)
            ):
                return self._national(code, &self._main[code], digits + at, count - at, False, raw)
        return self._national(home.calling_code, home, digits, count, False, raw)

    cdef object _international(self, unsigned char* digits, int count, str raw):
        cdef int length, code = 0
        if count < 3 or digits[0] == 0:
            return None
        for length in range(1, 4):
            code = 10 * code + digits[length - 1]
            if self._valid[code]:
                if not self._believed[code]:
                    return None
                return self._national(code, &self._main[code], digits + length, count - length, True, raw)
        return None

    cdef object _national(self, int code, Region* region, unsigned char* digits, int count, bint in_full, str raw):
        cdef int at = self._after_trunk_prefix(region, digits, count)
        cdef int place, length
        cdef tuple regions
        if at < 0:
            return None
        if (region.complete >> (count - at)) & 1:
            digits += at
            count -= at
        if count < 2 or count > 17:
            return None
        place = label_of(self._labels, self._steps, self._valid[code], digits, count)
        regions = <tuple>self._regions[code]
        if not place:
            length = count + (1 if code < 10 else 2 if code < 100 else 3)
            if not in_full or length < SHORTEST_PLAUSIBLE or length > LONGEST_PLAUSIBLE or len(regions) > 1:
                return None
            place = 1
        return self._number(E164, code, digits, count, <str>regions[place - 1], raw)

    cdef int _after_trunk_prefix(self, Region* region, unsigned char* digits, int count) noexcept:
        cdef int length
        if not region.national_prefix:
            return 0
        length = self._prefix(region.national_prefix, digits, count)
        if length > 0 and self._matches(region, digits, count):
            if not self._matches(region, digits + length, count - length):
                return 0
        return length

    cdef int _prefix(self, int node, unsigned char* digits, int count) noexcept:
        cdef int at, child, label
        for at in range(count):
            child = self._steps[10 * node + digits[at]]
            if not child:
                break
            node = child
        label = self._labels[node]
        return -1 if label == UNSURE else label - 1 if label else 0

    cdef bint _matches(self, Region* region, unsigned char* digits, int count) noexcept:
        return label_of(self._labels, self._steps, region.general, digits, count) != 0

    cdef object _number(self, str kind, int code, unsigned char* digits, int count, str country, str raw):
        cdef unsigned char[MOST_DIGITS + 4] text
        cdef int at, width = 0
        if code:
            text[0] = 43
            width = 2 if code < 10 else 3 if code < 100 else 4
            for at in range(width - 1, 0, -1):
                text[at] = 48 + code % 10
                code //= 10
        for at in range(count):
            text[width + at] = 48 + digits[at]
        key = PyUnicode_New(width + count, 127)
        memcpy(PyUnicode_DATA(key), text, width + count)
        # what tuple.__new__(Number, ...) does, without a tuple to copy from
        number = PyType_GenericAlloc(<PyTypeObject*>NumberType, 4)
        Py_INCREF(kind)
        PyTuple_SET_ITEM(number, 0, kind)
        Py_INCREF(key)
        PyTuple_SET_ITEM(number, 1, key)
        Py_INCREF(country)
        PyTuple_SET_ITEM(number, 2, country)
        Py_INCREF(raw)
        PyTuple_SET_ITEM(number, 3, raw)
        return number
