# cython: language_level=3
"""Reads the facts of a call into buckets and labels; compiled twin of `plain_facts.py`."""

from cpython.object cimport PyObject, PyObject_GetItem
from cpython.tuple cimport PyTuple_Check, PyTuple_GET_SIZE

from asterisk_router._native.plain_facts import AT as SLOT_AT, TAG_EXPIRES, TAG_NAME, TAG_TRUST, Slot

cdef extern from "Python.h":
    PyObject *PyTuple_GET_ITEM(object row, Py_ssize_t position)

cdef int AT = SLOT_AT, NAME = TAG_NAME, TRUST = TAG_TRUST, EXPIRES = TAG_EXPIRES


cdef inline object item(object row, int position):
    """A field of a NamedTuple by position; a `tuple` of Cython's would be none of its subclasses."""
    if not PyTuple_Check(row) or position < 0 or position >= PyTuple_GET_SIZE(row):
        raise TypeError("no such field")
    return <object>PyTuple_GET_ITEM(row, position)


cdef class Filled:
    """One `Slot`, its numbers at hand."""

    cdef object read, find
    cdef int gate, depth
    cdef long window_s
    cdef int[3] path

    def __cinit__(self, slot):
        cdef int each
        self.read, path, self.gate, self.window_s, self.find = slot
        self.depth = len(path)
        if self.depth > 3:
            raise ValueError("a path has at most three positions")
        for each in range(self.depth):
            self.path[each] = path[each]

    cdef object value(self, situation):
        cdef int each
        cdef double since_s, at_s
        cdef long count = 0
        if self.read is not None:
            return self.read(situation)
        if self.gate >= 0 and not item(situation, self.gate):
            return None
        value = situation
        for each in range(self.depth):
            value = item(value, self.path[each])
        if not self.window_s:
            return value
        since_s = <double>item(situation, AT) - self.window_s
        for each in range(<int>PyTuple_GET_SIZE(value) if PyTuple_Check(value) else 0):
            at_s = item(item(value, each), 0)
            count += at_s >= since_s
        return count


cdef class Facts:
    """The slots of one program, in order."""

    cdef list slots

    def __init__(self, slots):
        self.slots = [Filled(slot) for slot in slots]

    def buckets(self, situation, list first not None):
        """`first`, and after it one bucket a slot."""
        cdef Filled slot
        for slot in self.slots:
            first.append(PyObject_GetItem(slot.find, slot.value(situation)))
        return first


def labels_of(tags, dict known not None, double at_s, long trust):
    """Labels of those tags that the program knows, that have not expired and for which `trust` is enough."""
    cdef list labels = []
    cdef int each
    cdef double expires_at_s
    for each in range(<int>len(tags)):
        tag = item(tags, each)
        label = known.get(item(tag, NAME))
        if label is not None and <long>item(tag, TRUST) <= trust:
            expires_at_s = item(tag, EXPIRES)
            if not 0 < expires_at_s <= at_s:
                labels.append(label)
    return labels
