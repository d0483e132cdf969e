"""Records erased from journals in place, the ones behind them where they were."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.registered_call import BeganCall, EndedCall, Registered
from asterisk_router.store.call_eraser import names_of
from asterisk_router.store.journal.folder import JournalFolder
from asterisk_router.store.journal.reader import JournalReader
from asterisk_router.store.journal.scrub import scrub
from asterisk_router.wire.call_record import decode, encode, erased, is_erased
from asterisk_router.wire.journal_frame import frame

ANNA, BOB = "+12025550100", "+12025550101"
texts = st.text(max_size=300)
whole = st.integers(0, 2**31)
records = st.one_of(
    st.builds(BeganCall, texts, texts, st.floats(0, 4e9), texts, texts, reason=texts, facts=texts,
              head_start_s=whole, promised_wait_s=whole, trust=st.integers(0, 4)),
    st.builds(EndedCall, texts, texts, st.floats(0, 4e9), st.floats(0, 4e9), texts, texts, call_back_id=texts,
              head_start_s=whole, promised_wait_s=whole),
)  # fmt: skip


@given(records)
def test_an_erased_record_is_as_long_and_tells_nothing(record: Registered) -> None:
    payload = encode(record)
    left = erased(payload)
    assert len(left) == len(payload) and is_erased(decode(left))
    assert not left.strip(b"\0")[26:]


def write(root: Path, folder: str, *payloads: bytes, tail: bytes = b"") -> Path:
    path = root / folder / "00000001.journal"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(frame(payload, at) for at, payload in enumerate(payloads)) + tail)
    return path


def began(number: str, uniqueid: str) -> BeganCall:
    return BeganCall(uniqueid, "", 1.0, number, "")


def is_annas(record: BeganCall | EndedCall) -> bool:
    return ANNA in names_of(record)


def test_only_theirs_go_from_every_folder_and_the_rest_is_read_as_before(tmp_path: Path) -> None:
    ended = EndedCall("b-3", "", 1.0, 2.0, BOB, "", call_back_id=ANNA)
    kept = [encode(began(BOB, "b-2")), b"not a record", encode(began("", "b-4"))]
    torn = frame(encode(began(BOB, "b-5")), 9)[:20]
    first = write(tmp_path, "0", encode(began(ANNA, "b-1")), kept[0], encode(ended), kept[1], b"", kept[2], tail=torn)
    second = write(tmp_path, "7", encode(began(ANNA, "b-6")))
    sizes = [path.stat().st_size for path in (first, second)]
    assert scrub(tmp_path, is_annas) == 3
    assert scrub(tmp_path, is_annas) == 0
    assert [path.stat().st_size for path in (first, second)] == sizes
    assert all(ANNA.encode() not in path.read_bytes() for path in (first, second))
    folder = JournalFolder.hold(tmp_path / "0")
    assert folder is not None
    entries = JournalReader(folder, folder.position()).read(100)
    folder.release()
    left = [entry.payload for entry in entries if entry.payload in kept]
    assert left == kept and sum(entry.lost for entry in entries) == 0


def test_where_there_is_no_journal_nothing_is_erased(tmp_path: Path) -> None:
    assert scrub(tmp_path / "none", is_annas) == 0
