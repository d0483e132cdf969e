"""Who is calling, and where their card is, reach the agent's telephone and whoever the call is transferred to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.ami import SeenCall
from tests.live.phone import telephone
from tests.live.scripted_router import scripted_router, set_variables
from tests.live.site import Site

pytestmark = pytest.mark.live

CALLER = "+42125550100"
LINE = "+42120550000"
NAME = "Novák (VIP)"
CARD = "http://127.0.0.1:8080/card/421"


@pytest.fixture(params=["plain", "oldest"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Asterisk 22 and 16 in turn, with nothing seen yet, and afterwards nobody on the line."""
    site: Site = request.getfixturevalue(f"{request.param}_site")
    site.watcher.forget()
    yield site
    site.hang_up()


def calls(site: Site, branch: str, agent: str = "") -> None:
    """A caller comes in, to that branch."""
    said = set_variables(
        ROUTER_BRANCH=branch, ROUTER_QUEUE="sales", ROUTER_AGENT=agent, ROUTER_SCREEN_NAME=NAME, ROUTER_CARD_URL=CARD
    )
    with scripted_router(site.router.port, lambda query: said):
        site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": CALLER})
        site.watcher.wait(lambda: any(call.branches for call in site.watcher.asked()))


def rung(messages: Path) -> str:
    """The first call the telephone got, as it came."""
    return messages.read_text(errors="replace").partition("INVITE ")[2].partition("\n\n")[0]


def shown(site: Site, channel: str) -> bool:
    """Whether that telephone has the caller's name on its display."""
    found: list[SeenCall] = [call for call in site.watcher.calls.values() if channel in call.channel]
    return any(event.get("ConnectedLineName") == NAME for call in found for event in call.events)


def carries_the_card(site: Site, channel: str) -> bool:
    rows = site.pbx.cli("core show channels concise").splitlines()
    (name,) = (row.partition("!")[0] for row in rows if row.startswith(channel))
    return f"ROUTER_CARD_URL={CARD}" in site.pbx.cli(f"core show channel {name}")


def test_the_agent_s_telephone_shows_the_caller_and_is_told_of_the_card(site: Site) -> None:
    with telephone(site.pbx.desk_port, "answers") as messages:
        calls(site, "account-manager", agent="PJSIP/anna")
        site.watcher.wait(lambda: "ACK " in messages.read_text(errors="replace") if messages.exists() else False)
        invite = rung(messages)
    assert f'From: "{NAME}" <sip:{CALLER}@' in invite
    assert f"Call-Info: <{CARD}>;purpose=info" in invite


def test_both_follow_a_blind_transfer(site: Site) -> None:
    with telephone(site.pbx.desk_port, "answers") as messages, site.staffed("passes-78"):
        calls(site, "incident")
        site.watcher.wait(lambda: "ACK " in messages.read_text(errors="replace") if messages.exists() else False)
        invite = rung(messages)
        assert carries_the_card(site, "PJSIP/anna")
    assert f'From: "{NAME}" <sip:{CALLER}@' in invite
    assert f"Call-Info: <{CARD}>;purpose=info" in invite


def test_both_follow_an_attended_transfer(site: Site) -> None:
    with telephone(site.pbx.desk_port, "answers") as messages, site.staffed("asks-78"):
        calls(site, "incident")
        site.watcher.wait(lambda: shown(site, "PJSIP/anna"))
        assert carries_the_card(site, "PJSIP/anna")
        assert f"Call-Info: <{CARD}>;purpose=info" in rung(messages)
        site.watcher.wait(lambda: f'P-Asserted-Identity: "{NAME}"' in messages.read_text(errors="replace"))
