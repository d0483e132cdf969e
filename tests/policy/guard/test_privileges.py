"""What is withheld at which trust: every privilege at every level, by the table and under any table."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.trust import E0, E1, E2, E3, E4
from asterisk_router.errors import PolicyError
from asterisk_router.policy.facts.table import TRUST_LEVELS
from asterisk_router.policy.guard.privileges import FLOORS, TrustTable, held_back
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.live_line import LiveLine
from tests.policy.trusted_house import ENJOYS, decided, house_of, line_of

LEVELS = range(len(TRUST_LEVELS))

ENJOYED = {
    "incident": (E0, E1, E2, E3, E4),
    "head_start": (E1, E2, E3, E4),
    "names": (E3, E4),
    "mobile": (E3, E4),
    "decoy": (E2, E3, E4),
}
"""Where nothing is said: the levels at which each privilege is enjoyed."""

NEVER = {"incident": (), "head_start": (E0,), "names": (E0,), "mobile": (E0,), "decoy": (E0, E1)}
"""The levels to which no policy can lower it."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """With the table as it is when nothing is said."""
    return house_of(tmp_path_factory.mktemp("house"))


def test_the_table_has_the_privileges_and_nothing_else() -> None:
    assert set(ENJOYED) == set(NEVER) == set(ENJOYS) == set(FLOORS) == set(TrustTable._fields[: len(FLOORS)])


@pytest.mark.parametrize("level", LEVELS, ids=TRUST_LEVELS)
@pytest.mark.parametrize("privilege", ENJOYED)
def test_each_privilege_at_each_level(house: Policy, privilege: str, level: int) -> None:
    assert ENJOYS[privilege](house, level) is (level in ENJOYED[privilege])


@pytest.mark.parametrize("least", LEVELS, ids=TRUST_LEVELS)
@pytest.mark.parametrize("privilege", ENJOYED)
def test_a_policy_raises_a_privilege_and_lowers_it_to_its_floor(tmp_path: Path, privilege: str, least: int) -> None:
    written = f'{privilege} = "{TRUST_LEVELS[least]}"'
    if least in NEVER[privilege]:
        with pytest.raises(PolicyError, match=f"house.toml:66:.*{privilege}: {TRUST_LEVELS[least]} is too low"):
            house_of(tmp_path, written)
        return
    policy = house_of(tmp_path, written)
    assert [ENJOYS[privilege](policy, level) for level in LEVELS] == [level >= least for level in LEVELS]


def test_below_the_level_a_caller_gets_what_a_stranger_gets_and_the_reason_says_why(house: Policy) -> None:
    stranger, bare, proven = decided(house, E1), decided(house, E1, "vip"), decided(house, E4, "vip")
    assert bare.greeting == stranger.greeting == "greet-stranger"
    assert (bare.caller_class, bare.branch, bare.queue) == ("vip", "sales", "sales")
    assert (bare.agent, bare.agent_mobile, bare.card_url) == ("PJSIP/anna", "", "")
    assert (bare.screen_name, proven.screen_name) == ("~ VIP Jana", "VIP Jana")
    assert bare.reason.endswith("; withheld names (E1: needs E3); withheld mobile (E1: needs E3)")
    assert "withheld" not in proven.reason and "withheld" not in stranger.reason
    assert proven.card_url and proven.agent_mobile and proven.greeting == "greet-vip"
    assert decided(house, E0, "vip").head_start_s == stranger.head_start_s == 60


def test_only_a_mobile_that_is_there_is_said_to_be_withheld(house: Policy) -> None:
    reason = decided(house, E1, "inspector").reason
    assert "withheld names" in reason and "mobile" not in reason


def test_who_is_not_sent_to_the_decoy_is_a_stranger_with_the_reason(house: Policy) -> None:
    spared, stranger = decided(house, E1, "competitor"), decided(house, E1)
    assert spared.reason.endswith("; withheld decoy (E1: needs E2) of competitor")
    assert spared._replace(reason="", screen_name="", set_aside="") == stranger._replace(reason="", screen_name="")
    sent = decided(house, E2, "competitor")
    assert (sent.branch, sent.greeting) == ("decoy", "greet-decoy"), "its text is no privilege to be withheld"


def test_a_protected_class_keeps_what_the_guard_rails_owe_it(house: Policy) -> None:
    for claimed in (decided(house, E1, "inspector"), decided(house, E1, "sla")):
        assert claimed.greeting in ("greet-plain", "greet-incident")
        assert claimed.head_start_s >= 3600 and claimed.card_url == ""
    assert decided(house, E1, "inspector", live=LiveLine.UNKNOWN).head_start_s == 3600


def test_a_line_that_is_not_known_lifts_nobody_on_a_claim(house: Policy) -> None:
    bare = decided(house, E1, "vip", live=LiveLine.UNKNOWN)
    assert bare.head_start_s == 60 and "; withheld head_start (E1: line unknown)" in bare.reason
    assert held_back(bare.reason), "and nobody makes room"
    assert decided(house, E2, "vip", live=LiveLine.UNKNOWN).head_start_s == 480


def test_a_share_of_a_hundred_is_no_bound_and_nobody_asks_the_line(tmp_path: Path) -> None:
    policy = house_of(tmp_path, "claimed_share = 100")
    assert decided(policy, E1, "vip", live=LiveLine.UNKNOWN).head_start_s == 480


@given(
    trust=st.sampled_from(LEVELS),
    tags=st.sets(st.sampled_from(["vip", "sla", "inspector", "competitor", "nobody"])),
    waiting=st.one_of(st.none(), st.integers(0, 9)),
)
def test_a_call_is_never_lost_nor_worse_off_than_a_stranger_s(
    house: Policy, trust: int, tags: set[str], waiting: int | None
) -> None:
    live = LiveLine.UNKNOWN if waiting is None else line_of(house, waiting)
    got, full = decided(house, trust, *tags, live=live), decided(house, E4, *tags, live=live)
    stranger = decided(house, trust, live=live)
    assert got.branch and (got.branch == full.branch or full.branch == "decoy")
    assert got.queue == full.queue or full.branch == "decoy"
    assert min(stranger.head_start_s, full.head_start_s) <= got.head_start_s <= max(full.head_start_s, 60)
    assert ("withheld" in got.reason) == (got._replace(reason="", trust=4) != full._replace(reason=""))
    told = decided(house, trust, *tags, live=live)
    assert told == got, "nothing an imagined call claims is remembered"
