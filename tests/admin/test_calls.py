"""One line a call."""

from __future__ import annotations

from asterisk_router.admin.calls import as_plain, one_a_call
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap

BEGAN = BeganCall("1.1", "1.1", 100.0, "+421255500100", "+421255500000", "vip", "sales")
ENDED = EndedCall(
    "1.1", "1.1", 100.0, 160.0, "+421255500100", "+421255500000", outcome="answered", call_back_id="+4212"
)
OPEN = BeganCall("1.2", "1.2", 101.0, "", "+421255500000")
GAP = Gap(3, 100.0, 120.0, "disk full and Redis away")


def test_an_ended_call_is_one_record_and_an_open_one_its_beginning() -> None:
    assert one_a_call([BEGAN, OPEN, GAP, ENDED]) == [OPEN, GAP, ENDED]
    assert one_a_call([]) == []
    anew = OPEN._replace(caller_class="complaint", choice="complaint")
    assert one_a_call([OPEN, BEGAN, anew]) == [BEGAN, anew], "as it was decided last"
    assert one_a_call([OPEN, anew, ENDED._replace(uniqueid="1.2"), GAP])[0].uniqueid == "1.2"


def test_numbers_are_masked_unless_asked_for() -> None:
    assert as_plain(ENDED, full=False)["number"] == "+42125550****"
    assert as_plain(ENDED, full=False)["call_back_id"] == "+****"
    assert as_plain(ENDED, full=True)["number"] == "+421255500100"
    assert as_plain(OPEN, full=False)["number"] == ""
    assert [as_plain(each, False)["kind"] for each in (BEGAN, ENDED, GAP)] == ["began", "ended", "gap"]
