"""The live line: what is known of a PBX, how old it is, and that it always becomes what app_queue has."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from asterisk_router.queues.events import (
    AgentCompleted,
    AgentConnected,
    AgentRung,
    AgentRungInVain,
    CallerAbandoned,
    CallerJoined,
    CallerLeft,
    CallerListed,
    LineListed,
    MemberChanged,
    MemberListed,
    MemberRemoved,
    QueueListed,
)
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.live_queue import QueueFacts
from tests.queues.app_queue import ModelPbx

NOW = 1_800_000_000.0
ANNA = MemberListed("PJSIP/anna", "Anna", status=1)
BORIS = MemberListed("PJSIP/boris", "Boris", status=1)


def listed_line(*queues: QueueListed) -> LiveLine:
    line = LiveLine("berlin")
    line.apply(LineListed(queues), NOW)
    line.heard(NOW)
    return line


def sales(*, waiting: tuple[CallerListed, ...] = ()) -> LiveLine:
    return listed_line(QueueListed("sales", (ANNA, BORIS), waiting), QueueListed("support", (ANNA,)))


def join(uniqueid: str, position: int, callers: int, priority: int | None = 0, queue: str = "sales") -> CallerJoined:
    return CallerJoined(queue, uniqueid, uniqueid, f"PJSIP/{uniqueid}", position, callers, priority)


def order(line: LiveLine, queue: str = "sales") -> list[str]:
    return [caller.uniqueid for caller in line.queues[queue].waiting]


# its age


def test_nothing_is_known_before_the_first_snapshot() -> None:
    line = LiveLine("berlin")
    line.apply(join("u1", 1, 1), NOW)
    line.heard(NOW)
    assert not line.known(NOW)
    assert line.waiting("sales", NOW) is None and line.free("sales", NOW) is None
    assert line.longest_wait_s("sales", NOW) is None and line.expected_wait_s("sales", NOW) is None
    assert line.agent_free("PJSIP/anna", NOW) is None


def test_a_snapshot_is_good_for_as_long_as_the_limit_says() -> None:
    line = sales()
    assert line.known(NOW + 5.0) and line.free("sales", NOW + 5.0) == 2
    assert not line.known(NOW + 5.001)
    assert line.free("sales", NOW + 5.001) is None and line.agent_free("PJSIP/anna", NOW + 5.001) is None


def test_a_sign_of_life_keeps_it_good_and_an_old_one_does_not_make_it_older() -> None:
    line = sales()
    line.heard(NOW + 4)
    line.heard(NOW + 1)
    assert line.good_until_s == NOW + 9


def test_an_event_or_a_snapshot_alone_is_no_proof_of_freshness() -> None:
    line = sales()
    line.apply(join("u1", 1, 1), NOW + 4)
    line.apply(LineListed((QueueListed("sales", (ANNA,)),)), NOW + 4)
    assert line.known(NOW + 5) and not line.known(NOW + 6)


def test_a_lost_line_is_unknown_at_once_and_until_it_is_listed_anew() -> None:
    line = sales()
    turn = line.turn
    line.lost()
    assert line.turn != turn and not line.known(NOW) and line.free("sales", NOW) is None
    line.heard(NOW + 1)
    line.apply(QueueListed("sales"), NOW + 1)
    assert not line.known(NOW + 1)
    line.apply(LineListed((QueueListed("sales", (ANNA,)),)), NOW + 2)
    assert not line.known(NOW + 2)
    line.heard(NOW + 2)
    assert line.known(NOW + 2) and line.free("sales", NOW + 2) == 1


def test_a_queue_nobody_has_is_unknown_and_not_empty() -> None:
    assert sales().waiting("nowhere", NOW) is None


def test_the_unknown_line_stays_unknown() -> None:
    LiveLine.UNKNOWN.apply(LineListed((QueueListed("sales"),)), NOW)
    assert not LiveLine.UNKNOWN.known(NOW) and LiveLine.UNKNOWN.queues == {}


def test_the_turn_changes_with_whatever_happens_and_with_time() -> None:
    line = sales()
    turns = [line.turn]
    for event in (join("u1", 1, 1), CallerLeft("sales", "u1", 0), MemberRemoved("sales", "PJSIP/anna")):
        line.apply(event, NOW)
        turns.append(line.turn)
    line.tick(NOW + 1)
    line.set_queue_facts({})
    assert len({*turns, line.turn}) == 5


# callers


def test_callers_stand_where_app_queue_puts_them() -> None:
    line = sales()
    for event in (join("low", 1, 1, 0), join("high", 1, 2, 9), join("middle", 2, 3, 5)):
        line.apply(event, NOW)
    assert order(line) == ["high", "middle", "low"] and line.waiting("sales", NOW) == 3 and not line.doubtful


def test_a_join_of_somebody_there_and_a_leave_of_somebody_gone_change_nothing() -> None:
    line = sales(waiting=(CallerListed("u1", "PJSIP/u1", 1, 20, priority=7),))
    line.apply(join("u1", 1, 1, 3), NOW + 1)  # under way when the snapshot was taken, and re-prioritised in between
    line.apply(CallerLeft("sales", "gone", 0), NOW + 1)
    caller = line.queues["sales"].waiting[0]
    assert order(line) == ["u1"] and not line.doubtful
    assert (caller.linkedid, caller.priority, caller.since_s) == ("u1", 7, NOW - 20)


def test_a_caller_who_comes_back_at_once_is_there() -> None:
    line = sales()
    for event in (join("u1", 1, 1), CallerLeft("sales", "u1", 0), join("u1", 1, 1)):
        line.apply(event, NOW)
    assert order(line) == ["u1"] and not line.doubtful


def test_who_came_back_while_a_snapshot_overtook_it_may_stand_wrong_and_is_asked_for() -> None:
    told = (CallerListed("u0", "PJSIP/u0", 1, priority=0), CallerListed("u1", "PJSIP/u1", 2, priority=-1))
    line = sales(waiting=told)
    for event in (CallerLeft("sales", "u1", 0), join("u1", 1, 1, -1), join("u0", 1, 2, 0)):  # all before the snapshot
        line.apply(event, NOW)
    assert order(line) == ["u1", "u0"] and line.doubtful == {"sales"}
    line.apply(QueueListed("sales", (ANNA,), told), NOW)
    assert order(line) == ["u0", "u1"] and not line.doubtful


def test_a_count_or_a_place_that_contradicts_makes_the_queue_doubtful_until_it_is_listed() -> None:
    for event in (join("u1", 1, 2), join("u1", 3, 1), CallerLeft("sales", "u0", 1)):
        line = sales(waiting=(CallerListed("u0", "PJSIP/u0", 1),) if isinstance(event, CallerLeft) else ())
        line.apply(event, NOW)
        assert line.doubtful == {"sales"}
        line.apply(QueueListed("sales", (ANNA,)), NOW)
        assert not line.doubtful and line.waiting("sales", NOW) == 0


def test_a_place_that_contradicts_the_priorities_known_is_doubtful() -> None:
    line = sales(waiting=(CallerListed("u0", "PJSIP/u0", 1, priority=5),))
    line.apply(join("behind", 2, 2, 9), NOW)
    assert line.doubtful == {"sales"}
    line = sales(waiting=(CallerListed("u0", "PJSIP/u0", 1, priority=5),))
    line.apply(join("before", 1, 2, 5), NOW)
    assert line.doubtful == {"sales"}


def test_a_queue_heard_of_for_the_first_time_is_to_be_listed() -> None:
    line = sales()
    line.apply(join("u1", 1, 1, queue="new"), NOW)
    assert line.doubtful == {"new"} and line.waiting("new", NOW) == 1


def test_queues_that_a_snapshot_lacks_are_gone() -> None:
    line = sales()
    line.apply(LineListed((QueueListed("support", (ANNA,)),)), NOW)
    assert line.waiting("sales", NOW) is None and line.free("support", NOW) == 1


def test_waits_grow_with_the_clock() -> None:
    line = sales(waiting=(CallerListed("u0", "PJSIP/u0", 1, 30, 5),))
    line.apply(join("u1", 2, 2, 5), NOW + 1)
    assert line.longest_wait_s("sales", NOW + 4) == 34
    line.apply(CallerLeft("sales", "u0", 1), NOW + 4)
    assert line.longest_wait_s("sales", NOW + 4) == 3
    assert line.longest_wait_s("support", NOW + 4) == 0


def test_an_abandoned_call_counts_and_its_leave_takes_the_caller_away() -> None:
    line = sales(waiting=(CallerListed("u0", "PJSIP/u0", 1),))
    line.apply(CallerAbandoned("sales", "u0", 3), NOW)
    line.apply(CallerLeft("sales", "u0", 0), NOW)
    assert line.queues["sales"].abandoned == 1 and line.waiting("sales", NOW) == 0


# agents


def state(line: LiveLine, interface: str = "PJSIP/anna", at_s: float = NOW, queue: str = "sales") -> str:
    live = line.queues[queue]
    return live.members[interface].state(live.facts.wrap_up_s, at_s)


def test_an_agent_rings_talks_wraps_up_and_is_free() -> None:
    line = sales(waiting=(CallerListed("u1", "PJSIP/u1", 1),))
    line.set_queue_facts({"sales": QueueFacts(wrap_up_s=10)})
    line.apply(AgentRung("sales", "u1", ANNA.interface), NOW)
    assert state(line) == "ringing" and line.queues["sales"].by_uniqueid["u1"].rings == [ANNA.interface]
    assert line.free("sales", NOW) == 1
    line.apply(CallerLeft("sales", "u1", 0), NOW)
    line.apply(AgentConnected("sales", "u1", "u1", ANNA.interface, "Anna", 5, 2), NOW)
    assert state(line) == "talking" and line.queues["sales"].members[ANNA.interface].talks_with == "u1"
    line.apply(AgentCompleted("sales", "u1", ANNA.interface, "Anna", 5, 60, "caller"), NOW + 3)
    assert state(line, at_s=NOW + 3) == "wrap-up" and line.free("sales", NOW + 3) == 1
    line.heard(NOW + 13)
    assert state(line, at_s=NOW + 13) == "free" and line.free("sales", NOW + 13) == 2


def test_a_conversation_whose_caller_asterisk_cannot_name_any_more_ends_all_the_same() -> None:
    line = sales(waiting=(CallerListed("u1", "PJSIP/u1", 1),))
    line.apply(AgentConnected("sales", "u1", "u1", ANNA.interface, "Anna", 5, 2), NOW)
    event = AgentCompleted("sales", "", ANNA.interface, "Anna", 5, 60, "caller")
    assert line.caller_of(event) == "u1"
    line.apply(event, NOW + 3)
    assert state(line, at_s=NOW + 3) == "free" and line.caller_of(event) == "u1"
    assert line.caller_of(event._replace(uniqueid="u2")) == "u2"
    assert line.caller_of(event._replace(interface="PJSIP/nobody")) == ""


def test_a_telephone_that_rang_in_vain_is_free_again() -> None:
    line = sales(waiting=(CallerListed("u1", "PJSIP/u1", 1),))
    line.apply(AgentRung("sales", "u1", ANNA.interface), NOW)
    line.apply(AgentRungInVain("sales", "u1", ANNA.interface), NOW + 1)
    assert state(line) == "free" and line.queues["sales"].by_uniqueid["u1"].rings == []


def test_an_agent_who_was_rung_for_a_caller_whom_a_snapshot_lacks_is_free() -> None:
    """A Local channel's telephone: no device state ever says that it stopped ringing."""
    cyril = MemberListed("Local/cyril@agents/n", "Cyril", status=1)
    line = listed_line(QueueListed("sales", (cyril,)))
    line.apply(join("u1", 1, 1), NOW)
    line.apply(AgentRung("sales", "u1", cyril.interface), NOW)
    assert line.free("sales", NOW) == 0
    line.apply(QueueListed("sales", (cyril,)), NOW + 1)
    assert line.free("sales", NOW + 1) == 1


def test_a_caller_for_whom_nobody_rings_any_more_is_not_said_to_be_rung() -> None:
    ringing, idle = ANNA._replace(status=6), ANNA
    endings = (
        [MemberChanged("sales", ringing), MemberChanged("sales", idle)],  # the event of its ringing in vain was lost
        [MemberRemoved("sales", ANNA.interface)],
        [QueueListed("sales", (BORIS,), (CallerListed("u1", "PJSIP/u1", 1),))],
    )
    for events in endings:
        line = sales(waiting=(CallerListed("u1", "PJSIP/u1", 1),))
        line.apply(AgentRung("sales", "u1", ANNA.interface), NOW)
        assert line.queues["sales"].by_uniqueid["u1"].rings == [ANNA.interface]
        for event in events:
            line.apply(event, NOW)
        assert line.queues["sales"].by_uniqueid["u1"].rings == []


def test_after_a_gap_nothing_of_what_rang_and_talked_is_believed() -> None:
    line = sales(waiting=(CallerListed("u1", "PJSIP/u1", 1),))
    line.apply(AgentRung("sales", "u1", ANNA.interface), NOW)
    line.apply(AgentConnected("sales", "u2", "u2", BORIS.interface, "Boris", 5, 2), NOW)
    told = LineListed((QueueListed("sales", (ANNA, BORIS), (CallerListed("u1", "PJSIP/u1", 1),)),))
    line.apply(told, NOW)
    assert state(line) == "ringing"
    line.lost()
    line.apply(told, NOW)
    assert (state(line), state(line, BORIS.interface)) == ("free", "free")
    assert line.queues["sales"].waiting[0].rings == []


def test_all_telephones_that_rang_for_a_caller_fall_silent_when_they_go() -> None:
    line = sales(waiting=(CallerListed("u1", "PJSIP/u1", 1),))
    for member in (ANNA, BORIS):
        line.apply(AgentRung("sales", "u1", member.interface), NOW)
    assert line.free("sales", NOW) == 0
    line.apply(CallerLeft("sales", "u1", 0), NOW)
    assert line.free("sales", NOW) == 2


def test_an_agent_could_be_rung_when_free_in_one_queue_and_on_the_telephone_for_none() -> None:
    line = sales()
    assert line.agent_free(ANNA.interface, NOW) is True
    assert line.agent_free("PJSIP/nobody", NOW) is None
    line.apply(MemberChanged("support", ANNA._replace(paused=True)), NOW)
    assert line.agent_free(ANNA.interface, NOW) is True
    line.apply(MemberChanged("sales", ANNA._replace(paused=True)), NOW)
    assert line.agent_free(ANNA.interface, NOW) is False
    line.apply(MemberChanged("support", ANNA), NOW)
    line.apply(AgentConnected("sales", "u1", "u1", ANNA.interface, "Anna", 5, 2), NOW)
    assert line.agent_free(ANNA.interface, NOW) is False


def test_members_come_and_go() -> None:
    line = sales()
    line.apply(MemberRemoved("sales", ANNA.interface), NOW)
    line.apply(MemberChanged("support", BORIS), NOW)
    assert line.free("sales", NOW) == 1 and line.free("support", NOW) == 2
    assert line.agent_free(BORIS.interface, NOW) is True


def test_the_policys_wrap_up_holds_for_queues_listed_later_too() -> None:
    line = LiveLine("berlin")
    line.set_queue_facts({"sales": QueueFacts(wrap_up_s=30)})
    line.apply(LineListed((QueueListed("sales", (ANNA._replace(last_call_at_s=int(NOW) - 5),)),)), NOW)
    line.heard(NOW)
    assert line.free("sales", NOW) == 0
    line.set_queue_facts({})
    assert line.free("sales", NOW) == 1


def test_the_pause_after_a_call_holds_in_all_queues_where_asterisk_shares_it() -> None:
    for last_calls, free in (((0, 0), 1), ((7, 0), 1), ((7, 7), 0)):
        one, other = (ANNA._replace(last_call_at_s=moment) for moment in last_calls)
        line = listed_line(QueueListed("sales", (one,)), QueueListed("support", (other,)))
        line.set_queue_facts({"sales": QueueFacts(10), "support": QueueFacts(10)})
        line.apply(AgentCompleted("sales", "u1", ANNA.interface, "Anna", 5, 60, "caller"), NOW)
        assert line.free("sales", NOW) == 0
        assert line.free("support", NOW) == free


# whatever happens, it becomes what app_queue has

QUEUES = ("sales", "support")
IDS = [f"u{number}" for number in range(8)]
AGENTS = [f"Local/{name}@agents" for name in ("anna", "boris", "cyril")]


class FollowsAppQueue(RuleBasedStateMachine):
    """Joins, leaves, changes, snapshots at any moment, events arriving late but in order."""

    def __init__(self) -> None:
        super().__init__()
        self.pbx = ModelPbx(QUEUES)
        self.line = LiveLine("berlin")
        self.at_s = NOW
        self.line.apply(self.pbx.listed(), NOW)
        self.moved = self.crossed = False  # priorities changed; a snapshot overtook events

    @rule(queue=st.sampled_from(QUEUES), uniqueid=st.sampled_from(IDS), priority=st.integers(-3, 3), told=st.booleans())
    def join(self, queue: str, uniqueid: str, priority: int, told: bool) -> None:
        if uniqueid not in self.pbx.queues[queue].callers:
            self.pbx.join(queue, uniqueid, priority, told=told)

    @rule(queue=st.sampled_from(QUEUES), uniqueid=st.sampled_from(IDS))
    def leave(self, queue: str, uniqueid: str) -> None:
        if uniqueid in self.pbx.queues[queue].callers:
            self.pbx.leave(queue, uniqueid)

    @rule(queue=st.sampled_from(QUEUES), uniqueid=st.sampled_from(IDS), priority=st.integers(-3, 3))
    def change_priority(self, queue: str, uniqueid: str, priority: int) -> None:
        if uniqueid in self.pbx.queues[queue].callers:
            self.pbx.change_priority(queue, f"PJSIP/{uniqueid}", priority)
            self.moved = True

    @rule(
        queue=st.sampled_from(QUEUES), interface=st.sampled_from(AGENTS), status=st.integers(0, 8), paused=st.booleans()
    )
    def put(self, queue: str, interface: str, status: int, paused: bool) -> None:
        self.pbx.put(queue, MemberListed(interface, status=status, paused=paused, ring_in_use=False))

    @rule(queue=st.sampled_from(QUEUES), interface=st.sampled_from(AGENTS))
    def remove(self, queue: str, interface: str) -> None:
        if interface in self.pbx.queues[queue].members:
            self.pbx.remove(queue, interface)

    @rule(some=st.integers(1, 5))
    def deliver(self, some: int) -> None:
        for _ in range(min(some, len(self.pbx.pipe))):
            self.line.apply(self.pbx.pipe.popleft(), self.at_s)

    @rule()
    def list_the_line(self) -> None:
        self.line.apply(self.pbx.listed(), self.at_s)
        self.moved, self.crossed = False, bool(self.pbx.pipe)

    @rule(queue=st.sampled_from(QUEUES))
    def list_a_queue(self, queue: str) -> None:
        self.line.apply(self.pbx.queues[queue].listed(), self.at_s)
        self.crossed = self.crossed or bool(self.pbx.pipe)

    @rule()
    def lose_and_find_the_line(self) -> None:
        self.line.lost()
        self.deliver(len(self.pbx.pipe) // 2)
        self.line.apply(self.pbx.listed(), self.at_s)
        self.pbx.pipe.clear()  # another connection
        self.moved = self.crossed = False

    @precondition(lambda self: not self.pbx.pipe)
    @invariant()
    def is_what_app_queue_has(self) -> None:
        for name, model in self.pbx.queues.items():
            live = self.line.queues[name]
            assert {member.listed for member in live.members.values()} == set(model.members.values())
            assert set(live.by_uniqueid) == set(model.callers)
            doubted = name in self.line.doubtful
            assert not doubted or self.crossed or self.moved
            if not doubted and not self.moved:  # of moves there are no events: the next snapshot tells them
                assert [caller.uniqueid for caller in live.waiting] == model.order


TestFollowsAppQueue = FollowsAppQueue.TestCase
TestFollowsAppQueue.settings = settings(stateful_step_count=30)
