"""What is said over ARI is what is said over FastAGI."""

from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.wire.answer import answer
from asterisk_router.wire.ari_answer import TEXTS, claim, forget, in_one_piece, requests, variables
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


def mset(arguments: str) -> dict[str, str]:
    """What MSet() of our dialplan sets: pairs at commas, none of them grouped, and texts decoded afterwards."""
    assert not set(arguments) & set('"\\()[]{}$;|\n'), "nothing that groups, escapes or expands"
    pairs = dict(pair.split("=", 1) for pair in arguments.split(","))
    return {name: unquote(value) if name in TEXTS else value for name, value in pairs.items()}


@given(TEXT, TEXT, TEXT)
def test_in_one_piece_it_is_the_same(name: str, url: str, reason: str) -> None:
    said = variables(FULL._replace(screen_name=name, card_url=url, reason=reason))
    piece = in_one_piece(said)
    assert mset(piece) == said
    assert piece.endswith(f",{SENTINEL}=1")
    assert len(piece.encode()) < 8000, "Asterisk reads no more in one step"


def test_it_is_left_for_the_channel_and_the_channel_sent_back() -> None:
    said = variables(FULL)
    piece = {"variable": "ROUTER_SAID_berlin-1.1", "value": in_one_piece(said)}
    assert requests("berlin-1.1", said) == [
        Request("POST", "/asterisk/variable", None, piece),
        Request("POST", "/channels/berlin-1.1/continue"),
    ]
    assert forget("berlin-1.1").query == {"variable": "ROUTER_SAID_berlin-1.1"}, "no value: it is deleted"


def test_no_decision_sets_nothing_and_names_no_place() -> None:
    assert requests("1.1", {}) == [Request("POST", "/channels/1.1/continue")]


def test_a_channel_s_id_is_no_path() -> None:
    assert requests("../a b/c?d", {})[0].path == "/channels/..%2Fa%20b%2Fc%3Fd/continue"


def test_a_claim_is_for_one_application() -> None:
    asked = Request("POST", "/events/claim", {"channelId": "1.1", "application": "router-a"})
    assert claim("1.1", "router-a") == asked
