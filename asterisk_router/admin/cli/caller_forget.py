"""`asterisk-router caller forget`: erase a person from everything that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import options, tables

if TYPE_CHECKING:
    from ..callers.forgetting import Erased


@click.command()
@click.argument("number")
@options.callers
@options.as_json
def forget(number: str, place: options.CallerPlace, as_json: bool) -> None:
    """Erase the person behind NUMBER from everything that is kept, under all of their numbers.

    Their record, tags with evidence, history, calls, call-backs, the journals on disk, and what leads to them from the
    record of acts. A call of theirs that is still to be reported is not registered any more; one that rings from now on
    is a stranger's. Killed or interrupted, do it again. Tags of number ranges stay. Exit code 1 if there was nobody.

    \b
    Example:
      asterisk-router caller forget +42125550100
    """
    from ..asked.callers import CallerForget
    from ..callers import targets
    from ..callers.forgetting import Erased

    key = targets.number_key(place.plan(), number)
    erased = place.ask(CallerForget(key))
    if as_json:
        tables.print_json({"forgotten": key, **erased})
    else:
        _print(key, Erased(**erased))


def _print(key: str, erased: Erased) -> None:
    tables.say(f"{key} is forgotten")
    journal = "left to the daemons: this user may not write there" if erased.journal is None else erased.journal
    tables.print_facts(
        [
            ("Numbers", erased.numbers),
            ("Caller record", erased.caller),
            ("Calls", erased.calls),
            ("Call-backs", erased.call_backs),
            ("Journal records", journal),
            ("Daemons", erased.daemons),
            ("Daemons to come", erased.daemons_silent or ""),
            ("Files of Redis", f"not written anew: {erased.files}" if erased.files else "written anew, or none kept"),
        ]
    )
