"""What a class gets, refined: everything about a decision that does not depend on the single caller, made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..queues.expected_wait import DAY_S
from .decision import Decision
from .file.words import LANGUAGE, duration_of
from .guard.guard_rails import NOTHING_HELD, Held
from .guard.privileges import NOTHING, UNPROVEN, Withheld
from .live_view import LiveViews
from .situation import Situation

MOST_TONGUES = 256
"""Combinations of languages an outcome remembers before starting afresh: records of callers write them."""

AGENT_WAIT_S = 15
"""How long the preferred agent's desk rings unless the policy says otherwise."""

Words = Mapping[str, Callable[[Situation], str]]
"""How each word of a template is read from a call."""

Spoken = tuple[tuple[str, str, str, str, str, int], str]
"""The first six fields of a decision, and the language to set."""

_BRACES = re.compile(r"\{(\w+)\}")
_UNSAFE_IN_URL = re.compile(r"[^A-Za-z0-9._~-]")


class Agent(NamedTuple):
    """Somebody who answers."""

    name: str
    """As in `[agents.NAME]`."""
    full_name: str = ""
    """What people call them."""
    desk: str = ""
    """Interface rung first: `PJSIP/anna`."""
    mobile: str = ""
    """Interface rung next; empty for none."""
    languages: tuple[str, ...] = ()
    """Languages spoken."""
    skills: tuple[str, ...] = ()
    """Skills."""


class Won(NamedTuple):
    """A rule that took part in a decision."""

    step: str
    """`classify`, `treat` or `bonus`."""
    name: str
    """Its name."""
    where: str
    """`file:line`."""
    fields: Mapping[str, Any]
    """What it gives."""


class Outcome:
    """What one combination of winning rules gives; the single caller is filled in per call."""

    def __init__(
        self,
        won: Sequence[Won],
        fields: Mapping[str, Any],
        house: Desks,
        bonus_limit_s: int,
        withheld: Withheld = NOTHING,
        mobile_withheld: str = "",
        held: Held = NOTHING_HELD,
    ) -> None:
        """`fields` are those of the class, refined; `won` are the rules that led to them, `withheld` what is not given.

        `mobile_withheld` is why the agent's mobile is not rung, where there is one; `held` is what guard rails did.
        """
        classify = won[0]
        caller_class: str = classify.fields["class"]
        added = min(sum(rule.fields["head_start"] for rule in won if rule.step == "bonus"), bonus_limit_s)
        self.head_start_s = fields.get("head_start", 0) + added
        """Waiting granted in advance, in seconds, every bonus in it."""
        if withheld.head_start_s is not None:
            self.head_start_s = withheld.head_start_s
        self._class = caller_class
        self._house = house
        self._greeting = fields.get("greeting", "") if withheld.greeting is None else withheld.greeting
        self._menu = fields.get("menu", "")
        self._spoken: dict[tuple[str, str, str], Spoken] = {}
        self._agent = fields.get("agent", "none")
        self._agent_wait_s = fields.get("agent_wait", AGENT_WAIT_S)
        self._screen = _template((UNPROVEN if withheld.names else "") + fields.get("screen", "{name}"))
        self._card = _template("" if withheld.names else fields.get("card_url", ""))
        self._rings_mobile = not withheld.mobile
        self._language = fields.get("language", "")
        self._branch: str = fields["branch"]
        self._queue = fields.get("queue", "")
        self._told = self._queue if fields.get("tell_wait", False) else ""
        self._window = (
            fields.get("min_penalty", 0), fields.get("max_penalty", 0), fields.get("promised_wait", 0),
            fields.get("call_back", True),
        )  # fmt: skip
        self._record = fields.get("record", False)
        reason = _reason(won, added, held.words) + withheld.why
        self._why = (reason, classify.name, classify.where)
        self._why_no_mobile = (reason + mobile_withheld, classify.name, classify.where)
        self._set_aside = held.why

    def decision(self, s: Situation, version: str) -> Decision:
        """The decision for one call."""
        caller, number = s.caller, s.number
        tongues = (caller.language, s.line.language, s.call.language)
        spoken = self._spoken.get(tongues)
        if spoken is None:
            spoken = self._speak(tongues)
        front, language = spoken
        agent = _NOBODY if self._agent == "none" else self._house.agent(self._agent, s)
        mobile, why = agent.mobile, self._why
        if mobile and not self._rings_mobile:
            mobile, why = "", self._why_no_mobile
        screen, card = self._screen, self._card
        return tuple.__new__(  # the same as Decision(...), in a third of the time
            Decision,
            (
                *front, agent.desk, mobile, self._agent_wait_s if agent.desk else 0, *self._window,
                self._expected_wait_s(s) if self._told else 0,
                screen[0] if len(screen) == 1 else self._filled(screen, s, _WORDS),
                card[0] if len(card) == 1 else self._filled(card, s, _WORDS_IN_URL),
                self._record, language, s.trust, number.key, *why, version, s.degraded,
                self._set_aside,
            ),
        )  # fmt: skip

    def _expected_wait_s(self, s: Situation) -> int:
        """The wait to tell: that of the queue for somebody with this head start; 0 when it is not known, or endless."""
        wait_s = self._house.views.of(s.live).expected_wait_s(self._told, s.at_s, self.head_start_s) or 0
        return wait_s if wait_s < DAY_S else 0

    def _speak(self, tongues: tuple[str, str, str]) -> Spoken:
        """What is the same for all callers, lines and channels of these languages; remembered."""
        caller, line, channel = tongues
        language = self._language or self._house.language(caller, line)
        words = self._house.spoken(language, channel)
        if len(self._spoken) >= MOST_TONGUES:
            self._spoken.clear()
        greeting, menu = self._greeting.replace("{language}", words), self._menu.replace("{language}", words)
        made = ((self._class, self._branch, greeting, menu, self._queue, self.head_start_s), language)
        self._spoken[tongues] = made
        return made

    def _filled(self, parts: tuple[str, ...], s: Situation, words: Words) -> str:
        """A template with its words put in: every second part is a word."""
        filled = parts[0]
        for at in range(1, len(parts), 2):
            filled += (self._class if parts[at] == "class" else words[parts[at]](s)) + parts[at + 1]
        return filled


class Desks:
    """The people of the house, how busy they are, and the languages it speaks."""

    def __init__(self, agents: Mapping[str, Agent], views: LiveViews, languages: Sequence[str]) -> None:
        self._agents = agents
        self.views = views
        """What the policy makes of the live lines."""
        self._languages = tuple(languages)

    def agent(self, choice: str, s: Situation) -> Agent:
        """The caller's `own` or `last` agent; nobody when there is none."""
        return agent_of(self._agents, choice, s)

    def language(self, caller: str, line: str) -> str:
        """The language to set: the caller's on record, else the line's, if the house speaks it; else empty."""
        wanted = caller or line
        if not wanted or not LANGUAGE.match(wanted):
            return ""
        if self._languages and wanted not in self._languages and wanted.partition("_")[0] not in self._languages:
            return self._languages[0]
        return wanted

    def spoken(self, language: str, channel: str) -> str:
        """What `{language}` stands for: a language with greetings, the first of them for everybody else."""
        wanted = (language or channel).partition("_")[0]
        if self._languages:
            return wanted if wanted in self._languages else self._languages[0].partition("_")[0]
        return wanted if LANGUAGE.match(wanted) else "en"


_NOBODY = Agent("")


def agent_of(agents: Mapping[str, Agent], choice: str, s: Situation) -> Agent:
    """The caller's `own` or `last` agent; `Agent("")` when there is none."""
    if not s.identified:
        return _NOBODY
    name = s.caller.own_agent if choice == "own" else s.caller.history.last_agent
    return agents.get(name, _NOBODY)


_WORDS: Words = {
    "name": lambda s: s.caller.name or s.call.caller_name or s.number.key,
    "number": lambda s: s.number.key,
    "line": lambda s: s.line.number,
    "project": lambda s: s.line.project,
    "value": lambda s: str(s.caller.value),
}


_WORDS_IN_URL: Words = {
    "name": lambda s: _escaped(_WORDS["name"](s)),
    "number": lambda s: s.number.key.replace("+", "%2B"),  # a canonical number is digits behind a +
    "line": lambda s: _escaped(s.line.number),
    "project": lambda s: _escaped(s.line.project),
    "value": lambda s: str(s.caller.value),
}


def _template(text: str) -> tuple[str, ...]:
    return tuple(_BRACES.split(text))


def _escaped(text: str) -> str:
    """Percent-encoded for a query (RFC 3986)."""
    return _UNSAFE_IN_URL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def _reason(won: Sequence[Won], added_s: int, rails: str) -> str:
    """`classify vip shop.toml:120; treat night shop.toml:300; bonus lost-first shop.toml:340; +3m`, then the rails."""
    parts = [
        f"{rule.step} {rule.name} {rule.where}" if rule.name != rule.where else f"{rule.step} {rule.where}"
        for rule in won
    ]
    if added_s:
        parts.append(f"+{duration_of(added_s)}")
    if rails:
        parts.append(rails)
    return "; ".join(parts)
