"""The switch of the decoy and what became of its callers, in Redis, so that every daemon has the same.

The switch is on while its key is there: a server that lost everything has it off.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite

from ..callers.decoy_use import DecoyState, DecoyUses
from ..errors import StoreError
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys

USES_KEPT_S = 90 * 86_400
"""How long a use is counted among those of the report."""

OFF = b"""local now = redis.call('GET', KEYS[1])
if not now or (ARGV[1] ~= '' and now ~= ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
return 1"""
"""Switches it off, or only if it is still what was read; replies whether it was on."""


class DecoyBook:
    """Reads and turns the switch. Everything here raises StoreError when the store is away."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def confirm(self) -> tuple[DecoyState, Reply]:
        """The switch as it is now, and the version of number ranges, in one round trip."""
        written, version = await self._send(("GET", self._keys.decoy), ("GET", self._keys.ranges_version))
        return _state_on(written), version

    async def state(self) -> DecoyState:
        """The switch, with who turned it last."""
        written, off = await self._send(("GET", self._keys.decoy), ("GET", self._keys.decoy_off))
        on = _state_on(written)
        return on if on.on else _state(off)._replace(on=False)

    async def switch_on(self, responsible: str, by: str, at_s: float) -> DecoyState:
        """Switch it on; uses are counted from now."""
        state = DecoyState(True, at_s, by, responsible)
        await self._send(("SET", self._keys.decoy, _written(state)))
        return state

    async def switch_off(self, by: str, why: str, at_s: float, only: DecoyState | None = None) -> bool:
        """Switch it off, or only if it is still as in `only`; whether it was on."""
        seen = b"" if only is None else _written(only)
        (before,) = await self._send(("GET", self._keys.decoy))
        (was_on,) = await self._send(("EVAL", OFF, 1, self._keys.decoy, seen))
        if was_on == 1:
            state = DecoyState(False, at_s, by, _state(before).responsible, why)
            await self._send(("SET", self._keys.decoy_off, _written(state)))
        return bool(was_on == 1)

    async def note(self, uniqueid: str, at_s: float, escaped: bool) -> None:
        """One caller who met it, and whether they left it for a person; noted again, it is one all the same."""
        member = f"{uniqueid} {int(escaped)}".encode(errors="replace")
        await self._send(
            ("ZADD", self._keys.decoy_uses, f"{at_s:.3f}", member),
            ("ZREMRANGEBYSCORE", self._keys.decoy_uses, "-inf", f"({at_s - USES_KEPT_S:.3f}"),
        )

    async def uses(self, since_s: float) -> DecoyUses:
        """What became of its callers since then."""
        (members,) = await self._send(("ZRANGEBYSCORE", self._keys.decoy_uses, f"{since_s:.3f}", "+inf"))
        return DecoyUses(len(members), sum(member.endswith(b" 1") for member in members))

    async def _send(self, *commands: Command) -> Sequence[Reply]:
        replies = await self._connection.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies


def _written(state: DecoyState) -> bytes:
    return json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _state_on(written: bytes | None) -> DecoyState:
    """The switch as written; one that nobody can read, or for which nobody answers, is off."""
    state = _state(written)
    return state if state.on and state.responsible else DecoyState()


def _state(written: bytes | None) -> DecoyState:
    try:
        on, since_s, by, responsible, why = json.loads(written or b"[]")
        if not isfinite(since_s):
            raise ValueError("no moment")  # Redis takes none for the range that is counted
        return DecoyState(on is True, float(since_s), str(by), str(responsible), str(why))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return DecoyState()
