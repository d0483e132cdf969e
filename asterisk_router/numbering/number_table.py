"""What is known of all numbering plans of the world, as tables that a kernel walks.

Compiled from phonenumberslite's metadata by `compile_table`, so that neither the library nor its metadata has
to be loaded before the first call. The table is believed only where it says what the installed library says.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

TABLE_FILE = Path(__file__).with_name("numbers.table")
"""The compiled table."""

UNSURE = 255
"""Label of a prefix that is rewritten rather than left out: the library decides."""

EMERGENCY, INTERNAL, SHORT = 1, 2, 3
"""Labels of numbers that are no public ones."""

DISTRIBUTIONS = ("phonenumberslite", "phonenumbers")
"""Names under which the library is installed; the second carries more data and reads numbers just the same."""


class CallingCode(NamedTuple):
    """What is known of one country calling code."""

    valid: int
    """First node of its valid national numbers; labels are 1 + place in `regions`."""
    fingerprint: int
    """Of the metadata it was compiled from."""
    regions: tuple[str, ...]
    """ISO 3166 regions that share it, the main one first; `001` for a non-geographic one."""


class Region(NamedTuple):
    """What is known of one region's way of writing numbers."""

    calling_code: int
    """Its country calling code."""
    general: int
    """First node of the general pattern of its national numbers; label 1 for a match."""
    national_prefix: int
    """First node of its trunk prefix; labels are 1 + length, or `UNSURE`. 0 when it has none."""
    international_prefix: int
    """First node of its international prefix; labels are 1 + length."""
    short: int
    """First node of its short numbers; labels are `EMERGENCY` and `SHORT`."""
    too_long: int
    """A bit for each length that is too long for a national number."""
    complete: int
    """A bit for each length at which a trunk prefix may be left out: not too short, not local, not impossible."""


class NumberTable(NamedTuple):
    """The whole table, shared by every plan of the process."""

    version: str
    """Version of phonenumberslite it was compiled from."""
    codes: dict[int, CallingCode]
    """By country calling code."""
    regions: dict[str, Region]
    """By ISO 3166 region; non-geographic ones by their calling code."""
    labels: bytes
    """One byte a node; 0 for not accepted."""
    steps: bytes
    """Ten little-endian 16-bit node numbers a node, one a digit; node 0 accepts nothing."""
    believed: bytearray
    """1 at each calling code whose rows say what the installed library says."""

    def label(self, node: int, digits: str) -> int:
        """The label that `digits` reach from `node`."""
        for digit in digits:
            place = 20 * node + 2 * int(digit)
            node = self.steps[place] | self.steps[place + 1] << 8
        return self.labels[node]

    def confirm(self, code: int) -> None:
        """Believe a calling code when the installed library, of another version, still knows the same of it.

        Loads the library. Another major version may also read differently, so then nothing is believed.
        """
        if code in self.codes and not self.believed[code]:
            import phonenumbers

            same_major = phonenumbers.__version__.split(".")[0] == self.version.split(".")[0]
            self.believed[code] = same_major and fingerprint(code) == self.codes[code].fingerprint


def parse_table(packed: bytes) -> NumberTable:
    """Read a compiled table, of which nothing is believed yet."""
    head, _, nodes = zlib.decompress(packed).partition(b"\n\n")
    version, codes, regions = "", {}, {}
    for line in head.decode().splitlines():
        word, name, *rest = line.split()
        if word == "version":
            version = name
        elif word == "code":
            codes[int(name)] = CallingCode(int(rest[0]), int(rest[1]), tuple(rest[2:]))
        else:
            regions[name] = Region(*map(int, rest))
    count = len(nodes) // 21
    return NumberTable(version, codes, regions, nodes[:count], nodes[count:], bytearray(1000))


@lru_cache(maxsize=1)
def number_table() -> NumberTable:
    """The table of this release, read once; all of it is believed at once where the very same library is installed."""
    table = parse_table(TABLE_FILE.read_bytes())
    if is_installed(table.version):
        for code in table.codes:
            table.believed[code] = 1
    return table


def is_installed(version: str) -> bool:
    """Whether just this version of the library is installed, seen without the 30 to 70 ms that loading it takes."""
    found = find_spec("phonenumbers")
    places = found.submodule_search_locations if found else None
    records = [f"{name}-{version}.dist-info" for name in DISTRIBUTIONS]
    return any(Path(place).with_name(record).is_dir() for place in places or () for record in records)


def fingerprint(code: int) -> int:
    """A check sum of all the installed library knows of a calling code that bears on reading a number."""
    from phonenumbers.phonemetadata import PhoneMetadata
    from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

    known = []
    for region in COUNTRY_CODE_TO_REGION_CODE.get(code, ()):
        plan = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        known.append(f"{region} {plan} {PhoneMetadata.short_metadata_for_region(region)}")
    return zlib.crc32("\n".join(known).encode())
