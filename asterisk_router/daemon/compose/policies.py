"""Puts together the policies at work: the one in force, its shadow, and what tells people of both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple

from ...admin.ports import StateFiles
from ...call_path import CallPath, Decoy, Seen, never_a_decoy, nobody_looks
from ...policy.guard.claims import Claims
from ...policy.load import EXAMPLES, files_of, load
from ...queues.live_lines import LiveLines
from ...queues.live_queue import QueueFacts
from ...store.daemon_notices import DaemonNotices
from ...store.policy_versions import PolicyVersions
from ..last_good import FirstPolicy, first_policy
from ..policy_keeper import PolicyKeeper, PolicyReader
from ..reload import PolicyInForce, PolicySource, glance

if TYPE_CHECKING:
    from pathlib import Path

    from ...callers.caller_book import CallerBook
    from ...policy.policy import Policy
    from ...queues.live_line import LiveLine
    from ...settings import Settings
    from ..shadow import Shadow

Works = tuple[tuple[str, Callable[[], Awaitable[None]]], ...]
"""What is to go on beside the calls, by what the log calls it."""


class PoliciesAtWork(NamedTuple):
    """The policy in force, and its shadow."""

    in_force: PolicyInForce
    """Who holds the path of the next call."""
    works: Works
    """What is to be done beside."""
    forget_calls: Callable[[], None]
    """Drops what is kept of single calls."""


FOLDER = "policy"
"""The folder of the state directory for versions and notices."""


def policy_reader(settings: Settings) -> PolicyReader:
    """What reads the policy in force, at the start and whenever it was saved."""
    return PolicyReader(load, files_of, PolicyVersions(settings.state_dir / FOLDER))


def policy_at_start(settings: Settings, reader: PolicyReader) -> FirstPolicy:
    """The policy as it is saved, or the version in force last; raises PolicyError when neither can be used."""
    kept = PolicyVersions(settings.state_dir / FOLDER)
    seen = glance(lambda: files_of(settings.policy))  # before they are read: what is saved from now on is noticed
    file = files_of(settings.policy)[-1].absolute()
    return first_policy(lambda: reader.load(settings.policy), load, kept, file)._replace(seen=seen)


def state_files(state_dir: Path) -> StateFiles:
    """What lies in a state directory, for people."""
    folder = state_dir / FOLDER
    from ...store.act_mirror import ActMirror

    return StateFiles(PolicyVersions(folder), DaemonNotices(folder / "daemons"), ActMirror(state_dir))


def policies_at_work(
    settings: Settings,
    reader: PolicyReader,
    first: FirstPolicy,
    book: CallerBook,
    lines: Sequence[LiveLine],
    besides: Callable[[], dict[str, Any]],
    decoy: Decoy = never_a_decoy,
) -> PoliciesAtWork:
    """Who holds the path of the next call, and what is to be done beside; `besides` is what else people are told."""
    shadow: Shadow | None = None
    among = max(1, settings.workers)
    claims = Claims(among=among)
    works: list[tuple[str, Callable[[], Awaitable[None]]]] = []
    if settings.shadow:
        from ..shadow import Shadow

        source = PolicySource(
            settings.shadow, load, files_of,
            lambda other: CallPath(other, book, book.ranges, LiveLines(lines), claims=Claims(among=among), decoy=decoy),
            "shadow policy",
        )  # fmt: skip
        shadow_in_force = PolicyInForce(source, first.policy)  # its own must not keep the start waiting, nor fail it
        shadow = Shadow(shadow_in_force, lambda: in_force)
        works.append(("watching the shadow policy", shadow_in_force.watch))
    seen = nobody_looks if shadow is None else shadow.saw
    source = PolicySource(
        settings.policy, reader.load, files_of, lambda read: _path(read, book, lines, seen, claims, decoy)
    )
    in_force = PolicyInForce(source, first.policy, seen=first.seen, fault=first.fault)
    file = files_of(settings.policy)[-1].absolute()
    folder = settings.state_dir / FOLDER
    keeper = PolicyKeeper(
        reader,
        in_force,
        shadow,
        PolicyVersions(folder),
        DaemonNotices(folder / "daemons"),
        policy_file=file,
        shadow_file=files_of(settings.shadow)[-1].absolute() if settings.shadow else None,
        shipped=file.parent == EXAMPLES.absolute(),
        besides=lambda: {**besides(), "claims_refused": claims.refused},
        clock=time,
    )
    forget_calls = (lambda: None) if shadow is None else shadow.forget_calls
    return PoliciesAtWork(in_force, (*works, ("keeping versions of the policy", keeper.keep)), forget_calls)


def _path(
    policy: Policy, book: CallerBook, lines: Sequence[LiveLine], seen: Seen, claims: Claims, decoy: Decoy
) -> CallPath:
    """The path of a call by `policy`, which also tells the lines what Asterisk does not tell of its queues."""
    facts = {rules.asterisk: QueueFacts(rules.wrap_up_s, rules.handling_s) for rules in policy.queue_rules.values()}
    for line in lines:
        line.set_queue_facts(facts)
    return CallPath(policy, book, book.ranges, LiveLines(lines), seen, claims, decoy)
