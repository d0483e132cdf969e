"""Cells of CSV files that are opened in spreadsheets: what callers sent is text there, and nothing else."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[=@]|[+-](?![\d.*]+$)")
"""What a spreadsheet takes for a formula; a number is none, be it of a telephone, of seconds, or masked."""


def cell(value: object) -> str:
    """A cell: printable, and no formula to the spreadsheet that opens it.

    >>> [cell(value) for value in ("=1+1", "+421255501001", -0.5, "@sum")]
    ["'=1+1", '+421255501001', '-0.5', "'@sum"]
    """
    text = str(value)
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
    return f"'{text}" if _FORMULA.match(text) else text
