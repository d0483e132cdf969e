"""Damaged caller records: what a disk, a foreign program or a wrong key may leave in a caller's place."""

from __future__ import annotations

import random

import msgpack

from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.wire.caller_record import VERSION, encode

FOREIGN = Caller(
    numbers=("+442079460100", "+442079460101"),
    name="Somebody Else",
    tags=(Tag("vip", "mary", "contract 7", 80, 2, 1_780_000_000, 1_790_000_000), Tag("debtor", "crm")),
    value=120_000,
    orders=31,
    language="sk",
    own_agent="anna",
    open_matters=("deal", "incident"),
    history=History(
        3, 1_780_000_000, 1_780_050_060, "anna",
        (PastCall(1_780_000_060, "missed", "+12025550150"), PastCall(1_780_050_060, "answered", "+12025550151")),
    ),
)  # fmt: skip
"""Whose record lies in another's place, whole or in pieces."""

ODD = (
    -1,
    0,
    1,
    1 << 31,
    1 << 53,
    (1 << 63) - 1,
    -(1 << 63),
    (1 << 64) - 1,
    1.5,
    True,
    None,
    "",
    "x",
    b"x",
    [],
    {},
    "é",
)


OWN = FOREIGN._replace(numbers=("+12025550100", "+12025550123"), name="Ann")
SOUND = (encode(OWN), encode(OWN._replace(numbers=OWN.numbers[:1], history=History())), encode(FOREIGN))


def mutant(number: str, chance: random.Random) -> bytes:
    """A damaged record in the place of the person behind `number`, or somebody else's."""
    record = chance.choice((_odd, _flipped, _overwritten, _cut, _grown, _spliced, _foreign))(chance)
    return record.replace(OWN.numbers[0].encode(), number.encode())


def _foreign(chance: random.Random) -> bytes:
    return SOUND[-1]


def _flipped(chance: random.Random) -> bytes:
    record = chance.choice(SOUND)
    harmed = bytearray(record)
    for _ in range(chance.randint(1, 4)):
        harmed[chance.randrange(len(harmed))] ^= 1 << chance.randrange(8)
    return bytes(harmed)


def _overwritten(chance: random.Random) -> bytes:
    record = chance.choice(SOUND)
    at = chance.randrange(len(record))
    return record[:at] + chance.randbytes(chance.randint(1, 12)) + record[at + 6 :]


def _cut(chance: random.Random) -> bytes:
    record = chance.choice(SOUND)
    return record[: chance.randrange(len(record))]


def _grown(chance: random.Random) -> bytes:
    record = chance.choice(SOUND)
    return record + chance.randbytes(chance.randint(1, 40))


def _spliced(chance: random.Random) -> bytes:
    record = chance.choice(SOUND)
    other = chance.choice(SOUND)
    return record[: chance.randrange(len(record))] + other[chance.randrange(len(other)) :]


def _odd(chance: random.Random) -> bytes:
    """A record whose bytes are sound and whose values, at any depth, are not."""
    harmed = msgpack.unpackb(SOUND[0])
    place = harmed
    while isinstance(inner := place[at := chance.randrange(len(place))], list) and inner and chance.random() < 0.8:
        place = inner
    place[at] = chance.choice(ODD)
    if chance.random() < 0.2:
        harmed[0] = chance.choice((VERSION, VERSION + 1, 0))
    return bytes(msgpack.packb(harmed))
