"""Playing the calls of a queue: the compiled kernel and its plain twin, one body for both."""

from __future__ import annotations

import random
from array import array
from math import inf, nan
from statistics import fmean
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from asterisk_router._native import kernel, plain_queue_day
from asterisk_router._native.plain_queue_day import HUNG_UP, LEFT, SERVED, TALLIED

TWINS = [plain_queue_day, kernel("queue_day")]


@pytest.fixture(params=TWINS, ids=lambda module: module.__name__.rpartition(".")[2])
def queue_day(request: pytest.FixtureRequest) -> ModuleType:
    """One of the twins."""
    module: ModuleType = request.param
    return module


class Day(NamedTuple):
    """What is played."""

    at_s: list[float]
    class_of: list[int]
    head_start_s: list[float]
    service_s: list[float]
    patience_s: list[float]
    changes_s: list[float]
    agents: list[int]
    promised_s: list[float]


def played(queue_day: ModuleType, day: Day, counted_from_s: float = 0.0) -> tuple[list[float], list[int], list[float]]:
    """Waits, fates, tally."""
    calls = len(day.at_s)
    waited, fates = array("d", [nan]) * calls, array("b", [9]) * calls
    tally = array("d", [nan]) * (len(day.promised_s) * len(TALLIED))
    columns = [array(kind, values) for kind, values in zip("diddddid", day, strict=True)]
    queue_day.play(*columns, counted_from_s, waited, fates, tally)
    return list(waited), list(fates), list(tally)


def random_day(dice: random.Random, calls: int, whole: bool) -> Day:
    """A day with few agents; `whole` seconds make many things happen at once."""

    def seconds(most: float) -> float:
        return float(dice.randrange(int(most) + 1)) if whole else dice.uniform(0, most)

    changes = sorted(seconds(calls * 5) for _ in range(dice.randrange(6)))
    head_starts = dice.choice([[0.0], [0.0, 90.0], [0.0, inf], [0.0, -30.0, 20.0, 600.0]])
    classes = [dice.randrange(3) for _ in range(calls)]
    return Day(
        sorted(seconds(calls * 4) for _ in range(calls)),
        classes,
        [dice.choice(head_starts) for _ in range(calls)],
        [seconds(30) for _ in range(calls)],
        [dice.choice([seconds(60), seconds(200), inf]) for _ in range(calls)],
        changes,
        [dice.randrange(5) for _ in changes],
        [20.0, 0.0, 5.0],
    )


def naive(day: Day) -> tuple[list[float], list[int]]:
    """The day as a person would play it: whoever hangs up leaves at once, and the ranks are compared anew each time."""
    waited, fates = [inf] * len(day.at_s), [LEFT] * len(day.at_s)
    waiting: list[int] = []
    until: list[float] = []
    ends = [at + patience for at, patience in zip(day.at_s, day.patience_s, strict=True)]
    coming, steps, wanted = list(range(len(day.at_s))), list(zip(day.changes_s, day.agents, strict=True)), 0
    while coming or waiting:
        moments = [day.at_s[each] for each in coming[:1]] + until + [step[0] for step in steps[:1]]
        now = min(moments, default=inf)
        for each in [each for each in waiting if now - day.at_s[each] > day.patience_s[each]]:
            waited[each], fates[each] = day.patience_s[each], HUNG_UP
            waiting.remove(each)
        if now == inf:
            break
        if steps and steps[0][0] == now:
            wanted = steps.pop(0)[1]
        elif now in until:
            until.remove(now)
        else:
            waiting.append(coming.pop(0))
        while waiting and len(until) < wanted:
            first = min(waiting, key=lambda each: (day.at_s[each] - day.head_start_s[each], each))
            waiting.remove(first)
            waited[first], fates[first] = now - day.at_s[first], SERVED
            until.append(now + day.service_s[first])
    assert all(fates[each] == LEFT or waited[each] <= ends[each] for each in range(len(ends)))
    return [
        patience if fate == LEFT else each for each, fate, patience in zip(waited, fates, day.patience_s, strict=True)
    ], fates


@pytest.mark.parametrize("whole", [True, False])
def test_plays_a_day_as_a_person_would(queue_day: ModuleType, whole: bool) -> None:
    dice, seen = random.Random(11), set()
    for calls in [*range(8), *[60] * 40]:
        day = random_day(dice, calls, whole)
        waited, fates, _ = played(queue_day, day)
        assert (waited, fates) == naive(day)
        seen |= set(fates)
    assert seen == {SERVED, HUNG_UP, LEFT}


def test_tallies_each_class_from_a_moment_on(queue_day: ModuleType) -> None:
    dice = random.Random(12)
    for _ in range(20):
        day = random_day(dice, 80, True)
        waited, fates, tally = played(queue_day, day, 100.0)
        for kind, promised_s in enumerate(day.promised_s):
            own = [each for each, at in enumerate(day.at_s) if at >= 100 and day.class_of[each] == kind]
            by_fate = [[each for each in own if fates[each] == fate] for fate in (SERVED, HUNG_UP, LEFT)]
            assert tally[kind * len(TALLIED) :][: len(TALLIED)] == [
                len(own),
                *map(len, by_fate),
                sum(waited[each] <= promised_s for each in by_fate[SERVED]),
                sum(waited[each] > 0 for each in by_fate[SERVED] + by_fate[HUNG_UP]),
                sum(waited[each] for each in by_fate[SERVED]),
                sum(waited[each] for each in by_fate[HUNG_UP]),
            ]


def drawn(queue_day: ModuleType, seed: int, stream: int, calls: int) -> Any:
    """One of everything that is drawn."""
    draws = queue_day.Draws(seed, stream)
    at_s, class_of = array("d", [0]) * calls, array("i", [0]) * calls
    service_s, picked = array("d", [0]) * calls, array("d", [0]) * calls
    draws.arrivals(3.0, at_s)
    draws.classes(array("d", [0.25, 1.0]), class_of)
    draws.exponential(array("d", [7.0, inf]), class_of, service_s)
    draws.resampled(array("d", [1, 2, 3, 4, 5]), array("i", [2, 5]), class_of, picked)
    return at_s, class_of, service_s, picked, draws.uniform()


def test_the_twins_give_the_same_to_the_last_bit() -> None:
    plain, other = TWINS
    for seed, stream in ((0, 0), (0, 1), (1, 0), (2**64 - 1, 2**63)):
        assert drawn(plain, seed, stream, 500) == drawn(other, seed, stream, 500)
    for seed in range(20):
        day = random_day(random.Random(seed), 200, bool(seed % 2))
        assert repr(played(plain, day)) == repr(played(other, day))


def test_begins_with_the_numbers_of_the_published_generator() -> None:
    """The first words of xoshiro256++ from the state 1, 2, 3, 4, as its authors' C code gives them."""
    draws = plain_queue_day.Draws(0, 0)
    draws._state = [1, 2, 3, 4]
    published = [41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205, 9973669472204895162]
    assert [draws.uniform() for _ in published] == [((word >> 12) + 0.5) / 2**52 for word in published]


def test_draws_what_it_is_asked_for(queue_day: ModuleType) -> None:
    at_s, class_of, service_s, picked, last = drawn(queue_day, 5, 0, 20_000)
    assert at_s[-1] / 20_000 == pytest.approx(3.0, rel=4 / 20_000**0.5)  # 4 standard errors of an exponential mean
    assert class_of.count(0) / 20_000 == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 20_000) ** 0.5)
    first = [value for value, kind in zip(service_s, class_of, strict=True) if kind == 0]
    assert fmean(first) == pytest.approx(7.0, rel=4 / len(first) ** 0.5)
    assert {value for value, kind in zip(service_s, class_of, strict=True) if kind == 1} == {inf}
    assert {(kind, value) for kind, value in zip(class_of, picked, strict=True)} == {
        (0, 1),
        (0, 2),
        (1, 3),
        (1, 4),
        (1, 5),
    }
    assert 0 < last < 1


def test_streams_and_seeds_differ(queue_day: ModuleType) -> None:
    assert len({queue_day.Draws(seed, stream).uniform() for seed in range(30) for stream in range(30)}) == 900
    with pytest.raises(OverflowError):
        queue_day.Draws(-1, 0)


GOOD = Day([1.0, 2.0], [0, 1], [0.0, 0.0], [3.0, 3.0], [inf, 5.0], [0.0], [1], [20.0, 20.0])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"at_s": [2.0, 1.0]}, "call 1 cannot"),
        ({"at_s": [-1.0, 1.0]}, "call 0 cannot"),
        ({"at_s": [1.0, inf]}, "call 1 cannot"),
        ({"at_s": [nan, 1.0]}, "call 0 cannot"),
        ({"class_of": [0, 2]}, "call 1 cannot"),
        ({"class_of": [-1, 0]}, "call 0 cannot"),
        ({"head_start_s": [0.0, nan]}, "call 1 cannot"),
        ({"service_s": [inf, 1.0]}, "call 0 cannot"),
        ({"service_s": [1.0, -1.0]}, "call 1 cannot"),
        ({"patience_s": [1.0, nan]}, "call 1 cannot"),
        ({"patience_s": [1.0]}, "not one of everything"),
        ({"agents": [1, 2]}, "change of shift"),
        ({"agents": [-1]}, "change of shift"),
        ({"changes_s": [3.0, 2.0], "agents": [1, 1]}, "not in order"),
        ({"changes_s": [nan]}, "not in order"),
    ],
)
def test_what_cannot_be_played_is_refused(queue_day: ModuleType, wrong: dict[str, Any], said: str) -> None:
    assert played(queue_day, GOOD)[:2] == ([0.0, 2.0], [SERVED, SERVED])
    with pytest.raises(ValueError, match=said):
        played(queue_day, GOOD._replace(**wrong))


def test_values_of_a_class_that_is_not_there_are_not_drawn(queue_day: ModuleType) -> None:
    draws, into = queue_day.Draws(1, 1), array("d", [0, 0])
    for class_of in (array("i", [0, 1]), array("i", [0]), array("i", [-1, 0])):
        with pytest.raises(ValueError, match="class"):
            draws.exponential(array("d", [1.0]), class_of, into)
    for ends in ([0], [3], [2, 2]):
        with pytest.raises(ValueError, match="no values"):
            draws.resampled(array("d", [1.0, 2.0]), array("i", ends), array("i", [0, 0]), into)


def test_a_tally_that_does_not_fit_is_refused(queue_day: ModuleType) -> None:
    columns = [array(kind, values) for kind, values in zip("diddddid", GOOD, strict=True)]
    with pytest.raises(ValueError, match="tally"):
        queue_day.play(*columns, 0.0, array("d", [0, 0]), array("b", [0, 0]), array("d", [0]))
