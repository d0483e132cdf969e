"""Both twins read every agi_* block alike: real ones, cut ones, damaged ones, forged ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router._native import plain_agi_environment as plain
from asterisk_router.wire.incoming_call import QUERY_NAMES, IncomingCall

compiled = pytest.importorskip("asterisk_router._native._agi_environment", reason="no compiler on this machine")

RECORDED = {path.stem: path.read_bytes() for path in (Path(__file__).parents[1] / "recorded").glob("*.agi")}
BLOCK = RECORDED["fastagi"]
ARGUMENTS = b"".join(b"agi_arg_%d: x\n" % number for number in range(1, 129))


@pytest.fixture(params=[plain.parse, compiled.parse], ids=["plain", "compiled"])
def parse(request):
    return request.param


def call_of(parse, block: bytes) -> IncomingCall:
    fields = parse(block)
    assert fields is not None
    return IncomingCall._make(fields)


def test_the_names_of_the_query_are_those_of_the_fields_in_order() -> None:
    assert tuple(QUERY_NAMES.values()) == IncomingCall._fields[:-1]
    assert tuple(name.encode() for name in QUERY_NAMES) == plain._NAMES
    assert (plain.MOST_BYTES, plain.MOST_LINE_BYTES) == (compiled.MOST_BYTES, compiled.MOST_LINE_BYTES)
    assert plain.MOST_ARGUMENTS == compiled.MOST_ARGUMENTS


def test_the_query_of_the_url_is_believed_first(parse) -> None:
    assert call_of(parse, BLOCK) == IncomingCall(
        caller_number="+42125550100",
        called_number="42120550000",
        caller_name="Jana Nováková",
        trunk="trunk",
        presentation="allowed_not_screened",
        language="en",
        channel="PJSIP/trunk-00000000",
        uniqueid="1795413703.0",
        linkedid="1795413703.0",
    )
    fuller = (
        BLOCK.replace(b"&rdnis=", b"&rdnis=42120550009").replace(b"att=", b"att=A").replace(b"ver=", b"ver=success")
    )
    changed = call_of(parse, fuller.replace(b"choice=", b"choice=complaint").replace(b"lang=en", b"lang=sk"))
    assert (changed.redirecting_number, changed.attestation, changed.verification) == ("42120550009", "A", "success")
    assert (changed.choice, changed.language) == ("complaint", "sk"), "and the line agi_language is not"


def test_without_a_query_the_block_itself_tells(parse) -> None:
    assert call_of(parse, RECORDED["fastagi-without-query"]) == IncomingCall(
        caller_number="+42125550100",
        called_number="42120550000",
        caller_name="Jana Nováková",
        presentation="0",
        language="en",
        channel="PJSIP/trunk-00000000",
        uniqueid="1795413703.0",
    )
    diverted = RECORDED["fastagi-without-query"].replace(b"agi_rdnis: unknown", b"agi_rdnis: 42120550009")
    assert call_of(parse, diverted).redirecting_number == "42120550009"
    nameless = RECORDED["fastagi-without-path"].replace(b"name: Anonymous", b"name: unknown")
    assert call_of(parse, nameless)[:3] == ("anonymous", "42120550000", ""), "the word unknown means nothing known"


def test_a_script_is_told_by_its_first_argument(parse) -> None:
    assert call_of(parse, RECORDED["script"]) == call_of(parse, BLOCK)
    assert call_of(parse, RECORDED["script-without-query"]).caller_number == "+42125550100"
    emptied = re.sub(rb"([&?])pres=[^&\n]*", rb"\1pres=", RECORDED["script"])
    assert call_of(parse, emptied).presentation == "", "said to be nothing, whatever stood in the block before"


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_no_part_of_a_block_is_taken_for_the_whole(parse, name: str) -> None:
    block = RECORDED[name]
    assert [cut for cut in range(len(block)) if parse(block[:cut]) is not None] == []
    assert call_of(parse, block).tainted == ""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"\n\n", b"\n\nSET", "bytes after the blank line"),
        (b"agi_callerid: ", b"agi_callerid:", "line 9: expected agi_callerid"),
        (b"agi_callerid: ", b"agi_callerid: 1\nagi_callerid: ", "line 10: expected agi_calleridname"),
        (b"agi_callerid: ", b"agi_calleridname: 1\nagi_callerid: ", "line 9: expected agi_callerid"),
        (b"agi_dnid: 42120550000\n", b"", "line 15: expected agi_dnid"),
        (b"agi_threadid: 140394498287296\n", b"", "ends before agi_threadid"),
        (b"\nagi_request", b"\r\nagi_request", "line 2: control character"),
        (b"PJSIP/t", b"PJSIP/\x00", "line 4: control character"),
        (b"agi_network: yes", b"agi_network: no", "line 1: expected agi_request"),
        (b"\n\n", b"\nagi_arg_2: x\n\n", "line 23: expected agi_arg_1"),
        (b"\n\n", b"\n%b\n" % ARGUMENTS, "line 150: more than 127 arguments"),
        (b"agi_dnid: ", b"agi_dnid: " + b"1" * 8183, "line 15: longer than 8192 bytes"),
        (b"agi_dnid: ", b"agi_dnid: " + b"1" * 33000, "longer than 32768 bytes"),
        (b"&did=", b"&num=&did=", "query: num twice"),
        (b"num=", b"num=%0a", "query: control character in num"),
        (b"num=", b"num=%7F", "query: control character in num"),
    ],
)
def test_whatever_breaks_the_order_is_tainted_and_nothing_of_the_caller_is_kept(parse, old, new, reason) -> None:
    call = call_of(parse, BLOCK.replace(old, new, 1))
    assert call.tainted == reason
    assert call == IncomingCall(tainted=reason)._replace(
        **{name: getattr(call, name) for name in ("called_number", "channel", "uniqueid", "linkedid", "ended")}
    )


def test_a_tainted_call_keeps_the_line_that_the_url_named(parse) -> None:
    forged = BLOCK.replace(b"agi_callerid: ", b"agi_callerid: 1\nagi_extension: 999\n", 1)
    assert call_of(parse, forged).called_number == "42120550000"
    script = RECORDED["script"].replace(b"agi_callerid: ", b"agi_callerid: 1\nagi_extension: 999\n", 1)
    assert call_of(parse, script).called_number == "", "a script's query comes after what the caller controls"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("%2B1%20%25", "+1 %"),
        ("a+b", "a+b"),
        ("%zz%4", "\ufffdzz\ufffd4"),
        ("%C3%A1%ff", "á\ufffd"),
        ("%C3%3D%26", "\ufffd=&"),
        ("a=b?c", "a=b?c"),
        ("", ""),
    ],
)
def test_a_value_of_the_query_is_decoded(parse, written: str, read: str) -> None:
    block = BLOCK.replace(b"name=Jana%20Nov%C3%A1kov%C3%A1", b"name=" + written.encode())
    assert call_of(parse, block).caller_name == read


def test_names_we_do_not_know_are_skipped(parse) -> None:
    block = BLOCK.replace(b"route?", b"route?x=%0a&numb=7&x=1&&=&nu=2&")
    assert call_of(parse, block) == call_of(parse, BLOCK)


edits = st.lists(
    st.tuples(
        st.integers(0, 1200),
        st.integers(0, 40),
        st.sampled_from([b"", b"\n", b"\n\n", b"%", b"&", b"=", b"?", b": ", b"agi_arg_1: ", b"\xff", b"\r"])
        | st.binary(max_size=6),
    ),
    max_size=4,
)


@given(st.sampled_from(sorted(RECORDED)), edits)
def test_the_twins_agree_on_every_damaged_block(name: str, changes) -> None:
    block = RECORDED[name]
    for at, removed, added in changes:
        block = block[:at] + added + block[at + removed :]
    assert plain.parse(block) == compiled.parse(block)


values = st.binary(max_size=30).filter(lambda value: b"\n" not in value)
queries = st.lists(st.tuples(st.sampled_from([*QUERY_NAMES, "x"]), st.text("%aF0=&+?é\n", max_size=8)), max_size=6)


@given(queries, st.lists(values, min_size=20, max_size=20), st.lists(values, max_size=4), st.booleans())
def test_the_twins_agree_on_every_well_ordered_block(query, bodies, arguments, networked: bool) -> None:
    text = "&".join(f"{name}={value}" for name, value in query).replace("\n", "%0A").encode()
    lines = [b"%s: %s" % (key.encode(), value) for key, value in zip(plain._ORDER, bodies, strict=True)]
    if networked:
        lines = [b"agi_network: yes", b"agi_network_script: route?" + text, *lines]
    else:
        arguments = [text, *arguments]
    lines += [b"agi_arg_%d: %s" % (number, value) for number, value in enumerate(arguments, 1)]
    block = b"\n".join(lines) + b"\n\n"
    assert plain.parse(block) == compiled.parse(block)


@given(st.binary(max_size=200))
def test_the_twins_agree_on_anything(received: bytes) -> None:
    assert plain.parse(received) == compiled.parse(received)
