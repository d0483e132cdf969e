"""`calls explain` on a real Redis: what was decided then, what would be now, and why."""

from __future__ import annotations

import json

from asterisk_router.callers.registered_call import BeganCall, EndedCall
from tests.admin.cli.test_calls import register
from tests.admin.conftest import Run
from tests.live.redis_server import RedisServer

NUMBER, LINE = "+421255500100", "+42120550000"
AT_S = 1_772_442_000.25  # a Monday, 10 o'clock in Bratislava
BEGAN = BeganCall(
    "berlin-1772442000.7", "1.1", AT_S, NUMBER, LINE, "prospect-new", "sales", "sales", 60, 30, "never seen", "shop-0"
)  # fmt: skip
ENDED = EndedCall(BEGAN.uniqueid, "1.1", AT_S, AT_S + 60, NUMBER, LINE, outcome="missed", how="abandoned")


def test_the_latest_call_is_told_with_what_is_from_then_and_what_from_now(run: Run, redis_server: RedisServer) -> None:
    register(redis_server.unix_url, BEGAN, ENDED)
    shown = run("calls", "explain", "last", "--policy", "shop", "--redis", redis_server.unix_url)
    assert shown.exit_code == 0, shown.stderr
    text = " ".join(shown.stdout.split())
    assert "Call: berlin-1772442000.7, +42125550****, at " in text and "Ended: abandoned" in text
    assert "Decided then: class prospect-new, branch sales, queue sales, head start 60 s, rule 'never seen'" in text
    assert "Decided now: as then" in text and "By policy: shop-0 " in text and "By: policy shop-" in text
    assert "From then: number, trust in it, line" in text
    assert "From now: the policy" in text and "Not kept: trunk" in text
    assert "won seen: no" in text and "other outcomes" in text
    assert NUMBER not in text and NUMBER[1:] not in text


def test_what_is_not_kept_can_be_imagined_and_the_number_asked_for(run: Run, redis_server: RedisServer) -> None:
    register(redis_server.unix_url, BEGAN)
    given = ("--policy", "shop", "--redis", redis_server.unix_url, "--load", "sales.free=0", "--json")
    masked = run("calls", "explain", BEGAN.uniqueid, *given).stdout
    whole = run("calls", "explain", BEGAN.uniqueid, *given, "--full").stdout
    assert NUMBER[1:] not in masked and json.loads(whole)["now"]["number"] == NUMBER
    answer = json.loads(masked)
    assert (answer["then"]["branch"], answer["now"]["branch"], answer["ended"]) == ("sales", "sales-info", None)
    assert set(answer["taken"]) == {"from_then", "from_now", "not_kept"}
    lost = [each for each in answer["what_if"] if (each["step"], each["would"]) == ("treat", "lose")]
    assert [each["name"] for each in lost] == ["prospect, nobody at the sales desk"]
    text = " ".join(run("calls", "explain", "last", *given[:-1]).stdout.split())
    assert "Decided now: class prospect-new, branch sales-info, queue sales" in text


def test_a_call_that_is_not_there_is_one_sentence(run: Run, redis_server: RedisServer) -> None:
    shown = run("calls", "explain", "1.5", "--policy", "shop", "--redis", redis_server.unix_url)
    assert shown.exit_code == 1 and "no call '1.5' in the registry" in shown.stderr
    assert "Traceback" not in shown.stderr
