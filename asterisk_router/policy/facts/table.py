"""Everything a policy can ask about a call, in one table: the checker, the compiler and the document follow it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ...numbering.number import NumberKind

FactType = Literal["flag", "number", "word", "level", "time", "duration"]
"""How a fact is compared: `flag` stands alone, `number` and `duration` have an order, `time` is `HH:MM`,
`word` is equal or not, `level` is one of a few ordered bare words."""

Source = Literal["clock", "line", "call", "caller", "live", "class"]
"""What a fact depends on: `clock` and `line` facts are read once a minute and once a line, not once a call."""

TRUST_LEVELS = ("E0", "E1", "E2", "E3", "E4")
"""Words of `trust`, lowest first."""

PRESSURE_LEVELS = ("calm", "busy", "overloaded")
"""Words of `pressure(...)`, lowest first."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Words of `weekday`."""

NUMBER_KINDS: tuple[NumberKind, ...] = ("e164", "internal", "short", "emergency", "withheld", "malformed")
"""Words of `number_kind`."""


class Fact(NamedTuple):
    """One thing a policy can ask."""

    name: str
    """As written in `when`, e.g. `calls`, `line.kind`, `queue.free`."""
    arguments: str
    """What stands in the brackets: `` for none, `tag`, `prefix`, `matter`, `class`, `schedule`, `holidays`,
    `queue`, `agent`, `percent`, or `window` for `days=` / `hours=`."""
    type: FactType
    """How it is compared."""
    source: Source
    """What it depends on; `live` facts read unknown without a live line, or when it is lost or too old."""
    meaning: str
    """What it says about the call, for the document; names when it is unknown."""
    words: tuple[str, ...] = ()
    """For `level` and for words from a closed list: all of them."""
    refers: str = ""
    """For words that must be defined in the policy: the section (`lines`, `projects`, `agents`), or the
    field of the lines (`line.kind`)."""
    many: bool = False
    """Whether a caller has a handful of them out of very many (tags): indexed by those the caller has."""


_STORE = "Unknown when the number is withheld or the store failed."

_LIVE = "Unknown when the live line is."

FACTS: tuple[Fact, ...] = (
    Fact(
        "tag",
        "tag",
        "flag",
        "caller",
        f"The caller, or their number range, carries the tag, it has not expired and the number has the "
        f"trust it asks for. {_STORE}",
        many=True,
    ),
    Fact("seen", "", "flag", "caller", f"The caller is on record or has called before. {_STORE}"),
    Fact(
        "calls",
        "window",
        "number",
        "caller",
        f"Earlier calls within the last `days=` or `hours=` (at most the 16 latest are counted), or "
        f"ever without them. {_STORE}",
    ),
    Fact(
        "answered",
        "window",
        "number",
        "caller",
        f"Those of them that somebody answered. Unknown also when the end of one of them is not known. {_STORE}",
    ),
    Fact(
        "missed",
        "window",
        "number",
        "caller",
        f"Those of them that nobody answered. Unknown also when the end of one of them is not known. {_STORE}",
    ),
    Fact(
        "missed_since_answer",
        "",
        "number",
        "caller",
        f"Calls missed since the caller last spoke with somebody. Unknown also when the end of one of "
        f"them is not known. {_STORE}",
    ),
    Fact(
        "days_since_last_call",
        "",
        "number",
        "caller",
        f"Whole days since the latest earlier call. Unknown also when there was none. {_STORE}",
    ),
    Fact(
        "value",
        "",
        "number",
        "caller",
        f"Revenue with the caller so far, in whole units of the house currency. {_STORE}",
    ),
    Fact("orders", "", "number", "caller", f"Orders the caller placed. {_STORE}"),
    Fact(
        "open_matter",
        "matter",
        "flag",
        "caller",
        f"Something of that kind is open with the caller: 'incident', 'complaint', 'deal'. {_STORE}",
        many=True,
    ),
    Fact("own_agent", "", "flag", "caller", f"The caller has an account manager who is in `[agents]`. {_STORE}"),
    Fact(
        "last_agent",
        "",
        "word",
        "caller",
        f"The agent who last spoke with the caller. Unknown also when there was none. {_STORE}",
        refers="agents",
    ),
    Fact(
        "language",
        "",
        "word",
        "call",
        "Language of the caller on record, else of the line, else of the channel, without its country: "
        "'en' also for en_GB.",
    ),
    Fact(
        "country",
        "",
        "word",
        "call",
        "Country of the number in two capitals, '001' for numbers of no country, '' for internal and "
        "short ones. Unknown without a number.",
    ),
    Fact("number_kind", "", "word", "call", "What the caller ID turned out to be.", words=NUMBER_KINDS),
    Fact(
        "prefix",
        "prefix",
        "flag",
        "call",
        "The canonical number begins so: prefix('+4212'). Unknown without a number.",
        many=True,
    ),
    Fact(
        "trust",
        "",
        "level",
        "call",
        "How far the number is believed: E0 not at all, E1 a bare number, E2 attested B or asserted by "
        "a trunk that screens, E3 attested A or one of our own, E4 proven in the call.",
        words=TRUST_LEVELS,
    ),
    Fact(
        "attestation",
        "",
        "word",
        "call",
        "STIR/SHAKEN attestation as the trunk gave it, verified or not; '' without one.",
        words=("A", "B", "C", ""),
    ),
    Fact(
        "share",
        "percent",
        "flag",
        "call",
        "The caller belongs to the given percentage of all numbers, always the same ones. Unknown without a number.",
    ),
    Fact("line", "", "word", "line", "The line (DID) that was called.", refers="lines"),
    Fact("line.kind", "", "word", "line", "What the line is for.", refers="line.kind"),
    Fact("line.campaign", "", "word", "line", "The campaign that advertises the line.", refers="line.campaign"),
    Fact("line.open", "", "flag", "call", "The line's own schedule is open. Unknown when the line has none."),
    Fact("project", "", "word", "line", "The client for whom the line is answered.", refers="projects"),
    Fact("trunk", "", "word", "call", "The trunk or endpoint the call came in by."),
    Fact("choice", "", "word", "call", "What the caller chose in a menu before, '' at the first ring."),
    Fact("redirected", "", "flag", "call", "Somebody diverted the call here."),
    Fact("degraded", "", "flag", "call", "The store failed: nothing is known about the caller but the number."),
    Fact("open", "schedule", "flag", "clock", "The schedule is open now."),
    Fact("holiday", "holidays", "flag", "clock", "Today is in that list of `[holidays]`, in the policy's time zone."),
    Fact("weekday", "", "word", "clock", "Day of the week in the policy's time zone.", words=WEEKDAYS),
    Fact("hour", "", "number", "clock", "Hour of the day, 0 to 23, in the policy's time zone."),
    Fact("time", "", "time", "clock", "Time of the day in the policy's time zone: time >= '18:30'."),
    Fact("in_class", "class", "flag", "class", "The call was classified so; for `[[treat]]` and `[[bonus]]` only."),
    Fact("queue.free", "queue", "number", "live", f"Agents of the queue who could take a call now. {_LIVE}"),
    Fact("queue.waiting", "queue", "number", "live", f"Callers waiting in the queue. {_LIVE}"),
    Fact(
        "queue.longest_wait",
        "queue",
        "duration",
        "live",
        f"How long the one who waits longest has been waiting: queue('sales').longest_wait > '2m'. {_LIVE}",
    ),
    Fact(
        "queue.expected_wait",
        "queue",
        "duration",
        "live",
        f"How long a caller who enters the queue now, without a head start, will wait; a day when nobody is logged in "
        f"there. {_LIVE}",
    ),
    Fact(
        "pressure",
        "queue",
        "level",
        "live",
        f"How hard the queue is pressed, by its expected wait, `busy_from` and `overloaded_from`. {_LIVE}",
        words=PRESSURE_LEVELS,
    ),
    Fact(
        "under_bar",
        "queue",
        "flag",
        "live",
        "The caller's value does not reach the `value_bar` that holds now. Never of a protected class, of whoever has "
        "an open incident, or of whoever was missed since somebody last spoke with them. Unknown when the load, the "
        "value or the history is; for `[[treat]]` and `[[bonus]]` only.",
    ),
    Fact(
        "agent.free",
        "agent",
        "flag",
        "live",
        "The agent's desk could be rung now; agent(own) is the caller's account manager, agent(last) the one who "
        "last spoke with them, agent('anna') one by name. Unknown also when the caller has none.",
    ),
)
"""In the order of the document."""

FACT_BY_NAME = {fact.name: fact for fact in FACTS}
"""The same, by name."""

ARGUMENT_FORMS = {
    "": "",
    "tag": "('vip')",
    "prefix": "('+4212')",
    "matter": "('incident')",
    "class": "('vip')",
    "schedule": "('office')",
    "holidays": "('sk')",
    "queue": "('sales')",
    "agent": "(own)",
    "percent": "(10)",
    "window": "(days=7)",
}
"""How each kind of argument is written, for messages and the document."""


def written(fact: Fact) -> str:
    """The fact as one would write it: `queue('sales').free`, `calls(days=7)`."""
    head, _, attribute = fact.name.partition(".")
    if not fact.arguments:
        return fact.name
    return head + ARGUMENT_FORMS[fact.arguments] + (f".{attribute}" if attribute else "")


class FactUse(NamedTuple):
    """A fact as one condition asks it, arguments and all; equal uses are read once a call."""

    fact: Fact
    """Which fact."""
    argument: str | int = ""
    """The tag, prefix, matter, class, schedule, queue or agent; the percentage of `share`; the window in
    seconds, 0 for ever."""

    @property
    def of_caller(self) -> bool:
        """Whether it depends on who is calling, though its fact is one of the live line."""
        return self.fact.name == "under_bar" or self.argument in ("own", "last") and self.fact.arguments == "agent"

    @property
    def of_record(self) -> bool:
        """Whether it is read from what is known of the caller alone, so that of every stranger it says the same."""
        return self.fact.source == "caller" or self.of_caller and self.fact.name != "under_bar"

    def __str__(self) -> str:
        head, _, attribute = self.fact.name.partition(".")
        tail = f".{attribute}" if attribute else ""
        if not self.fact.arguments:
            return self.fact.name
        if self.fact.arguments == "window":
            if not isinstance(self.argument, int) or not self.argument:
                return f"{head}()"
            days, rest = divmod(self.argument, 86400)
            return f"{head}(hours={self.argument // 3600})" if rest else f"{head}(days={days})"
        bare = self.fact.arguments == "agent" and self.argument in ("own", "last")
        return f"{head}({self.argument if bare else repr(self.argument)}){tail}"


Value = str | int | bool | None
"""A fact's value: times are minutes, durations seconds, levels their rank; None is unknown."""
