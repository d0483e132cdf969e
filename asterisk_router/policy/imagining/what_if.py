"""What would have to change for another outcome: found in the compiled terms, proven by deciding the changed call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..explain import shown
from ..situation import Situation
from .as_written import as_written
from .calls import WIDTH, Imagination
from .demands import Demand, demands_of, terms_of

if TYPE_CHECKING:
    from ..policy import Policy

Would = Literal["win", "lose", "add", "not add"]
"""What the rule would do: decide a list, decide it no longer, add its bonus, add it no longer."""

MOST_TRIES = 24
"""Changed calls that are decided for one rule before it is given up."""

MOST_BROKEN = 3
"""Facts that may have to change for a rule to lose."""

STEPS = ("classify", "treat", "bonus")
"""The lists of rules, in order."""

SET_ASIDE = "a guard rail would set it aside"
"""How a reason begins where a rule matches and still may not decide."""

Won = tuple[int, ...]
"""What a walk returns: the classify rule, the treat rule, the bonus rules."""


class Change(NamedTuple):
    """One fact that would have to read otherwise."""

    fact: str
    """As a policy writes it: `value`, `queue('sales').free`."""
    seen: str
    """What it reads now; `unknown` for nothing."""
    instead: str
    """What it would read: one value that will do, the nearest that was found."""


class WhatIf(NamedTuple):
    """One rule, and the fewest facts by which it would do otherwise than it did."""

    step: str
    """`classify`, `treat` or `bonus`."""
    name: str
    """The rule's name."""
    where: str
    """`file:line`."""
    would: Would
    """What it would do."""
    changes: tuple[Change, ...]
    """The facts of the rule that would have to change; empty where no change was found."""
    call: dict[str, Any]
    """How to imagine such a call: what to change, in the keys of a `[[test]]`."""
    then: dict[str, Any]
    """The fields of the decision that would be different, by name."""
    why_not: str
    """Why no change was found; empty where one was."""


def what_ifs(policy: Policy, s: Situation) -> list[WhatIf]:
    """For each rule that was tried in vain, what makes it win; for each that won or added, what ends that.

    Nothing of a tainted call is believed, so nothing in it would change the outcome. Every answer was decided by the
    policy before it is given. Asks `policy` about lines nobody has, which makes it forget what it remembers of its
    own: not for a policy that decides calls meanwhile.
    """
    if s.call.tainted:
        return []
    found = _Search(policy, s)
    classify, treat, *bonuses = found.won
    asked: list[tuple[int, int, Would]] = [(0, index, "win") for index in range(classify)]
    asked.append((0, classify, "lose"))
    last = treat if treat >= 0 else len(policy.rules["treat"])
    asked += [(1, index, "win") for index in range(last)]
    asked += [(1, treat, "lose")] if treat >= 0 else []
    for index in range(len(policy.rules["bonus"])):
        asked.append((2, index, "not add" if index in bonuses else "add"))
    return [found.what_if(*each) for each in asked]


class _Search:
    """Looks for calls beside one call."""

    def __init__(self, policy: Policy, s: Situation) -> None:
        self._policy = policy
        self._s = s
        self._read = policy.gatherer.seen_by(s)
        self._imagination = Imagination(policy)
        self._space = policy.compiled.space
        self.won, self._held = policy.walk_within_rails(s)
        self._class = policy.rules["classify"][self.won[0]].fields["class"]
        self._decision = policy.decide_as_it_stands(s)

    def what_if(self, step: int, index: int, would: Would) -> WhatIf:
        """The fewest changes after which a rule does what it would, or why there are none."""
        rule = self._policy.rules[STEPS[step]][index]
        place = (STEPS[step], rule.name, rule.where, would)
        ways, why_not = self._ways(step, index, would in ("win", "add"))
        if why_not:
            return WhatIf(*place, (), {}, {}, why_not)
        why_not = f"nothing found that leaves the class {self._class}" if step else "nothing found"
        for demands in ways:
            for wanted, changed in self._tried(step, index, would, demands):
                won, held = self._policy.walk_within_rails(changed)
                if self._does(won, step, index, would):
                    changes = self._changes(wanted, changed)
                    call = as_written(self._policy, self._s, changed)
                    return WhatIf(*place, changes, call, self._differences(changed), "")
                if (STEPS[step], index) in held.aside:
                    why_not = f"{SET_ASIDE} ({held.why})"
        return WhatIf(*place, (), {}, {}, why_not)

    def _tried(
        self, step: int, index: int, would: Would, demands: Sequence[Demand]
    ) -> Iterator[tuple[Sequence[Demand], Situation]]:
        """Changed calls that meet the demands; and of those that an earlier rule takes, some that it does not."""
        taken: dict[int, Situation] = {}
        for changed in islice(self._imagination.meeting(self._s, demands), MOST_TRIES):
            yield demands, changed
            winner = self._policy.walk(changed)[step] if step < 2 else -1
            if would == "win" and 0 <= winner < index:
                taken.setdefault(winner, changed)
        for winner, changed in taken.items():
            for broken in self._broken(self._holding(step, winner, changed)):
                wanted = [*demands, *broken]
                for freed in islice(self._imagination.meeting(changed, wanted), WIDTH):
                    yield wanted, freed

    def _ways(self, step: int, index: int, hold: bool) -> tuple[list[list[Demand]], str]:
        """Demands that make a rule match or fail, those that change fewest facts first; or why there are none."""
        if (STEPS[step], index) in self._held.aside:
            return [], f"{SET_ASIDE} ({self._held.why})"
        compiled = self._policy.compiled.steps[step]
        own = self._space.classes[self._class]
        ways = [demands_of(term, self._space) for term in terms_of(compiled.terms, compiled.rules, index, own)]
        if hold:
            if not ways:
                return [], f"not for class {self._class}"
            return sorted(ways, key=lambda demands: len(self._lacking(demands))), ""
        broken = self._broken(self._holding(step, index, self._s))
        if not broken:
            return [], "it matches every call" if step == 0 else f"it matches every call of class {self._class}"
        return broken, ""

    def _holding(self, step: int, index: int, s: Situation) -> list[list[Demand]]:
        """The alternatives of a rule that hold of a call."""
        compiled, rules = self._policy.compiled.steps[step], self._policy.rules["classify"]
        own = self._space.classes[rules[self._policy.walk(s)[0]].fields["class"]]
        read = self._policy.gatherer.seen_by(s)
        ways = [demands_of(term, self._space) for term in terms_of(compiled.terms, compiled.rules, index, own)]
        return [demands for demands in ways if all(demand.fits(read(demand.use)) for demand in demands)]

    def _broken(self, holding: Sequence[Sequence[Demand]]) -> list[list[Demand]]:
        """Ways to break every alternative that holds, one demand of each; none where one demands nothing."""
        found: list[list[Demand]] = []
        for picked in islice(product(*holding), 256):
            broken = list(dict.fromkeys(demand.denied() for demand in picked))
            if len(broken) <= MOST_BROKEN and broken not in found:
                found.append(broken)
        return sorted(found, key=len)

    def _lacking(self, demands: Sequence[Demand]) -> list[Demand]:
        return [demand for demand in demands if not demand.fits(self._read(demand.use))]

    def _does(self, won: Won, step: int, index: int, would: Would) -> bool:
        """Whether a rule does what it would; of a treat or bonus rule only if the class is still the same."""
        if step == 0:
            return (won[0] == index) == (would == "win")
        if self._policy.rules["classify"][won[0]].fields["class"] != self._class:
            return False
        if step == 1:
            return (won[1] == index) == (would == "win")
        return (index in won[2:]) == (would == "add")

    def _changes(self, demands: Sequence[Demand], changed: Situation) -> tuple[Change, ...]:
        read = self._policy.gatherer.seen_by(changed)
        return tuple(
            Change(_NAMES.get(str(use), str(use)), shown(use, self._read(use)), shown(use, read(use)))
            for use in dict.fromkeys(demand.use for demand in self._lacking(demands))
        )

    def _differences(self, changed: Situation) -> dict[str, Any]:
        now, then = self._decision._asdict(), self._policy.decide_as_it_stands(changed)._asdict()
        return {name: value for name, value in then.items() if value != now[name]}


_NAMES = {"identified": "caller known to the store", "numbered": "number shown"}
"""Facts that no policy writes."""
