"""The committed table is what the script makes of the installed library."""

from __future__ import annotations

import sys
import zlib

import phonenumbers
import pytest

from asterisk_router.numbering import compile_table
from asterisk_router.numbering.number_table import TABLE_FILE, fingerprint, number_table


def test_the_committed_table_is_what_the_installed_library_gives(tmp_path, monkeypatch, capsys) -> None:
    table = number_table()
    if table.version == phonenumbers.__version__:
        target = tmp_path / "numbers.table"
        monkeypatch.setattr(sys, "argv", ["compile_table", str(target)])
        compile_table.main()
        assert zlib.decompress(target.read_bytes()) == zlib.decompress(TABLE_FILE.read_bytes())
        assert f"phonenumberslite {phonenumbers.__version__}" in capsys.readouterr().out
    else:  # a later library: what is still the same of it is believed, the rest is handed over
        same = [code for code in table.codes if fingerprint(code) == table.codes[code].fingerprint]
        assert len(same) > len(table.codes) / 2, "run python -m asterisk_router.numbering.compile_table"


@pytest.mark.parametrize("region", ["SK", "GB", "US"])
def test_lengths_follow_the_library(region: str) -> None:
    metadata = compile_table.known_of(phonenumbers.country_code_for_region(region), region)
    possible = compile_table.lengths(metadata, {phonenumbers.ValidationResult.IS_POSSIBLE})
    assert {length for length in range(32) if possible >> length & 1} == set(metadata.general_desc.possible_length)
