"""Numbers of every region, made up from phonenumberslite's own patterns and written in every ordinary way.

Nothing here uses the tables under test: a number is made by choosing at random along a pattern.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import NamedTuple

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

TYPES = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)

REGIONS = [(code, region) for code, shared in sorted(COUNTRY_CODE_TO_REGION_CODE.items()) for region in shared]
"""Every region with its calling code; non-geographic ones are `001`."""

HOMES = sorted(phonenumbers.SUPPORTED_REGIONS)
"""Every country a plan can be of."""

WAYS = ("plus", "prefix", "bare", "national", "trunk")
"""Ways of writing: `+`, international prefix, bare country code; national without and with trunk prefix."""

SEPARATORS = (" ", "-", ".", "/", "(", ")", ") ", "\xa0")


class Written(NamedTuple):
    """A number as somebody wrote it."""

    text: str
    home: str
    """Country it was written in."""
    way: str
    """How it was written."""


def made_from(pattern: str, random: Random) -> str:
    """Digits that match `pattern`, chosen at random."""

    def choice(at: int) -> tuple[str, int]:
        branches = [""]
        while at < len(pattern) and pattern[at] != ")":
            if pattern[at] == "|":
                branches.append("")
                at += 1
                continue
            one, after = atom(at)
            least, most, after = turns(after)
            for turn in range(random.randint(least, most)):
                branches[-1] += one if turn == 0 else atom(at)[0]
            at = after
        return random.choice(branches), at

    def atom(at: int) -> tuple[str, int]:
        if pattern[at] == "(":
            text, end = choice(at + 3 if pattern.startswith("(?:", at) else at + 1)
            return text, end + 1
        if pattern[at] == "[":
            end = pattern.index("]", at)
            return random.choice(digits_of(pattern[at + 1 : end])), end + 1
        if pattern[at] == "\\":
            return random.choice("0123456789"), at + 2
        return pattern[at], at + 1

    def turns(at: int) -> tuple[int, int, int]:
        if pattern.startswith("?", at):
            return 0, 1, at + 1
        if pattern.startswith("{", at):
            end = pattern.index("}", at)
            least, _, most = pattern[at + 1 : end].partition(",")
            return int(least), int(most or least), end + 1
        return 1, 1, at

    return choice(0)[0]


@lru_cache
def digits_of(inside: str) -> str:
    found = ""
    for at, char in enumerate(inside):
        found += "".join(map(str, range(int(inside[at - 1]), int(inside[at + 1]) + 1))) if char == "-" else char
    return found


@lru_cache
def patterns_of(code: int, region: str) -> tuple[str, ...]:
    """The patterns of valid numbers of a region."""
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    described = (getattr(metadata, name) for name in TYPES)
    return tuple(each.national_number_pattern for each in described if each and each.national_number_pattern)


def valid_number(code: int, region: str, random: Random) -> str:
    """A national number that the library calls valid for its calling code; its region may be a neighbour."""
    while True:
        national = made_from(random.choice(patterns_of(code, region)), random)
        zeros = len(national) - len(national.lstrip("0"))
        number = phonenumbers.PhoneNumber(
            country_code=code,
            national_number=int(national),
            italian_leading_zero=zeros > 0,
            number_of_leading_zeros=zeros if zeros > 1 else None,
        )
        if phonenumbers.is_valid_number(number):
            return national


def punctuated(text: str, random: Random) -> str:
    """`text` with separators between some of its digits."""
    for _ in range(random.randint(1, 4)):
        at = random.randint(1, len(text))
        text = text[:at] + random.choice(SEPARATORS) + text[at:]
    return text


def written(random: Random) -> Written:
    """A valid number of a random region in a random way of writing."""
    code, region = random.choice(REGIONS)
    return rewritten(code, region, valid_number(code, region, random), random)


def rewritten(code: int, region: str, national: str, random: Random) -> Written:
    """One number, written in a random way."""
    way = random.choice(WAYS[:3] if region == "001" else WAYS)
    home = random.choice(HOMES) if way in ("plus", "prefix") or region == "001" else region
    text = national
    if way == "plus":
        text = f"+{code}{national}"
    elif way == "prefix":
        text = made_from(PhoneMetadata.metadata_for_region(home).international_prefix, random) + f"{code}{national}"
    elif way == "bare":
        text = f"{code}{national}"
    elif way == "trunk":
        metadata = PhoneMetadata.metadata_for_region(home)
        text = (metadata.national_prefix or "") + national
        if random.random() < 0.2:
            number = phonenumbers.parse(f"+{code}{national}")
            text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return Written(punctuated(text, random) if random.random() < 0.5 else text, home, way)


def damaged(number: Written, random: Random) -> Written:
    """The same with digits changed, lost, doubled or added: mostly no valid number any more."""
    text = list(number.text)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text))
        other, more = random.choice("0123456789"), random.choice("+09")
        text[at : at + 1] = random.choice(["", other, text[at] * 2, text[at] + more])
        text = text or ["0"]
    return Written("".join(text), number.home, "damaged")


def any_digits(random: Random) -> Written:
    """A string of digits, from nothing to too long."""
    digits = "".join(random.choices("0123456789", k=random.randint(1, 22)))
    return Written(random.choice(["", "+", "00", "0"]) + digits, random.choice(HOMES), "digits")
