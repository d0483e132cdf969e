"""The answer, read back the way Asterisk reads it."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.policy.decision import Decision
from asterisk_router.wire.answer import answer, no_decision, text, token
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES

NAMES = [variable.name for variable in CHANNEL_VARIABLES] + ["ROUTER_OK"]
FULL = Decision(
    caller_class="customer-order", branch="sales", greeting="shop/hello", menu="shop/menu", queue="sales",
    head_start_s=300, agent="PJSIP/anna", agent_mobile="PJSIP/+421905550123@trunk", agent_wait_s=20,
    min_penalty=1, max_penalty=3, promised_wait_s=20, call_back=False, expected_wait_s=95,
    screen_name="Anna Nová", card_url="https://crm.example/card?n=1&x=2", record=True,
    language="sk", trust=2, number="+42125550100", reason="customer shop.toml:14", rule="customer",
    where="shop.toml:14", policy_version="3f9c", degraded=False,
)  # fmt: skip


def parse_args(line: bytes) -> list[bytes]:
    """Words of one command as `parse_args` of res_agi.c finds them: blanks part, quotes group, a backslash escapes."""
    words: list[bytearray] = []
    quoted = escaped = inside = False
    for byte in line:
        if escaped:
            words[-1].append(byte)
            escaped = False
        elif byte == ord("\\"):
            if not inside:
                words.append(bytearray())
            inside = escaped = True
        elif byte == ord('"'):
            if not inside:
                words.append(bytearray())
            inside, quoted = True, not quoted
        elif byte in b" \t" and not quoted:
            inside = False
        else:
            if not inside:
                words.append(bytearray())
            inside = True
            words[-1].append(byte)
    return [bytes(word) for word in words]


def variables_of(said: bytes) -> dict[str, str]:
    """What Asterisk sets; fails unless every line is one SET VARIABLE of one variable, each once, the sentinel last."""
    assert said.endswith(b"\n")
    found = {}
    for line in said[:-1].split(b"\n"):
        words = parse_args(line)
        assert words[:2] == [b"SET", b"VARIABLE"], line
        assert len(words) == 4, line
        assert len(line) < 2000
        found[words[2].decode()] = words[3].decode()
    assert list(found) == NAMES
    return found


def test_every_variable_is_set_in_the_order_of_the_table() -> None:
    said = variables_of(answer(FULL))
    assert said == {
        "ROUTER_CLASS": "customer-order", "ROUTER_BRANCH": "sales", "ROUTER_GREETING": "shop/hello",
        "ROUTER_MENU": "shop/menu", "ROUTER_QUEUE": "sales", "ROUTER_HEAD_START": "300", "ROUTER_AGENT": "PJSIP/anna",
        "ROUTER_AGENT_MOBILE": "PJSIP/+421905550123@trunk", "ROUTER_AGENT_WAIT": "20",
        "ROUTER_MIN_PENALTY": "1", "ROUTER_MAX_PENALTY": "3", "ROUTER_PROMISED_WAIT": "20", "ROUTER_CALL_BACK": "0",
        "ROUTER_EXPECTED_WAIT": "95", "ROUTER_SCREEN_NAME": "Anna Nová",
        "ROUTER_CARD_URL": "https://crm.example/card?n=1&x=2", "ROUTER_RECORD": "1", "ROUTER_LANGUAGE": "sk",
        "ROUTER_NUMBER": "+42125550100", "ROUTER_TRUST": "2", "ROUTER_REASON": "customer shop.toml:14",
        "ROUTER_POLICY": "3f9c", "ROUTER_DEGRADED": "0", "ROUTER_OK": "1",
    }  # fmt: skip


def test_the_table_holds_every_field_of_a_decision_but_those_that_only_explain() -> None:
    assert {variable.field for variable in CHANNEL_VARIABLES} == set(Decision._fields) - {"rule", "where", "set_aside"}


def test_what_cannot_be_an_extension_is_left_out_whole() -> None:
    assert token("sales;rm") == token("a b") == token("${X}") == token("a,b") == token("\n") == token("é") == ""
    assert token("x" * 255) == "x" * 255
    assert token("x" * 256) == ""


def test_a_name_is_shown_without_what_could_act() -> None:
    assert text('Bo\\"b, the $boss|;') == "Bob the boss"
    assert text("abc\u202edef\u2066\r\n\x1b[31m") == "abcdef[31m"
    assert text("\ud800x") == "x"
    assert len(text("é" * 1000)) == 240


SIGNS = 'aA0/@+-." \\,;$|{}[]()&%\n\r\t\x00\x7f\x1b\x85\u202e\u2067\u200f\ud800é😀'
hostile = st.text(st.sampled_from(SIGNS), max_size=300)
strings = st.text(max_size=300) | hostile
decisions = st.builds(
    Decision,
    *[strings] * 5,
    st.integers(-(2**40), 2**40),
    strings,
    strings,
    *[st.integers(0, 99)] * 4,
    st.booleans(),
    st.integers(0, 9999),
    strings,
    strings,
    st.booleans(),
    strings,
    st.integers(0, 4),
    *[strings] * 5,
    st.booleans(),
)


@given(decisions)
def test_nothing_in_a_decision_becomes_a_command_or_is_expanded(decision: Decision) -> None:
    said = variables_of(answer(decision))
    assert said["ROUTER_OK"] == "1"
    for variable in CHANNEL_VARIABLES:
        value, given_value = said[variable.name], getattr(decision, variable.field)
        if variable.kind == "token":
            assert re.fullmatch(r"[A-Za-z0-9_.:@/+-]{0,255}", value)
            assert value in ("", given_value)
        elif variable.kind == "text":
            assert not set(value) & set('"\\,;$|')
            assert not [sign for sign in value if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
            assert not [sign for sign in value if unicodedata.bidirectional(sign) in BIDI_CONTROLS]
            assert len(value) <= 240
        else:
            assert value == str(int(given_value))


BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.lists(decisions, min_size=2, max_size=4))
def test_what_is_written_once_is_never_another_decisions(several: list[Decision]) -> None:
    first = several[0]
    shared = {name: getattr(first, name) for name in Decision._fields[:8]}
    for decision in [first, *(other._replace(**shared) for other in several)]:
        said = variables_of(answer(decision))
        assert said["ROUTER_NUMBER"] == token(decision.number)
        assert said["ROUTER_REASON"] == text(decision.reason)
        assert said["ROUTER_DEGRADED"] == str(int(decision.degraded))


def test_no_decision_is_what_asterisk_takes_for_failure() -> None:
    assert no_decision().startswith(b"failure")
    assert no_decision().count(b"\n") == 1
