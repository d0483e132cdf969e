# cython: language_level=3
"""Reads the facts of a call into buckets and labels; compiled twin of `plain_facts.py`."""

from cpython.object cimport PyObject, PyObject_GetItem
from cpython.tuple cimport PyTuple_Check, PyTuple_GET_SIZE

from asterisk_router._native import plain_facts

cdef extern from "Python.h":
    PyObject *PyTuple_GET_ITEM(object row, Py_ssize_t position)

cdef int AT = plain_facts.AT, NAME = plain_facts.TAG_NAME, TRUST = plain_facts.TAG_TRUST
cdef int EXPIRES = plain_facts.TAG_EXPIRES, CALL_AT = plain_facts.CALL_AT, CALL_OUTCOME = plain_facts.CALL_OUTCOME
cdef int VALUE = plain_facts.VALUE, TRUTH = plain_facts.TRUTH, CALLS = plain_facts.CALLS
cdef int ANSWERED = plain_facts.ANSWERED, SINCE_ANSWER = plain_facts.MISSED_SINCE_ANSWER


cdef inline object item(object row, int position):
    """A field of a NamedTuple by position; a `tuple` of Cython's would be none of its subclasses."""
    if not PyTuple_Check(row) or position < 0 or position >= PyTuple_GET_SIZE(row):
        raise TypeError("no such field")
    return <object>PyTuple_GET_ITEM(row, position)


cdef class Filled:
    """One `Slot`, its numbers at hand."""

    cdef object read, find
    cdef int gate, makes, paths
    cdef long window_s
    cdef int[3] depths
    cdef int[3][3] steps

    def __cinit__(self, slot):
        cdef int path, each
        self.read, paths, self.gate, self.makes, self.window_s, self.find = slot
        self.paths = len(paths)
        if self.paths > 3 or any(len(path) > 3 for path in paths):
            raise ValueError("at most 3 paths, of at most 3 positions")
        for path in range(self.paths):
            self.depths[path] = len(paths[path])
            for each in range(self.depths[path]):
                self.steps[path][each] = paths[path][each]

    cdef object value(self, situation):
        cdef int path, each
        if self.read is not None:
            return self.read(situation)
        if self.gate >= 0 and not item(situation, self.gate):
            return None
        value = None
        for path in range(self.paths):
            value = situation
            for each in range(self.depths[path]):
                value = item(value, self.steps[path][each])
            if path + 1 < self.paths and value:
                break
        if self.makes == VALUE:
            return value
        if self.makes == TRUTH:
            return bool(value)
        return counted(value, self.makes, <double>item(situation, AT) - self.window_s if self.window_s else 0)


cdef object counted(calls, int makes, double since_s):
    """How many of the calls since then count."""
    cdef long count = 0
    cdef Py_ssize_t each = PyTuple_GET_SIZE(calls) if PyTuple_Check(calls) else 0
    while each:
        each -= 1
        call = item(calls, each)
        if <double>item(call, CALL_AT) < since_s:
            continue
        if makes == CALLS:
            count += 1
            continue
        outcome = item(call, CALL_OUTCOME)
        if outcome == "unknown":
            return None
        if makes != SINCE_ANSWER:
            count += outcome == ("answered" if makes == ANSWERED else "missed")
        elif outcome == "answered":
            break
        else:
            count += 1
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
