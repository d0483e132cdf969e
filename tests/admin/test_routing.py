"""A decision without a call is the decision a call would get."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone

from asterisk_router.admin.routing import RoutedCall, route_without_call, story_of
from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.load import load
from asterisk_router.wire.incoming_call import IncomingCall

NUMBER, LINE = "+421255500100", "+42120550000"
MONDAY_MORNING_S = datetime(2026, 11, 23, 9, 30, tzinfo=timezone.utc).timestamp()
CALL = IncomingCall(NUMBER, LINE)
SHOP = load("shop")


def path_to(*callers: Caller) -> CallPath:
    book = MemoryBook(callers)
    return CallPath(SHOP, book, book.ranges)


def routed(path: CallPath, call: IncomingCall = CALL, tags: tuple[Tag, ...] = ()) -> RoutedCall:
    imagined = route_without_call(path, call, MONDAY_MORNING_S, lambda found: found._replace(tags=found.tags + tags))
    return asyncio.run(imagined)


def test_it_decides_as_the_path_of_a_call_does() -> None:
    path = path_to(Caller((NUMBER,), "Anna", (Tag("customer"),), value=500))
    without_call = routed(path)
    by_call: list[Decision] = []
    failures: list[Exception] = []
    path.route(CALL, MONDAY_MORNING_S, by_call.append, failures.append)
    assert ([without_call.decision], []) == (by_call, failures)
    assert without_call.microseconds > 0


def test_an_imagined_tag_counts() -> None:
    assert routed(path_to()).decision.caller_class == "prospect-new"
    assert routed(path_to(), tags=(Tag("supplier"),)).decision.caller_class == "partner"


def test_a_withheld_number_is_not_looked_up() -> None:
    assert routed(path_to(), IncomingCall("anonymous", LINE)).decision.caller_class == "unidentified"


def test_explain_names_the_rule_that_won_and_sees_range_tags() -> None:
    path = path_to()
    asyncio.run(path.book.tag_prefix("+4212555", Tag("inspector")))
    decided = routed(path)
    story = story_of(path, decided)
    won = [rule for rule in story.rules if rule.result == "won" and rule.step == "classify"]
    assert [(rule.name, rule.where) for rule in won] == [(decided.decision.rule, decided.decision.where)]
    lost = next(each for each in story.what_if if each.would == "lose")
    assert (lost.name, [change.fact for change in lost.changes]) == ("inspector", ["tag('inspector')"])
    assert decided.decision.caller_class == "inspector"
