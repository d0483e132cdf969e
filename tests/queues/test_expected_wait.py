"""The wait that is expected: what the formula says where the answer is known, and that it beats app_queue's average."""

from __future__ import annotations

import random
from heapq import heappop, heappush

import pytest

from asterisk_router.queues.ageing import priority_of
from asterisk_router.queues.events import (
    AgentCompleted,
    AgentConnected,
    AgentRung,
    CallerJoined,
    CallerLeft,
    CallerListed,
    LineListed,
    MemberListed,
    QueueListed,
)
from asterisk_router.queues.expected_wait import DAY_S
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.live_queue import QueueFacts

NOW = 1_800_000_000.0


def agents(count: int, status: int = 1, first: int = 0) -> tuple[MemberListed, ...]:
    return tuple(MemberListed(f"PJSIP/a{first + n}", status=status) for n in range(count))


def callers(count: int, head_start_s: int = 0, waited_s: int = 0) -> tuple[CallerListed, ...]:
    priority = priority_of(head_start_s, NOW - waited_s)
    return tuple(CallerListed(f"u{n}", f"PJSIP/t-{n}", n + 1, waited_s, priority) for n in range(count))


def line_of(*queues: QueueListed, handling_s: int = 120) -> LiveLine:
    line = LiveLine("berlin")
    line.set_queue_facts({queue.queue: QueueFacts(0, handling_s) for queue in queues})
    line.apply(LineListed(queues), NOW)
    line.heard(NOW)
    return line


# where the answer is known


def test_while_somebody_is_free_for_each_there_is_no_wait() -> None:
    line = line_of(QueueListed("sales", agents(3), callers(2)))
    assert line.expected_wait_s("sales", NOW) == 0


def test_while_nobody_is_logged_in_it_is_a_day() -> None:
    away = (*agents(1, status=5), MemberListed("PJSIP/b", paused=True, status=1))
    assert line_of(QueueListed("sales", away)).expected_wait_s("sales", NOW) == DAY_S
    assert line_of(QueueListed("sales")).expected_wait_s("sales", NOW) == DAY_S


def test_who_pauses_while_talking_takes_nobody_afterwards() -> None:
    last_call = MemberListed("PJSIP/b", paused=True, status=2)
    assert line_of(QueueListed("sales", (last_call,))).expected_wait_s("sales", NOW) == DAY_S
    assert line_of(QueueListed("sales", (last_call, *agents(2, status=2)))).expected_wait_s("sales", NOW) == 60


@pytest.mark.parametrize(("crew", "ahead"), [(1, 0), (4, 0), (4, 3), (10, 25)])
def test_by_lot_each_caller_ahead_costs_one_turn_of_the_crew(crew: int, ahead: int) -> None:
    line = line_of(QueueListed("sales", agents(crew, status=2), callers(ahead)))
    assert line.expected_wait_s("sales", NOW) == round((ahead + 1) * 120 / crew)


def test_callers_who_take_the_free_agents_are_turns_less() -> None:
    line = line_of(QueueListed("sales", (*agents(2), *agents(2, 2, first=2)), callers(3)))
    assert line.expected_wait_s("sales", NOW) == (3 + 1 - 2) * 120 / 4


def test_a_head_start_passes_those_of_lower_rank() -> None:
    line = line_of(QueueListed("sales", agents(1, status=2), callers(5, waited_s=60)))
    assert line.expected_wait_s("sales", NOW) == 6 * 120
    assert line.expected_wait_s("sales", NOW, head_start_s=60) == 6 * 120
    assert line.expected_wait_s("sales", NOW, head_start_s=61) == 120


def test_four_agents_of_two_queues_are_four_agents() -> None:
    crew = agents(4, status=2)
    line = line_of(QueueListed("sales", crew, callers(3)), QueueListed("support", crew, callers(4)))
    alone = line_of(QueueListed("sales", crew, callers(7)))
    assert line.expected_wait_s("sales", NOW) == alone.expected_wait_s("sales", NOW) == 8 * 120 / 4


def test_a_queue_that_shares_some_agents_costs_no_more_than_one_that_shares_all() -> None:
    crew = agents(4, status=2)
    waits_s = [
        line_of(QueueListed("sales", crew, callers(3)), QueueListed("support", crew[:shared], callers(4))) \
        .expected_wait_s("sales", NOW)
        for shared in range(1, 5)
    ]  # fmt: skip
    alone_s = line_of(QueueListed("sales", crew, callers(3))).expected_wait_s("sales", NOW)
    assert all(wait_s is not None and alone_s is not None and wait_s > alone_s for wait_s in waits_s)


def test_callers_of_another_queue_with_lower_rank_are_passed() -> None:
    crew = agents(2, status=2)
    line = line_of(QueueListed("sales", crew), QueueListed("support", crew, callers(6, waited_s=30)))
    assert line.expected_wait_s("sales", NOW, head_start_s=40) == 60
    assert line.expected_wait_s("sales", NOW) == 7 * 60


def rings(line: LiveLine, uniqueid: str, *names: str) -> None:
    for name in names:
        line.apply(AgentRung("sales", uniqueid, f"PJSIP/{name}", name), NOW)


@pytest.mark.parametrize("crew", [1, 4])
def test_who_is_rung_for_takes_one_turn_and_not_two(crew: int) -> None:
    line = line_of(QueueListed("sales", agents(crew), callers(crew)))
    assert line.expected_wait_s("sales", NOW) == 120 / crew
    for number in range(crew):
        rings(line, f"u{number}", f"a{number}")
    assert line.expected_wait_s("sales", NOW) == 120 / crew
    other = line_of(QueueListed("sales", agents(crew, status=2), callers(crew)))
    rings(other, "u0", "a0")  # ringinuse=yes
    assert other.expected_wait_s("sales", NOW) == (crew + 1) * 120 / crew, "they talk on all the same"


def test_of_all_who_are_rung_for_one_caller_one_is_taken() -> None:
    line = line_of(QueueListed("sales", agents(3), callers(1)))
    rings(line, "u0", "a0", "a1", "a2")
    assert line.expected_wait_s("sales", NOW) == 0


def test_talks_that_are_all_alike_are_counted_down() -> None:
    line = line_of(QueueListed("sales", agents(2)), handling_s=0)
    for number in range(200):
        line.apply(AgentCompleted("sales", f"old{number}", "PJSIP/a0", "", 0, 100, "caller"), NOW)
    for agent, since_s in (("PJSIP/a0", NOW), ("PJSIP/a1", NOW + 40)):
        line.apply(AgentConnected("sales", agent, agent, agent, "", 0, 0), since_s)
    line.heard(NOW + 90)
    soon, later = line.expected_wait_s("sales", NOW + 50), line.expected_wait_s("sales", NOW + 80)
    assert soon is not None and later is not None
    assert later < soon < 60 and later < 35


def test_a_wrap_up_is_over_when_it_is_over() -> None:
    line = LiveLine("berlin")
    line.set_queue_facts({"sales": QueueFacts(30, 150)})
    line.apply(
        LineListed((QueueListed("sales", (MemberListed("PJSIP/a", status=1, last_call_at_s=int(NOW) - 10),)),)), NOW
    )
    line.heard(NOW)
    assert line.expected_wait_s("sales", NOW) == 20


# against app_queue's own average, on random loads


class Centre:
    """A call centre played through events: queues that share agents, callers served by rank."""

    def __init__(self, seed: int, crews: dict[str, range], handling_s: dict[str, float], sigma: float | None) -> None:
        self.dice = random.Random(seed)
        self.crews, self.handling_s, self.sigma = crews, handling_s, sigma
        self.line = LiveLine("berlin")
        self.line.apply(LineListed(tuple(QueueListed(name, agents_of(crew)) for name, crew in crews.items())), NOW)
        self.idle = {agent for crew in crews.values() for agent in crew}
        self.waiting: list[tuple[int, int, str, float]] = []
        self.counts = dict.fromkeys(crews, 0)
        self.holdtime_s = dict.fromkeys(crews, 0)
        self.promised: dict[int, tuple[float, float]] = {}
        self.errors: list[tuple[float, float]] = []

    def play(self, arrivals: list[tuple[float, str, int]], settled: int) -> tuple[float, float]:
        """Mean absolute errors, ours and app_queue's, over the callers after the first `settled`."""
        ends: list[tuple[float, int, int, str, float]] = []
        coming = 0
        while coming < len(arrivals) or ends:
            if coming < len(arrivals) and (not ends or arrivals[coming][0] <= ends[0][0]):
                at_s, queue, head_start_s = arrivals[coming]
                self.arrive(at_s, queue, head_start_s, coming)
                coming += 1
            else:
                at_s, number, agent, queue, talked_s = heappop(ends)
                self.happened(
                    AgentCompleted(queue, f"u{number}", f"PJSIP/a{agent}", "", 0, int(talked_s), "caller"), at_s
                )
                self.idle.add(agent)
            for start in self.starts(at_s):
                heappush(ends, start)
        ours, theirs = zip(*self.errors[settled:], strict=True)
        return sum(ours) / len(ours), sum(theirs) / len(theirs)

    def happened(self, event: CallerJoined | CallerLeft | AgentConnected | AgentCompleted, at_s: float) -> None:
        self.line.apply(event, at_s)
        self.line.heard(at_s)

    def arrive(self, at_s: float, queue: str, head_start_s: int, number: int) -> None:
        self.line.heard(at_s)
        expected_s = self.line.expected_wait_s(queue, at_s, head_start_s)
        assert expected_s is not None
        self.promised[number] = expected_s, self.holdtime_s[queue]
        priority = priority_of(head_start_s, at_s)
        place = 1 + sum(other[2] == queue and (other[0], other[1]) < (-priority, number) for other in self.waiting)
        self.waiting.append((-priority, number, queue, at_s))
        self.waiting.sort()
        self.counts[queue] += 1
        self.happened(CallerJoined(queue, f"u{number}", "", "c", place, self.counts[queue], priority), at_s)
        assert not self.line.doubtful

    def starts(self, at_s: float) -> list[tuple[float, int, int, str, float]]:
        started = []
        for caller in list(self.waiting):
            _, number, queue, since_s = caller
            agent = min(self.idle & set(self.crews[queue]), default=None)
            if agent is None:
                continue
            self.waiting.remove(caller)
            self.idle.remove(agent)
            self.counts[queue] -= 1
            waited_s, interface = at_s - since_s, f"PJSIP/a{agent}"
            self.happened(CallerLeft(queue, f"u{number}", self.counts[queue]), at_s)
            self.happened(AgentConnected(queue, f"u{number}", "", interface, "", int(waited_s), 0), at_s)
            self.holdtime_s[queue] = (3 * self.holdtime_s[queue] + int(waited_s)) >> 2  # recalc_holdtime()
            expected_s, holdtime_s = self.promised.pop(number)
            self.errors.append((abs(expected_s - waited_s), abs(holdtime_s - waited_s)))
            talked_s = self.talk(queue)
            started.append((at_s + talked_s, number, agent, queue, talked_s))
        return started

    def talk(self, queue: str) -> float:
        mean_s = self.handling_s[queue]
        if self.sigma is None:
            return self.dice.expovariate(1 / mean_s)
        return mean_s * self.dice.lognormvariate(-(self.sigma**2) / 2, self.sigma)


def agents_of(crew: range) -> tuple[MemberListed, ...]:
    return agents(len(crew), first=crew.start)


def poisson(
    dice: random.Random, load: float, centre: Centre, calls: int, head_starts_s: list[int]
) -> list[tuple[float, str, int]]:
    """Arrivals whose work fills `load` of the agents' time, with an hour's tide of a quarter up and down."""
    crew = len({agent for crew in centre.crews.values() for agent in crew})
    mean_s = sum(centre.handling_s.values()) / len(centre.handling_s)
    at_s, arrivals = NOW, []
    for _ in range(calls):
        tide = 1.25 if int((at_s - NOW) / 3600) % 2 else 0.75
        at_s += dice.expovariate(tide * load * crew / mean_s)
        arrivals.append((at_s, dice.choice(list(centre.crews)), dice.choice(head_starts_s)))
    return arrivals


LOADS = {
    "one agent": ({"sales": range(1)}, {"sales": 90.0}, None, 0.75, [0]),
    "four agents": ({"sales": range(4)}, {"sales": 180.0}, None, 0.9, [0]),
    "ten agents, calls less scattered": ({"sales": range(10)}, {"sales": 240.0}, 0.5, 0.95, [0]),
    "four agents, alike": ({"sales": range(4)}, {"sales": 180.0}, 0.1, 0.9, [0]),
    "two queues share four agents": (
        {"sales": range(4), "support": range(4)}, {"sales": 120.0, "support": 240.0}, None, 0.9, [0],
    ),
    "two queues share some agents": (
        {"sales": range(4), "support": range(2, 6)}, {"sales": 180.0, "support": 180.0}, None, 0.9, [0],
    ),
    "head starts": ({"sales": range(4)}, {"sales": 180.0}, None, 0.9, [0, 0, 0, 60, 600]),
}  # fmt: skip


@pytest.mark.parametrize("load", LOADS)
def test_it_is_better_than_app_queue_s_average(load: str) -> None:
    crews, handling_s, sigma, used, head_starts_s = LOADS[load]
    ours, theirs = 0.0, 0.0
    for seed in range(3):
        centre = Centre(seed, crews, handling_s, sigma)
        arrivals = poisson(random.Random(seed + 100), used, centre, 1500, head_starts_s)
        one, other = centre.play(arrivals, settled=100)
        ours, theirs = ours + one / 3, theirs + other / 3
    print(f"{load}: mean absolute error {ours:.1f} s, app_queue's average {theirs:.1f} s")
    assert ours < 0.8 * theirs
