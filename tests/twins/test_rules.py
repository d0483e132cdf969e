"""Walking the rule tables: the compiled kernel and its plain twin, one body for both."""

from __future__ import annotations

import random
from array import array
from types import ModuleType
from typing import Any

import pytest

from asterisk_router._native import kernel, plain_rules

TWINS = [plain_rules, kernel("rules")]


@pytest.fixture(params=TWINS, ids=lambda module: module.__name__.rpartition(".")[2])
def rules(request: pytest.FixtureRequest) -> ModuleType:
    """One of the twins."""
    module: ModuleType = request.param
    return module


SLOT_SIZES = (3, 2, 2, 4, 5)


def random_table(rules: ModuleType, dice: random.Random, terms: int, labels: int) -> Any:
    """A table of `terms` terms over slots of SLOT_SIZES buckets."""
    owners, owner = [], 0
    for _ in range(terms):
        owner += dice.random() < 0.7
        owners.append(owner)
    required = [dice.sample(range(labels), dice.choice((0, 0, 1, 1, 2))) for _ in range(terms)]
    forbidden = [dice.sample(range(labels), dice.choice((0, 0, 0, 1))) for _ in range(terms)]
    slots = [
        [sum(1 << term for term in range(terms) if dice.random() < 0.6) for _ in range(size)] for size in SLOT_SIZES
    ]
    chosen = [dice.choice(wanted) if wanted else -1 for wanted in required]
    return rules.Table(owners, chosen, required, forbidden, slots)


def naive(table: Any, buckets: list[int], labels: list[int]) -> list[int]:
    """Every rule that matches, asked one by one."""
    found: list[int] = []
    for term, owner in enumerate(table.rules):
        allowed = all(slot[bucket] >> term & 1 for slot, bucket in zip(table.slots, buckets, strict=True))
        fits = set(table.required[term]) <= set(labels) and not set(table.forbidden[term]) & set(labels)
        if allowed and fits and owner not in found:
            found.append(owner)
    return found


def random_call(dice: random.Random, labels: int) -> tuple[list[int], list[int]]:
    return [dice.randrange(size) for size in SLOT_SIZES], dice.sample(range(labels), dice.randrange(labels))


def expected(tables: list[Any], classes: list[int], buckets: list[int], labels: list[int]) -> tuple[int, ...]:
    first = next(iter(naive(tables[0], [0, *buckets[1:]], labels)), -1)
    facts = [classes[first] if first >= 0 else 0, *buckets[1:]]
    return first, next(iter(naive(tables[1], facts, labels)), -1), *naive(tables[2], facts, labels)


@pytest.mark.parametrize("terms", [1, 2, 31, 32, 33, 40, 63, 64, 65, 200])
def test_finds_what_asking_one_by_one_finds(rules: ModuleType, terms: int) -> None:
    dice = random.Random(terms)
    for labels in (3, 9):
        tables = [random_table(rules, dice, terms, labels) for _ in range(3)]
        classes = [dice.randrange(SLOT_SIZES[0]) for _ in range(terms + 1)]
        program = rules.Program(*tables, classes, range(terms + 1))
        for _ in range(60):
            buckets, have = random_call(dice, labels)
            assert program.walk(buckets, have) == expected(tables, classes, buckets, have)


def test_many_at_once_are_the_same_as_one_by_one(rules: ModuleType) -> None:
    dice = random.Random(7)
    tables = [random_table(rules, dice, 90, 6) for _ in range(3)]
    seconds = [dice.randrange(600) for _ in range(91)]
    classes = [dice.randrange(SLOT_SIZES[0]) for _ in range(91)]
    program = rules.Program(*tables, classes, seconds)
    calls = [random_call(dice, 6) for _ in range(100)]
    facts, ends, labels = array("i"), array("i"), array("i")
    for buckets, have in calls:
        facts.extend(buckets)
        labels.extend(have)
        ends.append(len(labels))
    results = array("i", [0] * 300)
    program.walk_many(facts, ends, labels, results)
    for call, (buckets, have) in enumerate(calls):
        rule, treat, *bonus = program.walk(buckets, have)
        assert list(results[call * 3 : call * 3 + 3]) == [rule, treat, sum(seconds[each] for each in bonus)]


def empty(rules: ModuleType, slots: tuple[int, ...] = (1, 1, 1)) -> Any:
    return rules.Table([], [], [], [], [[0] * size for size in slots])


def test_nothing_matches_where_there_is_no_rule(rules: ModuleType) -> None:
    program = rules.Program(empty(rules), empty(rules), empty(rules), [], [])
    assert program.walk([0, 0, 0], [1, 2]) == (-1, -1)


@pytest.mark.parametrize("terms", [31, 32, 33, 64, 65])
def test_a_rule_that_no_bucket_allows_never_matches(rules: ModuleType, terms: int) -> None:
    allowed = terms % 32  # so many, each of which demands a label that the call does not have
    chosen = [9] * allowed + [-1] * (terms - allowed)
    required = [[9]] * allowed + [[]] * (terms - allowed)
    table = rules.Table(range(terms), chosen, required, [[]] * terms, [[(1 << allowed) - 1]] * 3)
    program = rules.Program(table, empty(rules), empty(rules), [0] * terms, [])
    assert program.walk([0, 0, 0], []) == (-1, -1)


def test_a_bucket_added_later_narrows(rules: ModuleType) -> None:
    table = rules.Table([0, 1], [-1, -1], [[], []], [[], []], [[3], [], [3]])
    none = empty(rules, (1, 0, 1))
    program = rules.Program(table, none, none, [0, 0], [])
    assert program.add_bucket(1, (2, 0, 0)) == 0
    assert program.add_bucket(1, (1, 0, 0)) == 1
    assert [program.walk([0, bucket, 0], [])[0] for bucket in (0, 1)] == [1, 0]


@pytest.mark.parametrize("buckets", [[0, 5, 0], [0, -1, 0], [0, 0]])
def test_a_bucket_that_is_not_there_is_refused(rules: ModuleType, buckets: list[int]) -> None:
    program = rules.Program(empty(rules), empty(rules), empty(rules), [], [])
    with pytest.raises(IndexError):
        program.walk(buckets, [])


def test_more_slots_and_labels_than_usual(rules: ModuleType) -> None:
    slots = [[1, 0]] * 100
    table = rules.Table([0], [70], [[70, 3]], [[99]], slots)
    none = empty(rules, (2,) * 100)
    program = rules.Program(table, none, none, [0], [])
    assert program.walk([0] * 100, list(range(90))) == (0, -1)
    assert program.walk([0] * 100, list(range(100))) == (-1, -1)
    assert program.walk([0] * 99 + [1], list(range(90))) == (-1, -1)


def test_labels_nobody_asks_about_change_nothing(rules: ModuleType) -> None:
    table = rules.Table([0], [-1], [[]], [[]], [[1]])
    program = rules.Program(table, empty(rules, (1,)), empty(rules, (1,)), [0], [])
    assert program.walk([0], [10**6, -5, 0]) == (0, -1)


@pytest.mark.parametrize("ends", [[1, 0], [9]])
def test_many_at_once_refuses_labels_that_are_not_there(rules: ModuleType, ends: list[int]) -> None:
    program = rules.Program(empty(rules), empty(rules), empty(rules), [], [])
    results = array("i", [0] * 6)
    with pytest.raises(IndexError):
        program.walk_many(array("i", [0] * 6), array("i", ends), array("i", [1]), results)


def test_tables_that_do_not_fit_together_are_refused(rules: ModuleType) -> None:
    table = rules.Table([0], [-1], [[]], [[]], [[1], [1], [1]])
    for tables, classes, seconds in (
        ((table, empty(rules, (1, 1)), empty(rules)), [0], []),
        ((table, empty(rules), empty(rules)), [1], []),
        ((table, empty(rules), empty(rules)), [], []),
        ((table, empty(rules), table), [0], []),
    ):
        with pytest.raises(ValueError, match="the tables|a classify rule|a term"):
            rules.Program(*tables, classes, seconds)
