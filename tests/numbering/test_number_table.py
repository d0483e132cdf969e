"""The table is believed only where it says what the installed library says."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers
import pytest

from asterisk_router.numbering.number_table import (
    EMERGENCY,
    SHORT,
    TABLE_FILE,
    NumberTable,
    fingerprint,
    is_installed,
    number_table,
    parse_table,
)


@pytest.fixture
def unproven() -> NumberTable:
    return parse_table(TABLE_FILE.read_bytes())


def test_it_knows_every_region_and_calling_code_of_the_library() -> None:
    table = number_table()
    assert {name for name in table.regions if name.isalpha()} == set(phonenumbers.SUPPORTED_REGIONS)
    assert set(table.codes) == set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
    assert table.codes[44].regions == ("GB", "GG", "IM", "JE")
    assert table.codes[800].regions == ("001",)


def test_all_of_it_is_believed_with_the_very_same_library() -> None:
    table = number_table()
    assert is_installed(table.version) is (phonenumbers.__version__ == table.version)
    assert all(bool(table.believed[code]) is is_installed(table.version) for code in table.codes)


def test_nothing_of_it_is_believed_with_another_library_until_it_is_confirmed(unproven: NumberTable) -> None:
    assert not is_installed("0.0.1")
    assert not any(unproven.believed)
    unproven.confirm(421)
    assert [code for code in unproven.codes if unproven.believed[code]] == [421]


def test_what_the_library_knows_otherwise_is_never_believed(unproven: NumberTable) -> None:
    unproven.codes[421] = unproven.codes[421]._replace(fingerprint=fingerprint(421) ^ 1)
    unproven.confirm(421)
    unproven.confirm(999)
    assert not any(unproven.believed)


def test_nothing_is_believed_with_another_major_version(unproven: NumberTable) -> None:
    other = unproven._replace(version=f"1{unproven.version}")
    other.confirm(421)
    assert not any(other.believed)


def test_labels() -> None:
    table = number_table()
    slovakia = table.regions["SK"]
    assert table.label(slovakia.short, "112") == EMERGENCY
    assert table.label(slovakia.short, "1181") == SHORT
    assert table.label(slovakia.short, "999") == 0
    assert table.codes[1].regions[table.label(table.codes[1].valid, "2025550100") - 1] == "US"


def test_ordinary_numbers_do_not_load_the_library() -> None:
    code = (
        "import sys; from asterisk_router.numbering.plan import NumberingPlan; plan = NumberingPlan('SK');"
        "print(plan.normalise('02/5550 1000').key, plan.normalise('+12025550100').country,"
        "'phonenumbers' in sys.modules, plan.normalise('tel:+421255501000').key, 'phonenumbers' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["+421255501000", "US", "False", "+421255501000", "True"]
