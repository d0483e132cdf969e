"""Puts together what keeps every call: the journal, the registry, the register the door tells, and call-backs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ...callers.caller import Caller
from ...policy.guard.guard_rails import DECOY_BRANCH
from ...store.call_writer import OnEnded
from ...store.journal.folder import JOURNALS
from ...store.journal.journal import Journal
from ...store.registry import Registry
from ..call_register import CallRegister
from ..kept_calls import KeptCalls
from ..spool_intake import SpoolIntake
from .forgetting import forgetting, marks_of_the_forgotten, retention

if TYPE_CHECKING:
    from ...callers.registered_call import EndedCall
    from ...policy.decision import Decision
    from ...queues.served_calls import ServedCalls
    from ...settings import Settings
    from ...store.redis_book import RedisBook
    from ...wire.incoming_call import IncomingCall
    from ..call_back_keeper import CallBackKeeper
    from ..decoy_uses import DecoyKeeper
    from ..reload import PolicyInForce
    from .policies import Works

AFTER_START_S = 0.5
"""When call-backs are loaded, unless a call ends before: who rang during the start has their answer by then."""

DAY_S = 86_400

LOG = logging.getLogger(__name__)

USUAL_SPOOL = Path("/var/spool/asterisk/asterisk-router")
"""Where the dialplan of a Debian Asterisk leaves its reports; taken in only when told, for they are taken away."""


def kept_calls(
    settings: Settings,
    book: RedisBook,
    in_force: PolicyInForce,
    served: ServedCalls,
    clock: Callable[[], float],
    forget_calls: Callable[[], None] = lambda: None,
) -> KeptCalls:
    """Everything that keeps calls, not yet open; `forget_calls` drops what is kept of single calls elsewhere."""

    @cache
    def call_backs() -> CallBackKeeper:
        from ...store.call_backs import CallBackBook
        from ..call_back_keeper import CallBackKeeper

        book_of_them = CallBackBook(book.acts, book.keys, clock=clock)
        return CallBackKeeper(book_of_them, lambda: in_force.path.policy.call_back_rules)

    async def keep_call_backs() -> None:
        await asyncio.sleep(AFTER_START_S)
        for late in ("...store.call_backs", "..call_back_keeper"):  # 10 ms that no call waits for
            await asyncio.to_thread(import_module, late, __package__)
        await call_backs().keep()

    forgotten = marks_of_the_forgotten(settings, book)
    journal = Journal(settings.state_dir / JOURNALS)
    registry = Registry(
        journal,
        book.acts,
        book.keys,
        last_seen=book.last_seen,
        on_ended=_told(call_backs, _decoy_keeper(book, in_force, clock)),
        kept_s=settings.keep_calls_days * DAY_S,
        forgotten=forgotten,
    )
    register = CallRegister(
        registry,
        served,
        _number_of(in_force),
        lambda name: in_force.path.policy.agent_by_interface(name),
        _facts_of(in_force, book),
        clock=clock,
    )
    works: list[tuple[str, Callable[[], Awaitable[None]]]] = [("keeping call-backs", keep_call_backs)]
    if forgotten is not None:
        works += [*forgetting(settings, forgotten, registry, forget_calls), *retention(settings, book, forgotten)]
    works += _intakes(settings, register, registry, clock)
    return KeptCalls(registry, register, works, clock=clock, is_taking=journal.is_taking)


def _intakes(settings: Settings, register: CallRegister, registry: Registry, clock: Callable[[], float]) -> Works:
    """What takes in the reports of ended calls."""
    if settings.spool_dir is not None:
        intake = SpoolIntake(settings.spool_dir, register.ended, registry.on_disk, clock=clock)
        return (("taking in reports of ended calls", intake.keep),)
    if USUAL_SPOOL.is_dir():
        LOG.warning("%s is left alone, so missed calls are not known (--spool-dir %s)", USUAL_SPOOL, USUAL_SPOOL)
    return ()


def _told(call_backs: Callable[[], CallBackKeeper], decoys: Callable[[], DecoyKeeper]) -> OnEnded:
    """Tells the end of a call to whoever does something about it."""

    async def ended(call: EndedCall, caller: Caller) -> None:
        await call_backs().ended(call, caller)
        if call.escaped or call.branch == DECOY_BRANCH:
            await decoys().ended(call)

    return ended


def _decoy_keeper(book: RedisBook, in_force: PolicyInForce, clock: Callable[[], float]) -> Callable[[], DecoyKeeper]:
    """What follows from calls that met the decoy; loaded with the first of them."""

    @cache
    def keeper() -> DecoyKeeper:
        from ...store.decoy_book import DecoyBook
        from ..decoy_uses import DecoyKeeper

        decoys = DecoyBook(book.acts, book.keys)
        return DecoyKeeper(decoys, book, lambda: in_force.path.policy.decoy_rules, clock=clock)

    return keeper


def _number_of(in_force: PolicyInForce) -> Callable[[IncomingCall], str]:
    """Tells the canonical number of a call, empty for none."""

    def number_of(call: IncomingCall) -> str:
        numbering = in_force.path.policy.numbering
        return numbering.normalise(call.caller_number, call.presentation, call.trunk).key

    return number_of


def _facts_of(in_force: PolicyInForce, book: RedisBook) -> Callable[[IncomingCall, Decision, float], str]:
    """Tells what the policy saw of a call, when asked in the moment in which it was decided."""

    def facts_of(call: IncomingCall, decision: Decision, at_s: float) -> str:
        path, found = in_force.path, book.last_seen(decision.number) if decision.number else None
        if path.policy.version != decision.policy_version:
            return ""  # decided by the one before
        if found is None and decision.number and not decision.degraded:
            return ""  # somebody else was looked up meanwhile
        caller = Caller.UNKNOWN if found is None or decision.degraded else found.caller
        return path.facts_seen(call, caller, at_s, decision.degraded)

    return facts_of
