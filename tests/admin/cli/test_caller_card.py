"""`caller card` on a real Redis."""

from __future__ import annotations

import json

from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

ANNA = "+421255500100"


def test_the_card_of_somebody_known_and_of_a_stranger(run: Run, redis_server: RedisServer) -> None:
    where = ("--redis", redis_server.unix_url, "--country", "SK")
    run("caller", "set", ANNA, "--name", "Anna", "--open-matter", "deal", *where)
    run("tag", "add", ANNA, "vip", "--evidence", "contract 7", *where)
    run("tag", "add", "+4212555*", "capital", *where)
    shown = json.loads(run("caller", "card", "02/5550 0100", "--json", *where).stdout)
    assert (shown["known"], shown["name"], shown["open_matters"]) == (True, "Anna", ["deal"])
    assert [(tag["name"], tag["on"]) for tag in shown["tags"]] == [("vip", ANNA), ("capital", "+4212555*")]
    text = run("caller", "card", ANNA, *where).stdout
    assert "contract 7" in text and "Anna" in text and "2 tags" in text
    stranger = run("caller", "card", "+12025550100", *where)
    assert stranger.exit_code == 0 and "never seen" in stranger.stdout
