"""The caller's card."""

from __future__ import annotations

import asyncio
import json

from asterisk_router.admin.callers.card import card
from asterisk_router.callers.call_back import CallBack, Miss
from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.store.call_backs import CallBackBook
from asterisk_router.store.connection.process_connection import ProcessConnection
from asterisk_router.store.redis_keys import RedisKeys

NOW_S = 1_780_000_000
ANNA, SECOND = "+421255500100", "+421255500101"
RECENT = (PastCall(100, "answered", "1"), PastCall(200, "missed"), PastCall(300, "missed"))
HISTORY = History(3, 100, 300, "eva", RECENT)
OWED = CallBack(
    SECOND, (SECOND,), misses=(Miss("1.1", SECOND, 300.0, 300.0),), missed=2, attempts=1, expires_at_s=9e9, note="ring"
)


def card_of(number: str, caller: Caller, *owed: CallBack) -> dict[str, object]:
    """The card, through JSON and back: everything in it is plain."""

    async def made() -> dict[str, object]:
        book = MemoryBook([caller] if caller.numbers else [])
        await book.tag_prefix("+42125550", Tag("capital", "import"))
        call_backs = CallBackBook(ProcessConnection(), RedisKeys())
        for entry in owed:
            await call_backs.put(entry)
        found: dict[str, object] = json.loads(json.dumps(await card(book, call_backs, number, NOW_S)))
        return found

    return asyncio.run(made())


def test_it_says_all_that_is_known() -> None:
    tags = (Tag("vip", "mary", "contract 7", 90, 1, 5, NOW_S + 1), Tag("debtor", expires_at_s=NOW_S))
    shown = card_of(ANNA, Caller((ANNA, SECOND), "Anna", tags, 5200, 3, "sk", "eva", ("deal",), HISTORY), OWED)
    assert {name: shown[name] for name in ("known", "numbers", "name", "value", "orders", "language", "own_agent")} == {
        "known": True, "numbers": [ANNA, SECOND], "name": "Anna", "value": 5200, "orders": 3, "language": "sk",
        "own_agent": "eva",
    }  # fmt: skip
    assert shown["open_matters"] == ["deal"]
    assert shown["tags"] == [
        {"on": ANNA, "name": "vip", "author": "mary", "evidence": "contract 7", "confidence": 90, "trust": 1,
         "created_at_s": 5, "expires_at_s": NOW_S + 1, "set_by": "", "approved_by": "", "approved_at_s": 0,
         "suspended_at_s": 0},
        {"on": "+42125550*", **Tag("capital", "import")._asdict()},
    ]  # fmt: skip
    assert shown["history"] == {
        "calls": 3, "first_at_s": 100, "last_at_s": 300, "last_agent": "eva", "missed_since_answer": 2,
        "recent": [past._asdict() for past in reversed(RECENT)],
    }  # fmt: skip


def test_a_call_back_owed_to_any_number_of_the_person_is_on_it() -> None:
    shown = card_of(ANNA, Caller((ANNA, SECOND)), OWED)
    assert shown["call_back"] == {
        "reason": "missed", "missed": 2, "since_s": 300.0, "last_missed_at_s": 300.0, "attempts": 1, "owner": "",
        "note": "ring",
    }  # fmt: skip
    assert card_of(ANNA, Caller((ANNA,)), OWED)["call_back"] is None


def test_who_has_the_call_back_in_hand_is_on_it_while_they_have() -> None:
    for until_s, shown_owner in ((NOW_S + 1.0, "dialler of berlin"), (NOW_S - 1.0, "")):
        held = OWED._replace(owner="dialler of berlin#1/2", owned_until_s=until_s)
        shown = card_of(ANNA, Caller((ANNA, SECOND)), held)["call_back"]
        assert shown["owner"] == shown_owner  # type: ignore[index]


def test_somebody_never_seen_has_one_too() -> None:
    shown = card_of(ANNA, Caller.UNKNOWN)
    assert (shown["known"], shown["numbers"], shown["name"]) == (False, [ANNA], "")
    assert [tag["name"] for tag in shown["tags"]] == ["capital"]  # type: ignore[attr-defined]
