"""The record of acts is kept by a running daemon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from asterisk_router.store.act_mirror import ActMirror
from asterisk_router.wire.act_record import ActNote, decode
from tests.daemon.conftest import Daemon
from tests.live.redis_server import RedisServer


def test_a_daemon_records_what_waits_and_puts_back_what_redis_lost(
    daemon: Callable[..., Daemon],
    until: Callable[[Callable[[], bool]], None],
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    mirror = ActMirror(tmp_path / "state")
    (tmp_path / "state").mkdir()
    mirror.record_later(ActNote(1.0, "eva", "admin", "uid 0", "shadow promote", id="a"))
    daemon(redis=redis_server.unix_url)
    until(lambda: acts(mirror) == ["shadow promote"])
    redis_server.command("FLUSHALL")
    until(lambda: acts(mirror) == ["shadow promote", "acts restore"])
    assert redis_server.command("LLEN", "ar:{acts}") == b":2\r\n"


def acts(mirror: ActMirror) -> list[str]:
    return [decode(line).note.act for line in mirror.lines()]
