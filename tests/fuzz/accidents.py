"""What may befall bytes on their way: bits turned, bytes changed, lost, doubled, put in, the end cut off."""

from __future__ import annotations

from random import Random


def damaged(data: bytes, dice: Random) -> bytes:
    """The same with one to three accidents."""
    bytes_ = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(bytes_) + 1)
        match dice.randrange(6):
            case 0 if at < len(bytes_):
                bytes_[at] ^= 1 << dice.randrange(8)
            case 1 if at < len(bytes_):
                bytes_[at] = dice.randrange(256)
            case 2:
                del bytes_[at : at + dice.randint(1, 8)]
            case 3:
                bytes_[at:at] = bytes_[at : at + dice.randint(1, 8)]
            case 4:
                bytes_[at:at] = dice.randbytes(dice.randint(1, 8))
            case _:
                del bytes_[at:]
    return bytes(bytes_)
