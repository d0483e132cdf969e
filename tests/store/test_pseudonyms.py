"""The key of pseudonyms, and what it makes of numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.errors import StoreError
from asterisk_router.store.pseudonyms import FILE, Pseudonyms, pseudonyms_of

ONE, OTHER = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)
numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)


@given(numbers, numbers)
def test_one_number_has_one_pseudonym_and_the_key_decides_which(first: str, second: str) -> None:
    assert (ONE.of(first) == ONE.of(second)) == (first == second)
    assert ONE.of(first) != OTHER.of(first) and first[1:] not in ONE.of(first)
    assert ONE.of(ONE.of(first)) == ONE.of(first)


def test_nobody_has_no_pseudonym() -> None:
    assert ONE.of("") == ""
    assert ONE.fingerprint != OTHER.fingerprint


def test_the_key_is_drawn_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = {each.fingerprint for each in pool.map(pseudonyms_of, [tmp_path / "state"] * 8)}
    assert drawn == {pseudonyms_of(tmp_path / "state").fingerprint}
    file = tmp_path / "state" / FILE
    assert file.stat().st_mode & 0o777 == 0o600 and len(file.read_bytes()) == 32
    assert [path.name for path in file.parent.iterdir()] == [FILE]


def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        pseudonyms_of(tmp_path)
    with pytest.raises(StoreError, match="daemon's user"):
        pseudonyms_of(tmp_path / FILE / "state")
