"""An entry comes back as it went; whatever else lies there is refused and named."""

from __future__ import annotations

from contextlib import suppress

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.call_back import CallBack, ClosedCallBack, Miss
from asterisk_router.errors import CallBackRecordError
from asterisk_router.wire.call_back_record import VERSION, decode, decode_closed, encode, encode_closed

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
moments = st.floats(0, 2e9)
counts = st.integers(0, 2**31)
misses = st.builds(Miss, texts, texts, moments, moments, st.booleans())
entries = st.builds(
    CallBack, texts, st.tuples(texts, texts), texts, counts, texts, counts, texts, texts,
    st.lists(misses, min_size=1, max_size=8).map(tuple), counts, counts, moments, texts, moments, moments, texts,
    st.lists(texts, max_size=4).map(tuple),
)  # fmt: skip
ENTRY = CallBack("+421255500100", ("+421255500100",), "Аня", misses=(Miss("a", "+421255500100", 1.5, 1.0, True),))


@given(entries)
def test_an_entry_comes_back_as_it_went(entry: CallBack) -> None:
    assert decode(encode(entry)) == entry


@given(entries, moments, texts, texts)
def test_a_settled_one_comes_back_as_it_went(entry: CallBack, at_s: float, why: str, by: str) -> None:
    closed = ClosedCallBack(entry, at_s, why, by)
    assert decode_closed(encode_closed(closed)) == closed


@pytest.mark.parametrize(
    "record", [b"", b"garbage", msgpack.packb(("a", 1.0, "", "")), msgpack.packb((b"", 1, "", ""))]
)
def test_what_is_no_settled_one_is_refused(record: bytes) -> None:
    with pytest.raises(CallBackRecordError):
        decode_closed(record)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_entry_or_refused(record: bytes) -> None:
    try:
        assert isinstance(decode(record), CallBack)
    except CallBackRecordError as refused:
        assert refused.remedy


@given(st.data())
def test_a_damaged_record_is_an_entry_or_refused(data: st.DataObject) -> None:
    record = bytearray(encode(ENTRY))
    record[data.draw(st.integers(0, len(record) - 1))] = data.draw(st.integers(0, 255))
    with suppress(CallBackRecordError):
        assert isinstance(decode(bytes(record)), CallBack)


def test_a_record_of_a_newer_release_says_so() -> None:
    with pytest.raises(CallBackRecordError, match="newer release"):
        decode(msgpack.packb((VERSION + 1, "something", "else")), "+421255500100")


@pytest.mark.parametrize(
    "fields",
    [
        (VERSION,),
        (VERSION, *ENTRY._replace(misses=(("a", "b"),))),  # type: ignore[arg-type]
        (VERSION, *ENTRY._replace(numbers=(1,))),  # type: ignore[arg-type]
        (0, *ENTRY),
        ("1", *ENTRY),
    ],
)
def test_what_is_not_of_this_layout_is_refused(fields: tuple[object, ...]) -> None:
    with pytest.raises(CallBackRecordError, match="cannot be read"):
        decode(msgpack.packb(fields), "+421255500100")


def test_what_no_record_can_hold_is_refused() -> None:
    with pytest.raises(CallBackRecordError):
        encode(ENTRY._replace(name="\udc80"))
