"""Holds a policy against the dialplan of a PBX: every branch and queue is there, and a person is one key away."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ...errors import PolicyFault, SettingsError
from ...policy.file.entries import Entries
from .extensions import ANY, Dialplan, Step, split

BRANCHES = ("router-branches-custom", "router-branches")
"""Contexts in which a branch is looked for, the site's own first."""

QUEUES = "router-queues"
"""The context with an extension for each queue."""

KEY = "0"
"""The key that reaches a person in every branch."""

_CALLED = re.compile(r"(\w+)\((.*)\)\Z", re.DOTALL)
_TESTED = ("gotoif", "gosubif", "execif", "gotoiftime")
_PERSON = ("queue", "dial")

Place = tuple[str, str]
"""A context and an extension of it."""


def find_missing(entries: Entries, directory: Path) -> list[PolicyFault]:
    """A fault for each branch and queue of a policy that the dialplan in `directory` lacks, or that lacks the key 0.

    Raises SettingsError where no dialplan of the router is there; OSError.
    """
    dialplan = Dialplan()
    dialplan.read(directory)
    if BRANCHES[1] not in dialplan.contexts:
        raise SettingsError(
            "no [router-branches] in its extensions*.conf",
            where=str(directory),
            remedy="write the files there: asterisk-router dialplan --pbx plain --output DIR",
        )
    return sorted(_missing(entries, dialplan))


def find_untold(
    entries: Entries, pbx: str, extensions: Mapping[str, Collection[str]], includes: Mapping[str, Collection[str]]
) -> list[PolicyFault]:
    """A fault for each branch and queue of a policy that `pbx`, asked itself, has no extension for.

    The steps behind them, and with them the key 0, are read from files alone (`find_missing`).
    """
    dialplan = Dialplan()
    for context, names in extensions.items():
        dialplan.contexts[context] = {name: [Step("", "", pbx)] for name in names}
        dialplan.includes[context] = list(includes.get(context, ()))
    return sorted(_missing(entries, dialplan, f" on {pbx}"))


def _missing(entries: Entries, dialplan: Dialplan, told_by: str = "") -> Iterator[PolicyFault]:
    told: set[tuple[str, str]] = set()
    for entry in [*entries.of("classes"), *entries.of("treat")]:
        for key in ("branch", "queue"):
            name = entry.fields.get(key, "")
            if not name or (key, name) in told:
                continue
            told.add((key, name))
            about = _about_queue if key == "queue" else _about_branch if told_by else _about_branch_and_key
            said = about(dialplan, name, told_by)
            if said:
                yield entry.fault(key, f"{key}: {said[0]}", said[1])


def _about_branch(dialplan: Dialplan, name: str, told_by: str) -> tuple[str, str] | None:
    """What is wrong with a branch, and what to do; None for nothing."""
    if any(dialplan.steps(each, name) for each in BRANCHES):
        return None
    problem = f"no extension {name!r} in [{BRANCHES[1]}]{told_by}: its calls take the default"
    return problem, "asterisk-router dialplan --policy writes it"


def _about_branch_and_key(dialplan: Dialplan, name: str, told_by: str) -> tuple[str, str] | None:
    """The same, and whether a person is within reach in it."""
    context = next((each for each in BRANCHES if dialplan.steps(each, name)), "")
    if not context:
        return _about_branch(dialplan, name, told_by)
    if not has_person(dialplan, (context, name)):
        remedy = "end it with Goto(router-queue,NAME,1), or play with Background(FILE,m,,router-keys)"
        return f"nobody is within reach of key {KEY} in {name!r} at {dialplan.steps(context, name)[0].where}", remedy
    return None


def _about_queue(dialplan: Dialplan, name: str, told_by: str) -> tuple[str, str] | None:
    if dialplan.steps(QUEUES, name):
        return None
    problem = f"no extension {name!r} in [{QUEUES}]{told_by}: its calls wait in the queue of their branch"
    return problem, "asterisk-router dialplan --policy writes it"


def has_person(dialplan: Dialplan, start: Place) -> bool:
    """Whether whoever is sent there comes, on some way, to a prompt or a queue whose key 0 leads to a person.

    Ways are followed through Goto, Gosub and both sides of every condition. One that a variable names may be any
    extension of its context, and a context that is in none of the files (AEL, a database) may lead to a person. So a
    branch that is refused has no such way; one that passes may have others without.
    """
    for context in _walk(dialplan, start)[1]:
        if dialplan.steps(context, KEY) and _walk(dialplan, (context, KEY))[0]:
            return True
    return False


def _walk(dialplan: Dialplan, start: Place) -> tuple[bool, set[str]]:
    """Whether a person is somewhere on the ways from there, and the contexts whose keys count on them."""
    keys: set[str] = set()
    person = False
    seen, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        for step in dialplan.steps(*here):
            for app, arguments in _done(step.app, step.arguments):
                person = person or app in _PERSON
                keys |= _keys(dialplan, app, arguments, here[0])
                for place in _leads(app, arguments, here):
                    person = person or place[0] not in dialplan.contexts
                    if place not in seen:
                        seen.add(place)
                        ahead.append(place)
    return person, keys


def _done(app: str, arguments: str) -> Iterator[tuple[str, str]]:
    """What a step can come to: itself, or either side of its condition."""
    if app not in _TESTED:
        yield app, arguments
        return
    for side in split("?".join(split(arguments, "?")[1:]), ":"):
        called = _CALLED.match(side)
        if app == "execif" and called:
            yield called[1].lower(), called[2]
        elif app != "execif" and side:
            yield ("gosub" if app == "gosubif" else "goto"), side


def _leads(app: str, arguments: str, here: Place) -> Iterator[Place]:
    """Where a step goes; what a variable decides is any extension, but for the name of the one it stands in."""
    if app not in ("goto", "gosub"):
        return
    if here[1] != ANY:
        arguments = arguments.replace("${EXTEN}", here[1])
    words = split(arguments, ",")
    if len(words) < 2:
        return  # a label of this extension, all steps of which are looked at
    context, extension = (here[0], words[0]) if len(words) == 2 else (words[0], words[1])
    yield context, ANY if "${" in extension else extension


def _keys(dialplan: Dialplan, app: str, arguments: str, context: str) -> set[str]:
    """The context whose keys count while a step goes on."""
    words = split(arguments, ",")
    if app == "background":
        return {words[3] if len(words) > 3 and words[3] else context}
    if app == "waitexten":
        return {context}
    if app == "set" and arguments.startswith("EXITCONTEXT="):
        return {arguments.partition("=")[2].strip()}
    if app == "queue":
        return set(filter(None, [dialplan.queues.get(words[0], {}).get("context", "")]))
    return set()
