"""Snapshots of a real Asterisk put together; torn ones told."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.errors import ForgedBlockError
from asterisk_router.queues.events import CallerListed, LineListed, MemberListed, QueueListed
from asterisk_router.wire.ami_listing import STATUS_ROWS, SUMMARY_ROWS, Listing
from asterisk_router.wire.ami_stream import Block, BlockReader

RECORDED = sorted((Path(__file__).parents[1] / "recorded").glob("*.ami"))
LEE = "Local/rings@agents/n"


def rows_of(path: Path, action_id: str) -> list[Block]:
    blocks = BlockReader((*STATUS_ROWS, *SUMMARY_ROWS)).feed(path.read_bytes())
    return [block for block in blocks if block.kind and block.fields.get("ActionID") == action_id]


def listing_of(rows: list[Block], queue: str = "") -> Listing:
    listing = Listing(queue)
    for kind, fields, _ in rows:
        if kind in SUMMARY_ROWS:
            listing.compare(kind, fields)
        else:
            assert not listing.complete
            listing.take(kind, fields)
    return listing


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_whole_line(path: Path) -> None:
    listing = listing_of(rows_of(path, "list-1") + rows_of(path, "sum-1"))
    assert listing.complete and listing.damaged == ""
    assert isinstance(listing.listed, LineListed)
    queues = {queue.queue: queue for queue in listing.listed.queues}
    assert set(queues) == {"sales", "support", "empty"}
    assert queues["empty"] == QueueListed("empty", strategy="ringall")
    sales = queues["sales"]
    assert (sales.strategy, sales.weight) == ("leastrecent", 3)
    lee = {member.interface: member for member in sales.members}[LEE]
    assert lee == MemberListed(LEE, 'Bo "Bob" \\ Lee', LEE, penalty=4, paused=True, paused_reason="lunch", status=1)
    assert [caller._replace(uniqueid="", channel="", waited_s=0) for caller in sales.waiting] == [
        CallerListed("", "", 1, 0, 7, "+421255501234", "Иван Петров"),
        CallerListed("", "", 2, 0, 0, "+421255501235", 'Bo "Bob"  Lee'),
        CallerListed("", "", 3, 0, -3, "+12025550100", ""),
    ]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_one_queue(path: Path) -> None:
    listing = listing_of(rows_of(path, "list-2"), "sales")
    assert isinstance(listing.listed, QueueListed)
    assert (listing.listed.queue, len(listing.listed.waiting)) == ("sales", 3)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_queue_that_is_not_there(path: Path) -> None:
    listing = listing_of(rows_of(path, "list-3"), "nowhere")
    assert listing.complete and listing.listed is None


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_averages_and_counts_after_a_call(path: Path) -> None:
    listing = listing_of(rows_of(path, "list-5"))
    assert isinstance(listing.listed, LineListed)
    sales = next(queue for queue in listing.listed.queues if queue.queue == "sales")
    assert sales.holdtime_s in (4, 5) and sales.talktime_s in (2, 3)
    assert (sales.completed, sales.abandoned) == (1, 2)


def test_without_a_row_the_rest_stands_and_the_loss_is_told() -> None:
    rows = rows_of(RECORDED[-1], "list-1")
    entry = next(at for at, row in enumerate(rows) if row.kind == "QueueEntry")
    listing = listing_of(rows[:entry] + rows[entry + 1 :])
    assert isinstance(listing.listed, LineListed)
    assert listing.damaged == f"of {len(rows) - 1} rows of a snapshot {len(rows) - 2} came"


def test_what_asterisk_counts_otherwise_is_told() -> None:
    rows, counts = rows_of(RECORDED[-1], "list-1"), rows_of(RECORDED[-1], "sum-5")
    listing = listing_of(rows + counts)
    assert listing.damaged == "more or fewer callers are counted than listed"


@pytest.mark.parametrize("kind, key", [("QueueEntry", "Uniqueid"), ("QueueEntry", "Wait"), ("QueueMember", "Status")])
def test_a_torn_row_is_refused(kind: str, key: str) -> None:
    row = next(row for row in rows_of(RECORDED[-1], "list-2") if row.kind == kind)
    listing = listing_of(rows_of(RECORDED[-1], "list-2")[:1], "sales")
    with pytest.raises(ForgedBlockError, match=f"{kind} without {key}"):
        listing.take(kind, {name: value for name, value in row.fields.items() if name != key})


def test_a_row_of_a_queue_that_was_not_announced_is_refused() -> None:
    row = next(row for row in rows_of(RECORDED[-1], "list-2") if row.kind == "QueueEntry")
    with pytest.raises(ForgedBlockError):
        Listing().take(row.kind, row.fields)


def test_a_number_that_is_none_is_refused() -> None:
    rows = rows_of(RECORDED[-1], "list-2")
    listing = listing_of(rows[:1], "sales")
    entry = next(row for row in rows if row.kind == "QueueEntry")
    with pytest.raises(ForgedBlockError, match="no number"):
        listing.take("QueueEntry", {**entry.fields, "Wait": "long"})
    with pytest.raises(ForgedBlockError, match="not whole"):
        listing.compare("QueueSummary", {"Queue": "sales"})
