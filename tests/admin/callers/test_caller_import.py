"""Many callers at once: what is saved, what is rejected, where it stops."""

from __future__ import annotations

import asyncio
import io

import pytest

from asterisk_router.admin.callers.caller_csv import parse_map
from asterisk_router.admin.callers.caller_import import BATCH, SHOWN_REJECTIONS, CallerImport, ImportReport, Rejection
from asterisk_router.callers.caller import Caller
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.errors import RouterError, StoreUnavailableError
from asterisk_router.numbering.plan import NumberingPlan

PLAN = NumberingPlan("SK")


def lines(first: int, last: int) -> str:
    return "".join(f"02{55500000 + serial},Caller {serial}\n" for serial in range(first, last))


def imported(
    text: str, book: MemoryBook | None, *, from_line: int = 0
) -> tuple[ImportReport, list[Rejection], list[int]]:
    work = CallerImport(io.StringIO(text), parse_map(["number=Phone,name=Name"]), PLAN, author="i", from_line=from_line)
    rejections: list[Rejection] = []
    came_to: list[int] = []
    asyncio.run(work.run(book, lambda: came_to.append(work.report.next_line), rejections.append))
    return work.report, rejections, came_to


def test_every_line_becomes_a_caller() -> None:
    book = MemoryBook()
    report, rejections, _ = imported("Phone,Name\n" + lines(0, 30), book)
    assert (report.saved, report.rejected, rejections) == (30, 0, [])
    assert asyncio.run(book.show("+421255500029")) == Caller(("+421255500029",), "Caller 29")


def test_a_dry_run_judges_all_and_stores_nothing() -> None:
    report, rejections, _ = imported("Phone,Name\n" + lines(0, 3) + "x,Nobody\n", None)
    assert (report.saved, report.rejected) == (3, 1)
    assert rejections == [Rejection(5, "malformed number: 'x'", ("x", "Nobody"))]


def test_rejections_are_counted_by_kind_and_the_first_are_kept() -> None:
    bad = "".join(f"bad{serial},\n" for serial in range(SHOWN_REJECTIONS + 5))
    report, rejections, _ = imported("Phone,Name\n" + bad + ",\n\n" + lines(0, 1), MemoryBook())
    assert report.reasons == {"malformed number": SHOWN_REJECTIONS + 5, "no number": 1}
    assert report.first_rejections == rejections[:SHOWN_REJECTIONS]
    assert len(rejections) == SHOWN_REJECTIONS + 6
    assert report.saved == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_are_told_apart_by_the_header(separator: str) -> None:
    book = MemoryBook()
    text = f'Phone{separator}Name\n0255500001{separator}"Nova{separator} Anna"\n'
    imported(text, book)
    assert asyncio.run(book.show("+421255500001")).name == f"Nova{separator} Anna"


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    _, rejections, _ = imported('Phone,Name\n0255500001,"two\nlines"\nx,\n', MemoryBook())
    assert [rejection.line for rejection in rejections] == [4]


def test_an_import_broken_off_goes_on_where_it_stopped() -> None:
    class Failing(MemoryBook):
        batches = 0

        async def save_many(self, callers):  # type: ignore[no-untyped-def]
            self.batches += 1
            if self.batches == 3:
                raise StoreUnavailableError("gone")
            return await super().save_many(callers)

    text = "Phone,Name\n" + lines(0, 2 * BATCH + 10)
    book = Failing()
    work = CallerImport(io.StringIO(text), parse_map(["number=Phone,name=Name"]), PLAN, author="i")
    with pytest.raises(StoreUnavailableError):
        asyncio.run(work.run(book, lambda: None, lambda rejection: None))
    assert (work.report.saved, work.report.next_line) == (2 * BATCH, 2 * BATCH + 2)
    again, _, _ = imported(text, book, from_line=work.report.next_line)
    assert again.saved == 10
    assert asyncio.run(book.show(f"+421{255500000 + 2 * BATCH + 9}")).numbers


def test_progress_is_told_after_every_batch() -> None:
    _, _, came_to = imported("Phone,Name\n" + lines(0, BATCH + 1), MemoryBook())
    assert came_to == [BATCH + 2, BATCH + 3]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(RouterError, match="empty"):
        imported("", MemoryBook())


def test_a_line_that_is_not_csv_is_one_rejection() -> None:
    report, rejections, _ = imported("Phone,Name\n0255500001," + "x" * 200_000 + "\n" + lines(2, 3), MemoryBook())
    assert report.saved == 1
    assert rejections[0].reason.startswith("not CSV")
