"""The feed against a PBX of our own: splits, limits, silence, forged blocks, reconnects, acts."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import Counter
from pathlib import Path

import pytest

from asterisk_router.feeds import ami_feed, ami_link, ami_protocol, ami_snapshots
from asterisk_router.feeds.ami_feed import AmiFeed
from asterisk_router.feeds.ami_protocol import AT_ONCE_BYTES
from asterisk_router.queues.acts import ChangePriority, Done, OriginateCall, PauseMember, RemoveMember
from asterisk_router.queues.events import CallerJoined, QueueListed
from tests.feeds.scripted_pbx import BLOCKS, Followed, Recorder, ScriptedPbx, listing, recorded, server_at

CERTIFICATE = Path(__file__).parent / "loopback.pem"
"""Of 127.0.0.1, with its key, signed by itself; for nothing but these tests."""

PAUSE = PauseMember("sales", "PJSIP/anna", True, "обед")


def cut(stream: bytes, size: int) -> list[bytes]:
    return [stream[at : at + size] for at in range(0, len(stream), size)]


def test_a_login_asks_for_agent_events_and_everything_there_is(follow) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.heard_at)
        login = it.pbx.asked[0]
        assert (login["Action"], login["Username"], login["Events"]) == ("Login", "router", "agent")
        assert [asked["Action"] for asked in it.pbx.asked[1:4]] == ["QueueStatus", "QueueSummary", "Ping"]
        assert {queue.queue for queue in it.hear.snapshots[0].queues} == {"sales", "support", "empty"}
        assert it.hear.heard_at[0] <= time.time()
        assert it.feed.connected and it.hear.lost_why == []

    follow(test)


def test_every_snapshot_is_asked_with_an_id_of_its_own(follow) -> None:
    async def test(it: Followed) -> None:
        await it.feed.relist()
        await it.until(lambda: len(it.hear.snapshots) == 2)
        ids = [asked["ActionID"] for asked in it.pbx.asked if asked["Action"].startswith("Queue")]
        assert len(ids) == len(set(ids)) == 4
        assert all(len(each) == 24 for each in ids)

    follow(test)


def test_a_pbx_that_floods_leaves_calls_their_turn_and_none_of_its_events_is_lost(follow) -> None:
    join = recorded("QueueCallerJoin")

    async def test(it: Followed) -> None:
        loop, turns, at = asyncio.get_running_loop(), 0, []

        def turn() -> None:
            nonlocal turns
            turns += 1
            loop.call_soon(turn)

        heard = it.hear.happened
        it.hear.happened = lambda event, at_s: (at.append(turns), heard(event, at_s))
        turn()
        said = [join.replace(b"\r\nUniqueid: ", b"\r\nUniqueid: %d" % number) for number in range(2000)]
        it.pbx.say(b"".join(said))
        await it.until(lambda: len(it.hear.events) == 1 + len(said))
        assert [event.uniqueid for event in it.hear.events[1:]] == [
            f"{number}{it.hear.events[1].uniqueid.removeprefix('0')}" for number in range(len(said))
        ]
        assert max(Counter(at).values()) <= AT_ONCE_BYTES / len(join) + 1

    follow(test)


def test_events_arrive_in_order_however_they_are_split(follow) -> None:
    stream = b"".join(block for block in BLOCKS[1:] if block.startswith(b"Event: ") and b"\r\nPrivilege: " in block)

    async def test(it: Followed) -> None:
        it.pbx.say(stream)
        await it.until(lambda: len(it.hear.events) == 1 + stream.count(b"Event: "))
        whole = it.hear.events[1:]
        assert any(isinstance(event, CallerJoined) and event.name == "Иван Петров" for event in whole)
        start = stream.index(b"Event: QueueCallerJoin")  # each byte of the first join alone
        end = stream.index(b"\r\n\r\n", start)
        byte_by_byte = [stream[:start], *(stream[at : at + 1] for at in range(start, end)), stream[end:]]
        for pieces in (byte_by_byte, cut(stream, 100), cut(stream, 1448)):
            it.hear.events.clear()
            await it.pbx.say_in_pieces(*pieces)
            await it.until(lambda: len(it.hear.events) == len(whole))
            assert it.hear.events == whole
        assert it.pbx.count("QueueStatus") == 1, "nothing of it was doubted"

    follow(test)


@pytest.mark.parametrize("forged", [
    recorded("QueueCallerJoin").replace(b"Privilege: agent,all\r\n", b""),
    recorded("QueueCallerJoin").replace(b"\r\nCallerIDName: ", b"\r\n\r\nEvent: Made\r\nX: ", 1),
    recorded("QueueCallerJoin").replace(b"+421255501234", b"+4212\r\nQueue: support", 1),
    recorded("QueueCallerLeave").replace(b"Count: 2", b"Count: two"),
    recorded("QueueEntry"),
    b"Uniqueid: 1.1\r\nQueue: sales\r\n\r\n",
])  # fmt: skip
def test_what_is_not_believed_changes_nothing_and_brings_a_snapshot(follow, caplog, forged: bytes) -> None:
    caplog.set_level(logging.WARNING)

    async def test(it: Followed) -> None:
        it.pbx.say(forged)
        await it.until(lambda: len(it.hear.snapshots) == 2)
        assert it.hear.events == it.hear.snapshots
        assert it.pbx.connections == 1

    follow(test)
    assert "asked for all its queues anew" in caplog.text
    assert "+4212" not in caplog.text and "5550" not in caplog.text


def test_doubts_that_go_on_bring_fewer_and_fewer_snapshots(follow, monkeypatch) -> None:
    monkeypatch.setattr(ami_snapshots, "DOUBT_FIRST_S", 0.02)

    async def test(it: Followed) -> None:
        end_s = time.monotonic() + 1.0
        while time.monotonic() < end_s:
            it.pbx.say(b"Queue: sales\r\n\r\n")
            await asyncio.sleep(0.005)
        # after 20, 60, 140, 300, 620 ms... of doubt
        assert 3 <= it.pbx.count("QueueStatus") <= 7

    follow(test)


def test_a_snapshot_with_a_torn_row_is_taken_less_the_row_and_asked_for_again(follow) -> None:
    torn = listing().replace(b"+421255501235", b"+4212\r\n\r\nEvent: QueueEntry\r\nQueue: sales", 1)

    async def test(it: Followed) -> None:
        (sales,) = [queue for queue in it.hear.snapshots[0].queues if queue.queue == "sales"]
        assert len(sales.waiting) == 2
        it.pbx.answers["QueueStatus"] = listing()
        await it.until(lambda: len(it.hear.snapshots) == 2)
        (sales,) = [queue for queue in it.hear.snapshots[1].queues if queue.queue == "sales"]
        assert len(sales.waiting) == 3

    follow(test, answers={**ScriptedPbx().answers, "QueueStatus": torn})


def test_a_count_that_disagrees_with_the_list_brings_another(follow) -> None:
    async def test(it: Followed) -> None:
        it.pbx.answers["QueueSummary"] = listing("sum-5")
        await it.feed.relist()
        await it.until(lambda: len(it.hear.snapshots) == 2)
        it.pbx.answers["QueueSummary"] = listing("sum-1")
        await it.until(lambda: len(it.hear.snapshots) == 3)

    follow(test)


def test_a_count_taken_after_something_happened_is_not_held_against_the_list(follow) -> None:
    async def test(it: Followed) -> None:
        it.pbx.answers["QueueStatus"] = listing() + recorded("QueueCallerLeave")
        it.pbx.answers["QueueSummary"] = listing("sum-5")
        await it.feed.relist()
        await it.until(lambda: len(it.hear.events) == 3)
        await asyncio.sleep(2 * ami_snapshots.DOUBT_FIRST_S)
        assert it.pbx.count("QueueStatus") == 2

    follow(test)


def test_one_queue_is_listed_alone(follow) -> None:
    async def test(it: Followed) -> None:
        it.pbx.answers["QueueStatus"] = listing("list-2")
        await it.feed.list_queue("sales")
        await it.until(lambda: len(it.hear.events) == 2)
        assert isinstance(it.hear.events[1], QueueListed)
        assert it.pbx.asked[-1]["Queue"] == "sales"
        await it.feed.list_queue("sales\r\nAction: Logoff")
        assert it.pbx.count("Logoff") == 0

    follow(test)


def test_a_queue_that_is_not_there_brings_the_whole_list(follow) -> None:
    async def test(it: Followed) -> None:
        it.pbx.answers["QueueStatus"] = listing("list-3")
        await it.feed.list_queue("nowhere")
        await it.until(lambda: it.pbx.count("QueueStatus") == 3)
        assert "Queue" not in it.pbx.asked[-2]
        await it.until(lambda: len(it.hear.snapshots) == 2)

    follow(test)


def test_asking_while_being_answered_asks_once_more(follow) -> None:
    async def test(it: Followed) -> None:
        for _ in range(5):
            await it.feed.relist()
        await it.until(lambda: len(it.hear.snapshots) == 3)
        await asyncio.sleep(0.05)
        assert it.pbx.count("QueueStatus") == 3

    follow(test)


def test_queues_that_are_not_loaded_yet_are_asked_for_again(follow) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.pbx.count("QueueStatus") == 2)
        it.pbx.answers["QueueStatus"] = listing()
        await it.until(lambda: it.hear.snapshots)

    follow(test, known=False, answers={"Ping": ScriptedPbx().answers["Ping"]})


def test_a_snapshot_that_stops_half_way_is_asked_for_again(follow, monkeypatch) -> None:
    monkeypatch.setattr(ami_snapshots, "LISTING_S", 0.3)
    half = listing()[: len(listing()) // 2]

    async def test(it: Followed) -> None:
        await it.until(lambda: it.pbx.count("QueueStatus") == 1)
        it.pbx.answers["QueueStatus"] = b"X: \r\n\r\n" + listing()
        await it.until(lambda: it.hear.snapshots)

    follow(test, known=False, answers={**ScriptedPbx().answers, "QueueStatus": half})


@pytest.fixture
def impatient(monkeypatch):
    """Silence is noticed sooner; tests/live has the real times."""
    monkeypatch.setattr(ami_link, "PING_EVERY", 1)
    monkeypatch.setattr(ami_link, "SILENCE_S", 0.6)


def test_a_silent_pbx_is_lost_and_found_again(follow, impatient) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.heard_at)
        it.pbx.mute = True
        await it.until(lambda: it.hear.lost_why)
        assert it.hear.lost_why == ["silent for 1 s"]
        it.pbx.mute = False
        await it.until(lambda: len(it.hear.snapshots) == 2)

    follow(test)


def test_events_without_a_pong_are_life_but_do_not_make_the_state_younger(follow, impatient) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.heard_at)
        it.pbx.answers["Ping"] = None
        before = len(it.hear.heard_at)
        for _ in range(25):
            it.pbx.say(recorded("QueueMemberStatus"))
            await asyncio.sleep(0.05)
        assert it.hear.lost_why == [] and it.pbx.connections == 1
        assert len(it.hear.heard_at) <= before + 1

    follow(test)


def test_a_pong_is_as_old_as_its_ping(follow, impatient) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.heard_at)
        it.pbx.answers["Ping"] = None
        pings = it.pbx.count("Ping")
        await it.until(lambda: it.pbx.count("Ping") > pings + 1)
        asked, at_s = it.pbx.asked[-1], time.time()
        await asyncio.sleep(0.3)
        before = len(it.hear.heard_at)
        it.pbx.say(f"Response: Success\r\nActionID: {asked['ActionID']}\r\nPing: Pong\r\n\r\n".encode())
        await it.until(lambda: len(it.hear.heard_at) > before)
        assert it.hear.heard_at[-1] <= at_s

    follow(test)


def test_a_loop_that_stood_still_does_not_blame_the_pbx(follow, impatient) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.heard_at)
        it.pbx.answers["Ping"] = None
        await asyncio.sleep(0.3)  # nothing is on its way that would be read first
        time.sleep(1.5)
        it.pbx.answers = ScriptedPbx().answers
        await asyncio.sleep(0.6)
        assert it.hear.lost_why == [] and it.pbx.connections == 1

    follow(test)


@pytest.mark.parametrize(
    "said, why",
    [
        (b"Event: QueueCallerJoin\r\nX: " + b"x" * 70_000, "a block of more than 65,536 bytes"),
        (b"Response: Success\r\n" + b"X: 1\r\n" * 500 + b"\r\n", "501 lines"),
    ],
)
def test_a_block_out_of_bounds_ends_the_connection_and_the_next_lists_anew(follow, said: bytes, why: str) -> None:
    async def test(it: Followed) -> None:
        it.pbx.say(said)
        await it.until(lambda: len(it.hear.snapshots) == 2)
        assert len(it.hear.lost_why) == 1 and why in it.hear.lost_why[0]
        assert it.pbx.connections == 2

    follow(test)


def test_a_fault_of_whoever_listens_ends_the_connection_and_the_next_lists_anew(follow, caplog) -> None:
    async def test(it: Followed) -> None:
        it.hear.broken = True
        it.pbx.say(recorded("QueueCallerLeave"))
        await it.until(lambda: len(it.hear.snapshots) == 2)
        assert it.hear.lost_why == ["a fault of ours: ZeroDivisionError"]

    follow(test)
    assert "a fault of ours while reading" in caplog.text


def test_a_connection_that_drops_is_made_again_and_told_once(follow) -> None:
    async def test(it: Followed) -> None:
        for times in (1, 2, 3):
            it.pbx.drop()
            await it.until(lambda times=times: len(it.hear.snapshots) == times + 1)
            assert len(it.hear.lost_why) == times

    follow(test)


def test_pauses_between_connections_grow_and_differ(follow, monkeypatch) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay: float) -> None:
        if delay > 0.01:
            pauses.append(delay)
        await sleep(min(delay, 0.001))

    async def test(it: Followed) -> None:
        await it.pbx.stop()
        monkeypatch.setattr(ami_feed.asyncio, "sleep", noted)
        try:
            end_s = time.monotonic() + 5
            while len(pauses) < 8 and time.monotonic() < end_s:
                await sleep(0.01)
        finally:
            monkeypatch.undo()
        assert len(it.hear.lost_why) <= 2, "the end of the connection, and that there is no other"
        assert "cannot connect" in it.hear.lost_why[-1] and "is the PBX up" in it.hear.lost_why[-1]

    follow(test)
    assert pauses[0] < 0.5
    assert all(0.5 * ami_feed.RETRY_MAX_S <= pause <= 1.5 * ami_feed.RETRY_MAX_S for pause in pauses[6:8])
    assert len(set(pauses)) == len(pauses)


def test_a_refused_login_is_told_once_with_its_remedy_and_not_tried_again_soon(follow, caplog) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.lost_why)
        await asyncio.sleep(1.0)
        assert it.pbx.connections == 1
        assert len(it.hear.lost_why) == 1
        assert "login refused: Authentication done" in it.hear.lost_why[0]
        assert "manager.conf" in it.hear.lost_why[0]
        assert await it.feed.act(PAUSE) == Done(False, f"not connected: {it.hear.lost_why[0]}")

    follow(test, known=False, secret="another")
    assert "s3cret" not in caplog.text


def test_the_secret_is_in_no_log_whatever_happens(follow, caplog) -> None:
    caplog.set_level(logging.DEBUG)

    async def test(it: Followed) -> None:
        it.pbx.say(b"\r\n\r\n")
        it.pbx.drop()
        await it.until(lambda: len(it.hear.snapshots) == 2)
        assert "s3cret" not in repr(it.feed.server) + repr(it.hear.lost_why)

    follow(test)
    assert caplog.text and "s3cret" not in caplog.text


def test_another_server_on_the_port_is_told(follow) -> None:
    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.lost_why)
        assert "not greeted as by a manager interface" in it.hear.lost_why[0]

    follow(test, known=False, greeting=b"SSH-2.0-OpenSSH_9.9\r\n")


def test_a_pbx_that_accepts_and_says_nothing_is_given_up(follow, monkeypatch) -> None:
    monkeypatch.setattr(ami_link, "GREETING_S", 0.2)

    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.lost_why)
        assert "does not answer the login" in it.hear.lost_why[0]
        it.pbx.mute = False
        await it.until(lambda: it.hear.snapshots)

    follow(test, known=False, mute=True)


def test_encryption_with_a_server_that_has_none_is_refused_with_a_remedy() -> None:
    async def test() -> None:
        pbx, hear = ScriptedPbx(), Recorder()
        await pbx.start()
        feed = AmiFeed(server_at(pbx.port)._replace(tls=True), hear)
        feed.open()
        while not hear.lost_why:
            await asyncio.sleep(0.01)
        await feed.close()
        await pbx.stop()
        assert "no encrypted connection" in hear.lost_why[0]
        assert not pbx.asked, "the secret was not sent in the clear"

    asyncio.run(asyncio.wait_for(test(), 60))


def test_an_encrypted_connection_is_as_good_as_one_in_the_clear(follow, monkeypatch) -> None:
    encrypted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    encrypted.load_cert_chain(CERTIFICATE)

    async def test(it: Followed) -> None:
        await it.until(lambda: it.hear.lost_why)
        assert "no encrypted connection" in it.hear.lost_why[0] and "SSL_CERT_FILE" in it.hear.lost_why[0]
        assert not it.pbx.asked, "the secret goes to nobody who is not known"
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        hear = Recorder()
        feed = AmiFeed(it.feed.server, hear)
        feed.open()
        await it.until(lambda: hear.snapshots)
        await feed.close()

    follow(test, known=False, tls=encrypted)


def test_an_act_is_carried_out_and_its_text_arrives_whole(follow) -> None:
    async def test(it: Followed) -> None:
        it.pbx.answers["QueuePause"] = (
            b"Response: Success\r\nActionID: %ID%\r\nMessage: Interface paused successfully\r\n\r\n"
        )
        assert await it.feed.act(PAUSE) == Done(True, "Interface paused successfully")
        assert it.pbx.asked[-1]["Reason"] == "обед"
        assert await it.feed.act(RemoveMember("sales", "PJSIP/anna")) == Done(False, "No such action")

    follow(test)


def test_every_variable_is_a_line_of_its_own(follow) -> None:
    async def test(it: Followed) -> None:
        act = OriginateCall("PJSIP/anna", "router-call-back", "s", {"A": "1,B=2", "C": "Иван"}, "Анна <+421255501234>")
        await it.feed.act(act)
        lines = [line.decode() for line in it.pbx.lines]
        assert [line for line in lines if line.startswith("Variable")] == ["Variable: A=1\\,B=2", "Variable: C=Иван"]
        assert "CallerID: Анна <+421255501234>" in lines

    follow(test)


def test_an_act_that_would_be_more_than_one_action_is_not_sent(follow) -> None:
    async def test(it: Followed) -> None:
        done = await it.feed.act(PAUSE._replace(reason="x\r\n\r\nAction: Logoff"))
        assert not done.ok and "end of a line" in done.said
        assert it.pbx.count("QueuePause") == it.pbx.count("Logoff") == 0

    follow(test)


def test_an_act_nobody_answers_ends_by_itself(follow, monkeypatch) -> None:
    monkeypatch.setattr(ami_link, "ACT_S", 0.2)

    async def test(it: Followed) -> None:
        it.pbx.answers["QueuePause"] = None
        done = await it.feed.act(PAUSE)
        assert not done.ok and "may have been carried out" in done.said

    follow(test)


def test_an_act_under_way_is_told_of_the_loss_and_not_sent_again(follow) -> None:
    async def test(it: Followed) -> None:
        it.pbx.answers["QueuePause"] = None
        acting = asyncio.ensure_future(it.feed.act(PAUSE))
        await it.until(lambda: it.pbx.count("QueuePause") == 1)
        it.pbx.drop()
        done = await acting
        assert not done.ok and done.said.startswith("not answered: ")
        await it.until(lambda: len(it.hear.snapshots) == 2)
        await asyncio.sleep(0.1)
        assert it.pbx.count("QueuePause") == 1

    follow(test)


def test_no_more_acts_wait_than_are_allowed(follow, monkeypatch) -> None:
    monkeypatch.setattr(ami_protocol, "MOST_UNANSWERED", 10)

    async def test(it: Followed) -> None:
        it.pbx.answers["QueueChangePriorityCaller"] = None
        acts = [asyncio.ensure_future(it.feed.act(ChangePriority("sales", f"c{at}", at))) for at in range(30)]
        await asyncio.sleep(0.05)
        refused = [act.result() for act in acts if act.done()]
        assert len(refused) >= 20
        assert all("too much is waiting" in done.said for done in refused)
        for act in acts:
            act.cancel()
        await asyncio.wait(acts)
        it.pbx.answers["QueueChangePriorityCaller"] = b"Response: Success\r\nActionID: %ID%\r\n\r\n"
        assert (await it.feed.act(ChangePriority("sales", "c", 1))).ok, "who went away makes room"

    follow(test)


def test_an_answer_with_another_id_is_nobodys(follow, monkeypatch) -> None:
    monkeypatch.setattr(ami_link, "ACT_S", 0.2)

    async def test(it: Followed) -> None:
        it.pbx.answers["QueuePause"] = b"Response: Success\r\nActionID: 1\r\n\r\nResponse: Success\r\n\r\n"
        assert not (await it.feed.act(PAUSE)).ok

    follow(test)


def test_several_pbxs_are_followed_side_by_side() -> None:
    async def test() -> None:
        pbxs, hears = [ScriptedPbx() for _ in range(3)], [Recorder() for _ in range(3)]
        for pbx in pbxs:
            await pbx.start()
        feeds = [AmiFeed(server_at(pbx.port, str(at)), hears[at]) for at, pbx in enumerate(pbxs)]
        for feed in feeds:
            feed.open()
        while not all(hear.snapshots for hear in hears):
            await asyncio.sleep(0.01)
        pbxs[1].say(recorded("QueueCallerJoin"))
        await pbxs[2].stop()
        while not (len(hears[1].events) > 1 and hears[2].lost_why):
            await asyncio.sleep(0.01)
        assert isinstance(hears[1].events[1], CallerJoined)
        assert len(hears[0].events) == 1 and hears[0].lost_why == hears[1].lost_why == []
        for feed in feeds:
            await feed.close()
        for pbx in pbxs[:2]:
            await pbx.stop()

    asyncio.run(asyncio.wait_for(test(), 60))


def test_a_closed_feed_tells_nothing_more_and_leaves_nothing_running(follow) -> None:
    async def test(it: Followed) -> None:
        await it.feed.close()
        told = len(it.hear.events), list(it.hear.lost_why)
        await it.feed.relist()
        await it.feed.list_queue("sales")
        assert await it.feed.act(PAUSE) == Done(False, "not connected: closed")
        await asyncio.sleep(0.3)
        assert (len(it.hear.events), it.hear.lost_why) == told
        assert it.pbx.connections == 1 and not it.feed.connected
        ours = [task for task in asyncio.all_tasks() if "asterisk_router" in str(task.get_coro())]
        assert ours == []
        await it.feed.close()

    follow(test)


def test_a_feed_closes_while_it_connects() -> None:
    async def test() -> None:
        pbx, hear = ScriptedPbx(), Recorder()
        pbx.mute = True
        await pbx.start()
        for pause_s in (0.0, 0.01, 0.1):
            feed = AmiFeed(server_at(pbx.port), hear)
            feed.open()
            await asyncio.sleep(pause_s)
            await feed.close()
        await pbx.stop()
        assert hear.lost_why == []

    asyncio.run(asyncio.wait_for(test(), 60))
