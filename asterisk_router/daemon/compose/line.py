"""Puts together what follows a PBX; loaded only where PBXs are followed, so that no other start pays for it."""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING

from ...feeds.ami_feed import AmiFeed
from ...policy.guard.privileges import held_back
from ...store.call_backs import CallBackBook
from ...store.call_stream import CallStream
from ...store.lead import Lead
from ...store.line_board import LineBoards
from ...store.pulled_agents import PulledAgents
from ...store.requests import Requests
from ..board_keeper import BoardKeeper
from ..duties.dialler import Dialler
from ..duties.others_calls import OthersCalls
from ..duties.pre_emption import PreEmption
from ..duties.reorder import Reorder
from ..duties.requests import CarryOut
from ..duties.reserves import Reserves
from ..duties.roster import LeadersActs, Roster
from ..followed_pbx import FollowedPbx
from ..line_keeper import LineKeeper

if TYPE_CHECKING:
    from ...callers.registered_call import BeganCall
    from ...policy.class_rules import ClassRules
    from ...policy.policy import Policy
    from ...queues.live_line import LiveLine
    from ...settings import AmiServer
    from .daemon import House


def claim_of(policy: Policy, call: BeganCall) -> ClassRules:
    """What a call may ask of others: what its class may, unless its number was not trusted enough to come first."""
    rules = policy.class_rules(call.caller_class)
    return rules._replace(preempts=False) if held_back(call.reason) else rules


def followed_pbx(server: AmiServer, line: LiveLine, house: House) -> FollowedPbx:
    """Everything about one PBX, not yet connected; inside the running event loop."""
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    register, store, clock = house.calls.register, (house.book.acts, house.book.keys), house.clock

    def policy() -> Policy:
        return house.in_force.path.policy

    def call(uniqueid: str) -> BeganCall:
        ours = register.open_call(uniqueid)
        return ours if ours.caller_class else others.of(uniqueid)

    def head_start_s(uniqueid: str) -> int:
        return call(uniqueid).head_start_s

    def claim(uniqueid: str) -> ClassRules:
        return claim_of(policy(), call(uniqueid))

    def ours() -> list[str]:
        return [rules.asterisk for rules in policy().queue_rules.values()]

    keeper = LineKeeper(line, register, clock=clock)
    feed = AmiFeed(server, keeper, clock=clock)
    lead = Lead(*store, server.name, name)
    acts = LeadersActs(feed, lead)

    others = OthersCalls(CallStream(*store))
    order = Reorder(line, acts, feed, ours=ours, head_start_s=head_start_s)
    reserves = Reserves(line, acts, PulledAgents(*store, server.name), policy, clock=clock)
    room = PreEmption(line, acts, claim=claim, talking_too=lambda: policy().preempt_talking)
    call_backs = CallBackBook(*store, clock=clock)
    dialler = Dialler(line, acts, call_backs, policy, on_the_line=others.callers, name=name)
    wishes = CarryOut(line, acts, Requests(*store), order, reserves)
    roster = Roster(line, lead, [others, order, reserves, room, dialler, wishes], clock=clock)

    board_keeper = BoardKeeper(
        line, keeper, lead, name=name, policy=policy, call_of=call, reserves=reserves.rows, clock=clock
    )
    return FollowedPbx(keeper, feed, roster, board_keeper, LineBoards(*store))
