"""What is said over ARI is what is said over FastAGI."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.policy.decision import Decision
from asterisk_router.wire.answer import answer
from asterisk_router.wire.ari_answer import ALWAYS, claim, requests, variables
from asterisk_router.wire.ari_rest import Request
from asterisk_router.wire.channel_variables import SENTINEL
from tests.wire.test_answer import FULL, NAMES, variables_of

TEXT = st.text(max_size=300)


def test_every_variable_is_set_in_the_order_of_the_table() -> None:
    assert list(variables(FULL)) == NAMES
    assert variables(FULL) == variables_of(answer(FULL))


@given(TEXT, TEXT, TEXT, st.integers(0, 10**6), TEXT, TEXT)
def test_both_ways_set_the_same(branch: str, name: str, url: str, wait_s: int, number: str, reason: str) -> None:
    decision = FULL._replace(
        branch=branch, screen_name=name, card_url=url, expected_wait_s=wait_s, number=number, reason=reason
    )
    assert variables(decision) == variables_of(answer(decision))


def test_several_variables_go_in_one_request_where_asterisk_can() -> None:
    said = variables(FULL)
    assert requests("berlin-1.1", said, at_once=True) == [
        Request("POST", "/channels/berlin-1.1/variables", None, {"variables": said}),
        Request("POST", "/channels/berlin-1.1/continue"),
    ]


def test_older_ones_are_told_one_by_one_the_sentinel_last() -> None:
    said = variables(Decision("echo", "sales"))
    *told, back = requests("1.1", said, at_once=False)
    assert back == Request("POST", "/channels/1.1/continue")
    assert {request.path for request in told} == {"/channels/1.1/variable"}
    pairs = [(request.query["variable"], request.query["value"]) for request in told if request.query]
    assert pairs[-1] == (SENTINEL, "1")
    assert dict(pairs) == {name: value for name, value in said.items() if value or name in ALWAYS}
    assert set(dict(pairs)) >= ALWAYS


def test_no_decision_sets_nothing_and_names_no_place() -> None:
    assert requests("1.1", {}, at_once=True) == requests("1.1", {}, at_once=False)
    assert requests("1.1", {}, at_once=True) == [Request("POST", "/channels/1.1/continue")]


def test_a_channel_s_id_is_no_path() -> None:
    assert requests("../a b/c?d", {}, at_once=True)[0].path == "/channels/..%2Fa%20b%2Fc%3Fd/continue"


def test_a_claim_is_for_one_application() -> None:
    asked = Request("POST", "/events/claim", {"channelId": "1.1", "application": "router-a"})
    assert claim("1.1", "router-a") == asked
