"""What the policy decided for one call."""

from __future__ import annotations

from typing import NamedTuple


class Decision(NamedTuple):
    """Where the call goes, how soon a person answers, and why."""

    caller_class: str
    """Class of the caller, by `[[classify]]`."""
    branch: str
    """Extension of the branches context the dialplan goes to."""
    greeting: str = ""
    """Greeting variant: a sound file name."""
    menu: str = ""
    """Menu variant: a sound file name."""
    queue: str = ""
    """Queue the call waits in; empty when the branch has none."""
    head_start_s: int = 0
    """Waiting granted in advance, in seconds: rank = waited + head start."""
    agent: str = ""
    """Preferred agent's desk interface (`PJSIP/anna`); empty for anyone."""
    agent_mobile: str = ""
    """Where that agent is rung next (`PJSIP/+421905550123@trunk`); empty for nowhere."""
    agent_wait_s: int = 0
    """How long that agent's desk rings before the mobile and the queue, in seconds; 0 without an agent."""
    min_penalty: int = 0
    """Skill window: least penalty of the queue members rung."""
    max_penalty: int = 0
    """Skill window: greatest penalty of the queue members rung; 0 for no limit."""
    promised_wait_s: int = 0
    """The wait the class is promised, in seconds; 0 for no promise."""
    call_back: bool = True
    """Whether the caller is owed a call-back should the call be missed."""
    expected_wait_s: int = 0
    """The wait to tell the caller, in seconds; 0 when it is not to be told, or not known."""
    screen_name: str = ""
    """Who is calling, for the agent's telephone."""
    card_url: str = ""
    """Where the caller's card is shown; empty for nowhere."""
    record: bool = False
    """Whether the call is recorded."""
    language: str = ""
    """Language to set on the channel; empty to leave it."""
    trust: int = 0
    """Trust in the calling number, 0 (E0) to 4 (E4)."""
    number: str = ""
    """Canonical caller number; empty when there is none."""
    reason: str = ""
    """Why, in one line: rule names with file:line."""
    rule: str = ""
    """Name of the classify rule that won."""
    where: str = ""
    """file:line of that rule."""
    policy_version: str = ""
    """Version of the policy that decided."""
    degraded: bool = False
    """Whether something needed for a full decision was missing."""
    set_aside: str = ""
    """Why a guard rail kept a rule from deciding, one of a few texts; empty when none did."""
