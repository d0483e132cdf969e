"""`asterisk-router acts`: who did what, and whether the record of it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import ActRecordError
from . import options, tables

if TYPE_CHECKING:
    from ..ports import Shared

HEADERS = ("No.", "Time", "Who", "Role", "Known by", "Act", "Subject", "Detail", "Outcome")

MOST = 100_000


@click.group()
def acts() -> None:
    """See who did what, and check that nobody changed the record.

    Every command that changes something is recorded before it is carried out, also one that is refused. A caller it
    was about appears by a masked number, and once forgotten by a token that leads nowhere.
    """


@acts.command("list")
@click.option("-n", "latest", metavar="N", type=click.IntRange(1, MOST), default=50, show_default=True, help="Latest.")
@click.option("--who", default="", metavar="NAME", help="Only acts of that person.")
@click.option("--act", default="", metavar="WORDS", help='Only acts of that kind, such as "tag add".')
@options.store
@options.as_json
def list_acts(latest: int, who: str, act: str, place: options.StorePlace, as_json: bool) -> None:
    """List what people did, oldest first.

    `allowed` was carried out, `refused` was not, `failed` says that the allowed act above came to nothing, `done` is
    what a daemon did by itself.

    \b
    Examples:
      asterisk-router acts list
      asterisk-router acts list --who eva --act "tag add" --json
    """
    from ..people import act_list

    async def listed(shared: Shared) -> list[dict[str, Any]]:
        return await act_list.rows(shared.acts, latest=latest, who=who, act=act)

    found = place.do(listed)
    if as_json:
        tables.print_json(found)
        return
    from ..moments import to_the_second

    shown = [
        (each["number"], to_the_second(each["at_s"]), *(each[key] or "-" for key in act_list.TEXTS)) for each in found
    ]
    tables.print_table(HEADERS, shown, "act")


@acts.command()
@options.store
@options.as_json
def verify(place: options.StorePlace, as_json: bool) -> None:
    """Check every record against the one before it, and all against the mirror in the state directory.

    Exit code 1 names the first record that was changed, inserted, removed or cut off. Without read access to the
    mirror, records cut off at the end are not missed; that is said.

    \b
    Example:
      asterisk-router acts verify
    """
    count, mirrored, fault = place.do(lambda shared: shared.acts.verify())
    if as_json:
        broken = None if fault is None else fault._asdict()
        tables.print_json({"records": count, "mirror_read": mirrored, "first_broken": broken})
    elif fault is None:
        against = "" if mirrored else "; the mirror cannot be read by this user, an end cut off would not be missed"
        tables.say(f"the record is whole: {count} act{'s' * (count != 1)}{against}")
    if fault is not None:
        raise ActRecordError(
            fault.problem,
            where=f"record {fault.number}",
            remedy="find out who can write to Redis and the state directory; then keep both for evidence",
        )
