"""Two policies on one call: what counts as a difference, and how differences are counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.policy.decision import Decision
from asterisk_router.policy.differences import KINDS_MAX, LATEST_MAX, Differences, different_fields
from asterisk_router.wire.incoming_call import IncomingCall

CALL = IncomingCall("+42125550100", "+42120550000", uniqueid="berlin-1.7", linkedid="berlin-1.6")
LIVE = Decision(
    "new", "sales", head_start_s=60, number="+42125550100", reason="classify new a.toml:3", where="a.toml:3"
)
SHADOW = LIVE._replace(caller_class="vip", head_start_s=300, reason="classify vip b.toml:9", where="b.toml:9")


def test_what_nobody_would_notice_is_no_difference() -> None:
    other = LIVE._replace(reason="classify other b.toml:1", rule="other", where="b.toml:1", policy_version="b-1")
    assert different_fields(LIVE, other) == ()


@given(st.sampled_from(Decision._fields[: Decision._fields.index("reason")]))
def test_everything_a_caller_or_an_agent_would_notice_is_one(name: str) -> None:
    assert different_fields(LIVE, LIVE._replace(**{name: "another"})) == (name,)


def test_calls_are_counted_by_kind_and_the_latest_kept_with_the_rules_of_both() -> None:
    tally = Differences("a-1", "b-1", 5.0)
    tally.note(CALL, 5.0, LIVE, LIVE)
    tally.note(CALL, 6.0, LIVE, SHADOW)
    tally.note(CALL, 7.0, LIVE, SHADOW)
    tally.note(CALL, 8.0, LIVE, LIVE._replace(branch="desk"))
    plain = tally.as_plain()
    assert (plain["compared"], plain["different"], plain["since_s"]) == (4, 3, 5.0)
    assert [(kind["calls"], kind["shadow_class"], kind["fields"]) for kind in plain["kinds"]] == [
        (2, "vip", ("caller_class", "head_start_s")),
        (1, "new", ("branch",)),
    ]
    latest = plain["latest"][1]
    assert (latest["uniqueid"], latest["linkedid"], latest["number"]) == ("berlin-1.7", "berlin-1.6", "+4212555****")
    assert (latest["where"], latest["shadow_where"]) == ("a.toml:3", "b.toml:9")
    assert latest["shadow_reason"] == "classify vip b.toml:9"


def test_memory_is_bounded_and_no_call_is_lost_from_the_count() -> None:
    tally = Differences()
    for n in range(KINDS_MAX + 50):
        tally.note(CALL, float(n), LIVE, LIVE._replace(head_start_s=1000 + n))
    assert (len(tally.kinds), tally.other_kinds, len(tally.latest)) == (KINDS_MAX, 50, LATEST_MAX)
    assert sum(tally.kinds.values()) + tally.other_kinds == tally.different == KINDS_MAX + 50
    assert tally.latest[-1].at_s == KINDS_MAX + 49
