# cython: language_level=3, boundscheck=False, wraparound=False
"""Walks the rule tables over bitmaps, 64 terms a machine word, from the front; the twin of `plain_rules.py`."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from libc.stdint cimport uint64_t
from libc.string cimport memset

from asterisk_router._native.plain_rules import SLOT_OF_CLASS, Table, check_tables

cdef extern from *:
    """
    #define lowest_bit(word) __builtin_ctzll(word)
    """
    int lowest_bit(uint64_t word) nogil

cdef enum:
    FEW = 128  # slots and labels together, for which no memory is claimed


cdef struct Slot:
    uint64_t *rows  # bucket after bucket, `words` each
    int buckets
    int narrows  # whether any bucket leaves a term out


cdef struct Demands:
    int required_end  # where this term's labels end in Bitmaps.labels; they begin where the last term's end
    int forbidden_end


cdef struct Cursor:
    int word
    int rule  # the last one found: its other terms say nothing new
    uint64_t left


cdef Cursor START
START.word, START.rule, START.left = -1, -1, 0


cdef void *claim(size_t size) except NULL:
    cdef void *memory = PyMem_Malloc(size if size else 1)
    if memory == NULL:
        raise MemoryError
    memset(memory, 0, size)
    return memory


cdef class Bitmaps:
    """A table made ready."""

    cdef int terms, words, slot_count, label_count
    cdef int *rules
    cdef Demands *demands
    cdef int *labels
    cdef uint64_t *always
    cdef uint64_t **by_label
    cdef Slot *slots

    def __cinit__(self, table):
        cdef int term, slot, label, at
        self.terms = len(table.rules)
        self.words = (self.terms + 63) // 64
        self.slot_count = len(table.slots)
        self.label_count = 1 + max((label for label in table.chosen), default=-1)
        self.rules = <int *>claim(self.terms * sizeof(int))
        self.demands = <Demands *>claim(self.terms * sizeof(Demands))
        listed = sum(len(labels) for labels in table.required) + sum(len(labels) for labels in table.forbidden)
        self.labels = <int *>claim(listed * sizeof(int))
        self.always = <uint64_t *>claim(self.words * sizeof(uint64_t))
        self.by_label = <uint64_t **>claim(self.label_count * sizeof(uint64_t *))
        self.slots = <Slot *>claim(self.slot_count * sizeof(Slot))
        at = 0
        for term in range(self.terms):
            self.rules[term] = table.rules[term]
            for label in table.required[term]:
                self.labels[at] = label
                at += 1
            self.demands[term].required_end = at
            for label in table.forbidden[term]:
                self.labels[at] = label
                at += 1
            self.demands[term].forbidden_end = at
            self.find_by(term, table.chosen[term])
        for slot in range(self.slot_count):
            for terms in table.slots[slot]:
                self.add_bucket(slot, terms)

    def __dealloc__(self):
        cdef int each
        if self.by_label != NULL:
            for each in range(self.label_count):
                PyMem_Free(self.by_label[each])
        if self.slots != NULL:
            for each in range(self.slot_count):
                PyMem_Free(self.slots[each].rows)
        PyMem_Free(self.rules)
        PyMem_Free(self.demands)
        PyMem_Free(self.labels)
        PyMem_Free(self.always)
        PyMem_Free(self.by_label)
        PyMem_Free(self.slots)

    cdef int find_by(self, int term, int label) except -1:
        cdef uint64_t *row = self.always
        if label >= 0:
            if self.by_label[label] == NULL:
                self.by_label[label] = <uint64_t *>claim(self.words * sizeof(uint64_t))
            row = self.by_label[label]
        row[term >> 6] |= (<uint64_t>1) << (term & 63)
        return 0

    cdef int add_bucket(self, int slot, terms) except -1:
        if not 0 <= slot < self.slot_count:
            raise IndexError("no such slot")
        cdef Slot *into = &self.slots[slot]
        cdef size_t size = self.words * sizeof(uint64_t)
        cdef int word
        cdef void *grown = PyMem_Realloc(into.rows, max((into.buckets + 1) * size, 1))
        if grown == NULL:
            raise MemoryError
        into.rows = <uint64_t *>grown
        for word in range(self.words):
            into.rows[into.buckets * self.words + word] = (terms >> (64 * word)) & 0xFFFFFFFFFFFFFFFF
        if terms != (<object>1 << self.terms) - 1:  # a C int has no room for 32 terms
            into.narrows = 1
        into.buckets += 1
        return into.buckets - 1

    cdef bint holds(self, const int *facts) noexcept nogil:
        """Whether every bucket is one there is."""
        cdef int slot
        for slot in range(self.slot_count):
            if facts[slot] < 0 or facts[slot] >= self.slots[slot].buckets:
                return False
        return True

    cdef int next_rule(self, const int *facts, const int *labels, int label_count, Cursor *cursor) noexcept nogil:
        """The next rule that matches, or -1; the cursor begins as START."""
        cdef int word = cursor.word, slot, label, term
        cdef uint64_t left = cursor.left
        while True:
            while left:
                term = (word << 6) + lowest_bit(left)
                left &= left - 1
                if self.rules[term] != cursor.rule and self.meets(term, labels, label_count):
                    cursor.word, cursor.left, cursor.rule = word, left, self.rules[term]
                    return cursor.rule
            word += 1
            if word >= self.words:
                cursor.word, cursor.left = word, 0
                return -1
            left = self.always[word]
            for label in range(label_count):
                if 0 <= labels[label] < self.label_count and self.by_label[labels[label]] != NULL:
                    left |= self.by_label[labels[label]][word]
            for slot in range(self.slot_count):
                if left == 0:
                    break
                if self.slots[slot].narrows:
                    left &= self.slots[slot].rows[facts[slot] * self.words + word]

    cdef bint meets(self, int term, const int *labels, int label_count) noexcept nogil:
        """Whether the labels are those the term demands."""
        cdef int at = self.demands[term - 1].forbidden_end if term else 0
        while at < self.demands[term].required_end:
            if not has(labels, label_count, self.labels[at]):
                return False
            at += 1
        while at < self.demands[term].forbidden_end:
            if has(labels, label_count, self.labels[at]):
                return False
            at += 1
        return True


cdef inline bint has(const int *labels, int label_count, int wanted) noexcept nogil:
    cdef int at
    for at in range(label_count):
        if labels[at] == wanted:
            return True
    return False


cdef class Program:
    """Three tables walked in one step over the same facts: classify, treat, bonus."""

    cdef Bitmaps classify, treat, bonus
    cdef int slot_count
    cdef int *classes
    cdef int *seconds

    def __cinit__(self, classify, treat, bonus, classes, seconds):
        """`classes` gives the class of each classify rule, `seconds` the head start of each bonus rule.

        Raises ValueError where they do not fit together.
        """
        cdef int each
        check_tables((classify, treat, bonus), classes, seconds)
        self.classify, self.treat, self.bonus = Bitmaps(classify), Bitmaps(treat), Bitmaps(bonus)
        self.slot_count = self.classify.slot_count
        self.classes = <int *>claim(len(classes) * sizeof(int))
        self.seconds = <int *>claim(len(seconds) * sizeof(int))
        for each in range(len(classes)):
            self.classes[each] = classes[each]
        for each in range(len(seconds)):
            self.seconds[each] = seconds[each]

    def __dealloc__(self):
        PyMem_Free(self.classes)
        PyMem_Free(self.seconds)

    def add_bucket(self, int slot, terms):
        """Give a slot one more bucket, with the terms of each table that allow it; returns its number."""
        number = self.classify.add_bucket(slot, terms[0])
        self.treat.add_bucket(slot, terms[1])
        self.bonus.add_bucket(slot, terms[2])
        return number

    def walk(self, buckets, labels):
        """The classify rule, the treat rule, and every bonus rule that match; -1 for none.

        `buckets` holds one bucket a slot (that of the class is not read); raises IndexError for one that is not there.
        """
        cdef int label_count = len(labels), each
        cdef int few[FEW]
        cdef int *facts = few
        if len(buckets) != self.slot_count:
            raise IndexError("not one bucket a slot")
        if self.slot_count + label_count > FEW:
            facts = <int *>claim((self.slot_count + label_count) * sizeof(int))
        try:
            for each in range(self.slot_count):
                facts[each] = buckets[each]
            for each in range(label_count):
                facts[self.slot_count + each] = labels[each]
            return self.found(facts, facts + self.slot_count, label_count)
        finally:
            if facts != few:
                PyMem_Free(facts)

    cdef tuple found(self, int *facts, const int *labels, int label_count):
        cdef int rule, treat, bonus
        cdef Cursor cursor = START
        facts[0] = 0
        if not self.classify.holds(facts):
            raise IndexError("no such bucket")
        rule = self.first(self.classify, facts, labels, label_count)
        if rule >= 0:
            facts[0] = self.classes[rule]
        treat = self.first(self.treat, facts, labels, label_count)
        bonus = self.bonus.next_rule(facts, labels, label_count, &cursor)
        if bonus < 0:
            return (rule, treat)
        matched = [rule, treat]
        while bonus >= 0:
            matched.append(bonus)
            bonus = self.bonus.next_rule(facts, labels, label_count, &cursor)
        return tuple(matched)

    cdef int first(self, Bitmaps table, const int *facts, const int *labels, int label_count) noexcept nogil:
        cdef Cursor cursor = START
        return table.next_rule(facts, labels, label_count, &cursor)

    def walk_many(self, int[::1] buckets, const int[::1] label_ends, const int[::1] labels, int[::1] results):
        """Many calls at once: for each, the classify rule, the treat rule and the seconds of all bonuses.

        All four are buffers of C ints (`array('i')`): the slots of each call, where each call's labels end, all
        labels, and three results a call. Runs without the interpreter; the class slot of `buckets` is written.
        """
        cdef Py_ssize_t calls = label_ends.shape[0], call
        cdef int start = 0, end, rule, bonus, sum_s, wrong = 0
        cdef const int *have = &labels[0] if labels.shape[0] else NULL
        cdef int *facts
        cdef Cursor cursor
        if buckets.shape[0] < calls * self.slot_count or results.shape[0] < calls * 3:
            raise IndexError("the buffers do not fit the number of calls")
        with nogil:
            for call in range(calls):
                end = label_ends[call]
                facts = &buckets[call * self.slot_count]
                facts[0] = 0
                if end < start or end > labels.shape[0] or not self.classify.holds(facts):
                    wrong = 1
                    break
                rule = self.first(self.classify, facts, have + start, end - start)
                if rule >= 0:
                    facts[0] = self.classes[rule]
                results[call * 3] = rule
                results[call * 3 + 1] = self.first(self.treat, facts, have + start, end - start)
                cursor, sum_s = START, 0
                bonus = self.bonus.next_rule(facts, have + start, end - start, &cursor)
                while bonus >= 0:
                    sum_s += self.seconds[bonus]
                    bonus = self.bonus.next_rule(facts, have + start, end - start, &cursor)
                results[call * 3 + 2] = sum_s
                start = end
        if wrong:
            raise IndexError("no such bucket or label")
