"""Puts together what follows a PBX; loaded only where PBXs are followed, so that no other start pays for it."""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING

from ..feeds.ami_feed import AmiFeed
from ..store.call_backs import CallBackBook
from ..store.lead import Lead
from ..store.line_board import LineBoards
from ..store.pulled_agents import PulledAgents
from ..store.requests import Requests
from .board_keeper import BoardKeeper
from .duties.dialler import Dialler
from .duties.pre_emption import PreEmption
from .duties.reorder import Reorder
from .duties.requests import CarryOut
from .duties.reserves import Reserves
from .duties.roster import LeadersActs, Roster
from .followed_pbx import FollowedPbx
from .line_keeper import LineKeeper

if TYPE_CHECKING:
    from ..policy.policy import Policy
    from ..queues.live_line import LiveLine
    from ..settings import AmiServer
    from .compose import House


def followed(server: AmiServer, line: LiveLine, house: House) -> FollowedPbx:
    """Everything about one PBX, not yet connected; inside the running event loop."""
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    book, clock = house.book, house.clock

    def policy() -> Policy:
        return house.in_force.path.policy

    keeper = LineKeeper(line, house.calls.register, clock=clock)
    feed = AmiFeed(server, keeper, clock=clock)
    lead = Lead(book.acts, book.keys, server.name, name)
    acts = LeadersActs(feed, lead)
    order = Reorder(
        line,
        acts,
        feed,
        ours=lambda: (rules.asterisk for rules in policy().queue_rules.values()),
        head_start_s=lambda uniqueid: house.calls.register.open_call(uniqueid).head_start_s,
    )
    reserves = Reserves(line, acts, PulledAgents(book.acts, book.keys, server.name), policy)
    room = PreEmption(
        line,
        acts,
        claim=lambda uniqueid: policy().class_rules(house.calls.register.open_call(uniqueid).caller_class),
        talking_too=lambda: policy().preempt_talking,
    )
    dialler = Dialler(line, acts, CallBackBook(book.acts, book.keys, clock=clock), policy, name=name)
    wishes = CarryOut(line, acts, Requests(book.acts, book.keys), order, reserves)
    board_keeper = BoardKeeper(
        line,
        keeper,
        lead,
        name=name,
        policy=policy,
        class_of=lambda uniqueid: house.calls.register.open_call(uniqueid).caller_class,
        reserves=reserves.rows,
        clock=clock,
    )
    roster = Roster(line, lead, [order, reserves, room, dialler, wishes], clock=clock)
    return FollowedPbx(keeper, feed, roster, board_keeper, LineBoards(book.acts, book.keys))
