"""Redis: does it answer, may we write, does it keep what it was told, does it throw callers away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...wire.redis_info import SeenStore
from .finding import Finding, green, red, yellow

FULL = 0.9
"""From this share of its memory limit on Redis is nearly full."""

SAVES_OFTEN = "appendonly yes"
"""What keeps all but the last second over a loss of power."""


def about_store(seen: SeenStore) -> Iterator[Finding]:
    """What a look at the store of the callers says."""
    if seen.fault:
        remedy = "start Redis, or mend --redis / ASTERISK_ROUTER_REDIS; until then calls meet an unknown caller"
        yield red("redis", f"{seen.where}: {seen.fault}", remedy)
        return
    version = seen.info.get("redis_version", "of an unknown version")
    yield green("redis", f"{seen.where} answers, {version}")
    yield _rights(seen)
    if not seen.info:
        yield yellow("redis keeps", "it does not tell (INFO is refused)", "allow INFO: ACL SETUSER NAME +info")
        return
    yield _role(seen.info)
    yield _persistence(seen.info, seen.saves)
    yield _eviction(seen.info)


def _rights(seen: SeenStore) -> Finding:
    if not seen.refused:
        return green("redis rights", "every command the router sends is allowed on its keys")
    allow = " ".join(f"+{command.lower()}" for command in seen.refused)
    said = f"not allowed: {', '.join(seen.refused)}"
    return red("redis rights", said, f"ACL SETUSER NAME ~ar:* {allow}, then ACL SAVE")


def _role(info: Mapping[str, str]) -> Finding:
    if info.get("role") == "master":
        return green("redis role", "it takes writes")
    remedy = "give the URL of the master, or of the Sentinels: redis+sentinel://HOST,HOST/NAME"
    return red("redis role", f"a {info.get('role')} of another Redis: nothing can be written", remedy)


def _persistence(info: Mapping[str, str], saves: str | None) -> Finding:
    """Whether callers outlive the server (`appendonly` and `save` of redis.conf)."""
    if info.get("aof_enabled") == "1":
        if info.get("aof_last_write_status", "ok") == "ok":
            return green("redis keeps", "every write, in an append-only file")
        return red("redis keeps", "the append-only file cannot be written", "make room on its disk; see Redis' log")
    if info.get("rdb_last_bgsave_status", "ok") != "ok":
        return red("redis keeps", "the last snapshot could not be saved", "make room on its disk; see Redis' log")
    if saves == "":
        said = "nothing: callers and call-backs are gone when it ends"
        return red("redis keeps", said, f"CONFIG SET {SAVES_OFTEN}, then CONFIG REWRITE")
    said = "snapshots only: a crash loses the minutes since the last one"
    return yellow("redis keeps", said, f"CONFIG SET {SAVES_OFTEN}, then CONFIG REWRITE")


def _eviction(info: Mapping[str, str]) -> Finding:
    """Whether it throws keys away when it is full (`maxmemory-policy`); the router's callers never expire."""
    limit, policy = int(info.get("maxmemory", "0")), info.get("maxmemory_policy", "")
    if limit and policy.startswith("allkeys"):
        remedy = "CONFIG SET maxmemory-policy noeviction, then CONFIG REWRITE; caches belong into another Redis"
        return red("redis eviction", f"{policy}: when it is full, callers are thrown away unasked", remedy)
    used = int(info.get("used_memory", "0"))
    if limit and used > FULL * limit:
        said = f"{used / limit:.0%} of maxmemory is used; beyond it nothing is written any more"
        return red("redis eviction", said, "raise maxmemory: CONFIG SET maxmemory SIZE, then CONFIG REWRITE")
    return green("redis eviction", f"{policy}: callers are never thrown away")
