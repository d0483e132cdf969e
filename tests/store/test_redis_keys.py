"""Keys: there and back, and the pattern that finds callers and nothing else."""

from __future__ import annotations

import pytest

from asterisk_router.store.redis_keys import RedisKeys
from tests.live.redis_server import RedisServer


@pytest.mark.parametrize("prefix", ["ar:", "", "shop[1]*?:"])
def test_a_number_comes_back_out_of_its_key_and_a_listing_finds_only_callers(
    prefix: str, redis_server: RedisServer
) -> None:
    keys = RedisKeys(prefix)
    assert keys.number_of(keys.caller("+12025550100")) == "+12025550100"
    others = (keys.ranges, keys.ranges_version, keys.calls, keys.calls_seen(20_000), b"foreign")
    for key in (keys.caller("+12025550100"), keys.caller("201"), *others):
        redis_server.command("SET", key, "x")
    found = redis_server.command("KEYS", keys.every_caller).split(b"\r\n")[2::2]
    assert {key for key in found if key} == {keys.caller("+12025550100"), keys.caller("201")}


def test_text_that_is_no_number_gives_a_key_and_no_fault() -> None:
    assert RedisKeys().caller("\ud800č") == b"ar:{??}"
