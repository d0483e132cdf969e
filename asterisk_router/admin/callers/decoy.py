"""The switch of the decoy: on by a named person, off by anybody who may do anything, and what became of its callers."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...callers.decoy_use import OFF_FILE
from ...errors import RouterError, StoreError
from ...policy.guard.guard_rails import DecoyRules

if TYPE_CHECKING:
    from pathlib import Path

    from ...callers.decoy_use import DecoyState
    from ..ports import Decoys, Notices

AFTERWARDS_S = 30 * 86_400
"""How far back the report of a decoy that is off looks."""


async def switch_on(decoys: Decoys, state_dir: Path, responsible: str, by: str, at_s: float) -> DecoyState:
    """Switch it on; `responsible` answers for every call that meets it. Raises RouterError for nobody."""
    if not responsible.strip():
        raise RouterError("nobody answers for the decoy", remedy="name a person: --responsible NAME")
    state = await decoys.switch_on(responsible.strip(), by, at_s)
    (state_dir / OFF_FILE).unlink(missing_ok=True)
    return state


def stop_here(state_dir: Path) -> None:
    """Switch it off for the daemons of this host, which look a few times a second; raises OSError."""
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / OFF_FILE).touch()


async def switch_off(decoys: Decoys, state_dir: Path, by: str, why: str, at_s: float) -> bool:
    """Switch it off for every daemon; whether it was on. What `stop_here` left is not needed any more then."""
    was_on = await decoys.switch_off(by, why, at_s)
    (state_dir / OFF_FILE).unlink(missing_ok=True)
    return was_on


def not_everywhere(fault: StoreError) -> RouterError:
    """What is said when Redis could not be told."""
    return RouterError(
        f"off on this host only: {fault.problem}",
        where=fault.where,
        remedy="no daemon plays a decoy while it cannot reach Redis; give the command again when Redis is back",
    )


async def status(decoys: Decoys, notices: Notices, state_dir: Path) -> dict[str, Any]:
    """The switch, what became of the callers since it was turned on, and what guard rails set aside on this host."""
    state = await decoys.state()
    uses = await decoys.uses(state.since_s) if state.on else None
    return {
        **state._asdict(),
        "stopped_on_this_host": (state_dir / OFF_FILE).exists(),
        "uses": uses.uses if uses else 0,
        "escapes": uses.escapes if uses else 0,
        "set_aside": set_aside(notices),
    }


def set_aside(notices: Notices) -> dict[str, int]:
    """Calls in which a guard rail kept a rule from deciding, by why, of the daemons of this state directory."""
    counted: Counter[str] = Counter()
    with suppress(OSError):
        for notice in notices.read_all():
            counted.update({str(why): int(calls) for why, calls in notice.get("set_aside", {}).items()})
    return dict(counted.most_common())


async def report(decoys: Decoys, rules: DecoyRules | None, since_s: float, now_s: float) -> dict[str, Any]:
    """How many met it and how many left it for a person; since it was turned on where `since_s` is 0.

    From which share on it switches itself off is None where no policy is at hand to say so.
    """
    state = await decoys.state()
    since_s = since_s or (state.since_s if state.on else now_s - AFTERWARDS_S)
    uses = await decoys.uses(since_s)
    return {
        "on": state.on,
        "responsible": state.responsible,
        "since_s": since_s,
        "uses": uses.uses,
        "escapes": uses.escapes,
        "share": uses.share,
        "off_above_share": rules.escape_share if rules else None,
        "from_uses": rules.escape_uses if rules else None,
        "why_off": "" if state.on else state.why,
    }
