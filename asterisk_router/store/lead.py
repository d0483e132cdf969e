"""Which one of several daemons acts on a PBX: whoever holds a lease in Redis that lasts seconds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from ..errors import StoreError
from .connection.resp_connection import StoreConnection
from .redis_keys import RedisKeys

LEASE_S = 3.0
"""How long a daemon leads without renewing: after a crash the PBX is without a leader for so long at most."""

NEVER_S = float("-inf")

HOLD = b"""local owner = redis.call('GET', KEYS[1])
if not owner then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1 end
if owner ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1"""
"""Takes a free lease or renews one's own; replies whether it is held."""

RELEASE = b"if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"
"""Gives one's own lease back."""


class Lead:
    """The lease of one PBX as one daemon sees it.

    The lease is counted from before it was asked for, so this daemon stops leading before another can begin; an act
    that was sent just before may still be carried out after, which is why what must not happen twice (a call-back)
    is decided by a compare-and-set of its own.
    """

    def __init__(
        self,
        connection: StoreConnection,
        keys: RedisKeys,
        pbx: str,
        owner: str,
        *,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.pbx = pbx
        """The PBX."""
        self.owner = owner
        """This daemon, by a name no other has."""
        self._connection = connection
        self._key = keys.lead(pbx)
        self._lease_s = lease_s
        self._clock = clock
        self._until_s = NEVER_S

    @property
    def is_leader(self) -> bool:
        """Whether this daemon may act on the PBX now: False as soon as a renewal failed or the lease has run out."""
        return self._clock() < self._until_s

    async def hold(self) -> bool:
        """Take the lease if it is free, renew it if it is ours; to be called every second. Whether we lead now.

        A store that is away or refuses is no leadership, and no exception.
        """
        asked_s = self._clock()
        try:
            reply = (await self._connection.send([("EVAL", HOLD, 1, self._key, self.owner, self._lease_ms)]))[0]
        except StoreError as fault:
            reply = fault
        self._until_s = asked_s + self._lease_s if reply == 1 else NEVER_S
        return self.is_leader

    async def release(self) -> None:
        """Lead no more, so that another daemon can at once; a store that is away lets the lease run out."""
        self._until_s = NEVER_S
        with suppress(StoreError):
            await self._connection.send([("EVAL", RELEASE, 1, self._key, self.owner)])

    @property
    def _lease_ms(self) -> int:
        return round(self._lease_s * 1000)
