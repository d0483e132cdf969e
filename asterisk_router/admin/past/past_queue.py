"""A queue of a log played again: as it was, and as policies would have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from ...errors import RouterError
from ...policy.file.words import nearest
from ...replay.decided_calls import decided_calls
from ...replay.past_call import UNKNOWN, LoggedCall
from ...replay.queue_simulation import Arrivals, ClassFigures, Shifts, differences, estimate, replicated
from ...replay.reconstruction import Past, PastQueueCall
from .simulations import PROMISED_S, SHOWN, ClassEstimate

if TYPE_CHECKING:
    from ...policy.policy import Policy
    from ...replay.decisions import Side
    from ...replay.intervals import Interval
    from .log_reader import PastLog

FEWEST: Final = 50
"""Of a class with fewer calls nothing sure can be said: it is counted with the others."""

OTHERS: Final = "(others)"
"""The classes with fewer."""

AT_ONCE: Final = "a caller who hung up before they waited"
"""Why a call is left out: nobody was asked for."""

NO_WAIT: Final = "a call whose wait the log does not tell"
"""Why a call is left out."""

IN_THE_LOG: Final = "the order of the log"
"""What decides where no policy does: head starts that the log tells, else who came first goes first."""

ASSUMED: Final = (
    "callers, when they called and how long they talked are those of the log; talks of those who hung up are drawn "
    "from their class",
    "who hung up is as patient as then; who was answered, as those of the class who waited so long and on",
    "agents are alike and answer at once; head starts are those decided for each call, load of the line unknown, "
    "claims of bare numbers granted unless the log tells that they were refused",
    "nobody calls again; of who leaves for another branch nothing more is simulated",
)
"""What the figures rest on, whoever the agents are."""

INFERRED: Final = (
    "agents were there from call to call, away after five minutes without one while callers waited; a shorter pause is "
    "work after the call"
)
"""What is assumed of agents whom the log tells."""

GIVEN: Final = "agents are there as said; work after a call takes no time but what the log shows between two calls"
"""What is assumed of agents whom the command line tells."""


class PastClass(NamedTuple):
    """A class of the queue."""

    name: str
    """As the policy names it, or OTHERS."""
    promised_wait_s: float
    """The wait within which an answer is in time."""
    log: ClassFigures
    """What became of its calls then."""


Order = list[float | None]
"""The head start of each call in seconds; None for one that does not come to the queue."""


class _Row(NamedTuple):
    call: LoggedCall
    sides: Sequence[Side]
    was_here: bool


class PastQueue:
    """One queue of a log, with what each of some policies decides for its callers.

    Orders are counted: those of the policies from 0, the last one (-1) is that of the log.
    """

    def __init__(self, log: PastLog, policies: Sequence[Policy], queue: str) -> None:
        """`queue` is empty where the log is of one queue; classes are those of the first policy.

        Raises ColumnMapError for a log that does not tell what is needed, RouterError for one of several queues, or
        without a call.
        """
        log.needs("wait_s", "talk_s", for_what="simulate --log")
        self.left_out: Counter[str] = Counter()
        """Calls that are left out, by why."""
        rows = self._rows(log, policies, queue)
        self.calls = sum(row.was_here for row in rows)
        """Calls that asked for an agent of this queue."""
        if not rows:
            raise log.no_call()
        if not self.calls:
            named = nearest(queue, (row.call.queue for row in rows))
            raise RouterError(f"no call of the log waited in a queue {queue!r}", remedy=named)
        orders: list[Order] = [_order(rows, place, queue) for place in range(len(policies))]
        orders.append([float(max(row.call.head_start_s, 0)) if row.was_here else None for row in rows])
        come = [at for at in range(len(rows)) if any(order[at] is not None for order in orders)]
        rows = [rows[at] for at in come]
        self._orders = [[order[at] for at in come] for order in orders]
        self.classes, class_of = _classes(rows, policies[0])
        """The classes, most calls first."""
        calls = [_queue_call(number, row.call, class_of[number]) for number, row in enumerate(rows)]
        self._past = Past(calls, len(self.classes), seen=[calls[at] for at, row in enumerate(rows) if row.was_here])
        self.shifts = self._past.shifts
        """The agents, as their calls show them; none where the log does not tell who answered."""

    def sent_elsewhere(self, order: int) -> int:
        """Calls of the queue that a policy sends to another branch or queue."""
        pairs = zip(self._orders[-1], self._orders[order], strict=True)
        return sum(was is not None and now is None for was, now in pairs)

    def brought_in(self, order: int) -> int:
        """Calls of other queues that a policy sends to this one."""
        pairs = zip(self._orders[-1], self._orders[order], strict=True)
        return sum(was is None and now is not None for was, now in pairs)

    def mean_head_start_s(self, order: int) -> list[float]:
        """The mean head start of each class."""
        sums, counts = [0.0] * len(self.classes), [0] * len(self.classes)
        for call in self._past.calls:
            rank, at = self._orders[order][call.number], call.class_of or 0
            if rank is not None:
                sums[at] += rank
                counts[at] += 1
        return [whole / max(count, 1) for whole, count in zip(sums, counts, strict=True)]

    def played(
        self, order: int, shifts: Shifts, seed: int, replications: int, done: Callable[[int], None]
    ) -> list[tuple[ClassFigures, ...]]:
        """The figures by class of each replication; `done` is told how many are drawn."""
        ranks = self._orders[order]

        def draw(number: int) -> Arrivals:
            done(number + 1)
            return self._past.drawn(lambda call, chance: ranks[call.number], seed, number)

        return replicated(draw, shifts, [each.promised_wait_s for each in self.classes], replications)

    def _rows(self, log: PastLog, policies: Sequence[Policy], queue: str) -> list[_Row]:
        by_name = bool(queue) and log.tells("queue")
        rows = []
        for call, sides in decided_calls(log, policies, log.persons):
            if call.wait_s == UNKNOWN:
                self.left_out[NO_WAIT] += 1
            elif not call.answered and call.wait_s == 0:
                self.left_out[AT_ONCE] += 1
            else:
                rows.append(_Row(call, sides, call.queue == queue or not by_name))
        if not queue:
            _only_one("the log", Counter(row.call.queue for row in rows))
        return rows


def as_it_was(past: PastQueue) -> list[tuple[str, int, float, float, float, float, float]]:
    """Each class in the log: calls, promised wait, percent who waited, mean wait, percent in time and who hung up."""
    return [
        (
            each.name, int(each.log.offered), each.promised_wait_s, 100 * (each.log.share_that_waits or 0.0),
            each.log.mean_wait_s or 0.0, 100 * (each.log.service_level or 0.0), 100 * (each.log.abandonment or 0.0),
        )
        for each in past.classes
    ]  # fmt: skip


def estimated(past: PastQueue, order: int, days: Sequence[tuple[ClassFigures, ...]]) -> list[ClassEstimate]:
    """What is estimated of each class; without figures of one that does not come."""
    return _by_class(past, order, lambda at, figure: estimate([day[at] for day in days], figure))


def changed(
    past: PastQueue, order: int, before: Sequence[tuple[ClassFigures, ...]], after: Sequence[tuple[ClassFigures, ...]]
) -> list[ClassEstimate]:
    """What changes for each class where `order` holds (`after`) instead (`before`)."""
    return _by_class(
        past, order, lambda at, figure: differences([day[at] for day in before], [day[at] for day in after], figure)
    )


def _by_class(past: PastQueue, order: int, figure_of: Callable[[int, str], Interval]) -> list[ClassEstimate]:
    found = []
    for at, (each, granted_s) in enumerate(zip(past.classes, past.mean_head_start_s(order), strict=True)):
        figures = {}
        for figure in SHOWN:
            with suppress(ValueError):  # no replication has such a call
                figures[figure] = figure_of(at, figure)
        found.append(ClassEstimate(each.name, granted_s, each.promised_wait_s, figures))
    return found


def _only_one(whose: str, queues: Counter[str]) -> str:
    """The queue where no more than one is named; raises RouterError."""
    named = [f"{name} ({count} calls)" for name, count in queues.most_common() if name]
    if len(named) > 1:
        raise RouterError(f"queues of {whose}: {', '.join(named)}", remedy="simulate one at a time: --queue NAME")
    return next(filter(None, queues), "")


def _order(rows: Sequence[_Row], place: int, queue: str) -> Order:
    """What a policy makes of each call. One that names no queue at all leaves every call where it was."""
    sent = Counter(row.sides[place].queue for row in rows)
    if not any(sent):
        return [float(row.sides[place].head_start_s) if row.was_here else None for row in rows]
    queue = queue or _only_one("the policy", sent)
    return [float(row.sides[place].head_start_s) if row.sides[place].queue == queue else None for row in rows]


def _classes(rows: Sequence[_Row], policy: Policy) -> tuple[list[PastClass], list[int]]:
    """The classes by the first policy, and the class of each call."""
    counts = Counter(row.sides[0].caller_class for row in rows if row.was_here)
    names = [name for name, count in counts.most_common() if count >= FEWEST]
    places = {name: at for at, name in enumerate(names)}
    class_of = [places.get(row.sides[0].caller_class, len(names)) for row in rows]
    promised = [float(policy.class_fields(name).get("promised_wait", PROMISED_S)) for name in names]
    if len(names) in class_of:
        names, promised = [*names, OTHERS], [*promised, PROMISED_S]
    figures = [[0.0] * len(ClassFigures._fields) for _ in names]
    for row, at in zip(rows, class_of, strict=True):
        if row.was_here:
            _count(figures[at], row.call, promised[at])
    kept = zip(names, promised, figures, strict=True)
    return [PastClass(name, within_s, ClassFigures(*tally)) for name, within_s, tally in kept], class_of


def _count(tally: list[float], call: LoggedCall, promised_s: float) -> None:
    """One more call, as the kernel counts one."""
    answered = bool(call.answered)
    one = ClassFigures(
        1, answered, not answered, 0, answered and call.wait_s <= promised_s, call.wait_s > 0,
        answered * call.wait_s, (not answered) * call.wait_s,
    )  # fmt: skip
    for at, each in enumerate(one):
        tally[at] += each


def _queue_call(number: int, call: LoggedCall, class_of: int) -> PastQueueCall:
    answered = bool(call.answered)
    return PastQueueCall(
        call.at_s + call.menu_s, "", class_of, call.wait_s, answered, max(call.talk_s, 0) if answered else 0.0,
        call.agent, number,
    )  # fmt: skip
