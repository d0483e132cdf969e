"""Faults of the store: Redis gone, frozen, slow, full, read-only, barred, emptied, or holding nonsense."""

from __future__ import annotations

from contextlib import ExitStack

from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire.incoming_call import IncomingCall
from tests.faults.fault import HUNG_MS, Fault
from tests.faults.stand import Stand
from tests.fuzz.accidents import damaged
from tests.live.people import LINE
from tests.live.redis_server import RedisServer
from tests.store.sentinels import Sentinels

MUTANTS = 500
"""Damaged records a second: 10,000 in a fault of 20 s."""
SLOW_S = 5.0
BARRED = "a-password-nobody-told-the-daemon"


def corrupt(stand: Stand) -> None:
    """Damaged records under numbers that call at once, each asked about, and under those of customers."""
    numbers, records = list(stand.records), list(stand.records.values())
    for at in stand.due(MUTANTS):
        record = damaged(records[at % len(records)], stand.dice)
        if at % 10 == 0:
            stand.redis.command("SET", numbers[at // 10 % len(numbers)], record)
        number = f"+1202555{at % 100 + 100:04d}"
        stand.redis.command("SET", RedisKeys().caller(number), record)
        assert ask(stand.address, IncomingCall(number, LINE)).complete, f"no answer to a caller known by {record!r}"


def absent_at_start(stand: Stand) -> None:
    """Redis is gone, and the daemon starts."""
    stand.redis.kill()
    stand.restart()


def bar(stand: Stand) -> None:
    """Redis wants a password from now on, and nobody is logged in."""
    stand.redis.command("CONFIG", "SET", "requirepass", BARRED)
    stand.redis.password = BARRED
    stand.redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def unbar(stand: Stand) -> None:
    """Redis wants none any more."""
    stand.redis.command("CONFIG", "SET", "requirepass", "")
    stand.redis.password = ""


class Failover:
    """A master, a replica and three Sentinels in place of the one Redis; the master is killed and comes back."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._master: RedisServer | None = None

    def put_up(self, stand: Stand) -> None:
        """The daemon asks the Sentinels where the callers are."""
        sentinels = Sentinels()
        self._open.callback(sentinels.stop)
        self._master = sentinels.start().servers[0]
        stand.put_on_record(self._master)
        self._master.command("WAIT", 1, 2000)
        self._open.callback(setattr, stand.router, "redis_url", stand.router.redis_url)
        stand.router.redis_url = sentinels.url
        stand.restart()
        stand.wait_until_well()

    def kill(self, stand: Stand) -> None:
        """The master is gone."""
        assert self._master is not None
        self._master.kill()

    def start(self, stand: Stand) -> None:
        """It is back, and will find that another is the master."""
        assert self._master is not None
        self._master.start()

    def take_down(self, stand: Stand) -> None:
        """The one Redis is asked again."""
        self._open.close()
        stand.restart()
        stand.wait_until_well()


_failover = Failover()

FAULTS = (
    Fault(
        "redis-absent", "the daemon starts and Redis is not there", absent_at_start, lambda s: s.redis.start(), HUNG_MS
    ),
    Fault("redis-killed", "Redis is killed, and started again", lambda s: s.redis.kill(), lambda s: s.redis.start()),
    Fault(
        "redis-frozen",
        "Redis stands still (SIGSTOP)",
        lambda s: s.redis.freeze(),
        lambda s: s.redis.thaw(),
        shown_by="test_faults.py::test_without_redis_the_router_answers_and_says_so",
    ),
    Fault(
        "redis-slow",
        f"every reply of Redis comes {SLOW_S:.0f} s late",
        lambda s: s.redis_wire.slow(SLOW_S),
        lambda s: s.redis_wire.slow(0),
    ),
    Fault(
        "redis-full",
        "Redis has no memory left and evicts nothing (OOM)",
        lambda s: s.redis.command("CONFIG", "SET", "maxmemory", 1),
        lambda s: s.redis.command("CONFIG", "SET", "maxmemory", 0),
    ),
    Fault(
        "redis-read-only",
        "Redis is made the replica of a master that is not there (READONLY)",
        lambda s: s.redis.command("REPLICAOF", "127.0.0.1", 1),
        lambda s: s.redis.command("REPLICAOF", "NO", "ONE"),
    ),
    Fault("redis-barred", "Redis wants a password the daemon does not have", bar, unbar),
    Fault(
        "records-corrupt",
        "{done:,} damaged records, each asked for at once",
        lambda s: None,
        Stand.put_on_record,
        meanwhile=corrupt,
        forgets=True,
    ),
    Fault(
        "sentinel-failover",
        "the master of three Sentinels is killed, and started again",
        _failover.kill,
        _failover.start,
        before=_failover.put_up,
        after=_failover.take_down,
    ),
    Fault(
        "redis-emptied",
        "everything in Redis is gone (FLUSHALL)",
        lambda s: s.redis.command("FLUSHALL"),
        Stand.put_on_record,
        forgets=True,
    ),
)
"""While the daemon starts a call may wait for it, as long as its guard lets it."""
