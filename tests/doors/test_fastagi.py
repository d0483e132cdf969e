"""The FastAGI door over real sockets, one body for both pumps."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from pathlib import Path

import pytest

from asterisk_router.doors.listeners import listen_unix
from asterisk_router.errors import SettingsError
from tests.doors.conftest import branch_of, read_all, read_to_the_end, ring

RECORDED = {path.stem: path.read_bytes() for path in (Path(__file__).parents[1] / "recorded").glob("*.agi")}
BLOCK = RECORDED["fastagi"]


def test_a_call_gets_one_answer_and_the_end(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            said = await door.call(BLOCK)
            assert branch_of(said) == "known"
            assert b'SET VARIABLE ROUTER_NUMBER "+42125550100"\n' in said
            assert b"(reset)" not in said
            assert (door.door.answered, door.door.tainted, door.door.late) == (1, 0, 0)
            assert door.register.decisions == [("+42125550100", "known")]

    run(test())


@pytest.mark.parametrize("name", ["fastagi", "script"])
def test_a_recorded_call_is_answered_however_it_is_split(opened, run, name: str) -> None:
    block = RECORDED[name]

    async def test() -> None:
        async with opened() as door:
            whole = await door.call(block)
            branch_of(whole)
            cuts = range(1, len(block))
            for first in range(0, len(cuts), 40):
                calls = [door.call(block[:cut], block[cut:], pause_s=0.002) for cut in cuts[first : first + 40]]
                for cut, said in zip(cuts[first : first + 40], await asyncio.gather(*calls), strict=True):
                    assert said == whole, f"split at {cut}"
            assert await door.call(*(line + b"\n" for line in block.split(b"\n")[:-1])) == whole

    run(test())


def test_a_forged_block_gets_the_default_and_nothing_of_the_caller(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            said = await door.call(BLOCK.replace(b"agi_dnid", b"agi_dnid: 1\nagi_dnid"))
            assert branch_of(said) == "tainted"
            assert b'ROUTER_NUMBER ""' in said
            assert branch_of(await door.call(BLOCK + b"agi_callerid: 1\n\n")) == "tainted"
            assert branch_of(await door.call(b"x" * 40000)) == "tainted"
            assert door.door.tainted == 3
            assert door.register.decisions == [("", "tainted")] * 3

    run(test())


def test_bytes_before_the_answer_taint_a_call_already_read(opened, run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as door:
            loop = asyncio.get_running_loop()
            for pieces in ([BLOCK], [BLOCK[:50], BLOCK[50:]]):
                client = await door.connect()
                for piece in pieces:
                    await loop.sock_sendall(client, piece)
                    await asyncio.sleep(0.005)
                await loop.sock_sendall(client, b"agi_callerid: +15550100\n\n")
                door.book.release()
                heard = b""
                while data := await loop.sock_recv(client, 65536):
                    heard += data
                client.close()
                assert branch_of(heard) == "tainted"
            assert door.door.answered == 2
            assert door.register.decisions == [("", "tainted")] * 2, "registered once each, as it was decided"

    run(test())


def test_a_store_that_hangs_costs_the_deadline_and_nothing_more(opened, run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as door:
            said = await door.call(BLOCK)
            assert branch_of(said) == "unknown"
            assert b'ROUTER_DEGRADED "1"' in said
            assert door.door.late == 1
            door.book.release()  # the reply comes after all: nobody is told twice
            assert door.door.answered == 1
            assert door.register.decisions == [("+42125550100", "unknown")]

    run(test())


def test_a_fault_of_ours_is_said_as_failure(opened, run, caplog) -> None:
    async def test() -> None:
        for prompt in (True, False):
            async with opened(prompt=prompt) as door:
                door.policy.broken = True
                assert await door.call(BLOCK) == b"failure: no decision\n"
                assert (door.door.failed, door.door.answered) == (1, 0)
                assert door.register.decisions == [("+42125550100", "")]
                door.policy.broken = False
                door.book.prompt = True
                assert branch_of(await door.call(BLOCK)) == "known"

    run(test())
    assert "call 1795413703.0 goes to the default" in caplog.text
    assert "+42125550100" not in caplog.text


def test_the_silent_the_dribbling_and_the_gone_are_let_go(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            loop = asyncio.get_running_loop()
            silent = await door.connect()
            early = await door.connect()
            await loop.sock_sendall(early, BLOCK[:100])
            early.close()
            dribbling = await door.connect()
            heard = asyncio.create_task(loop.sock_recv(dribbling, 100))
            try:
                for byte in BLOCK:
                    await loop.sock_sendall(dribbling, bytes([byte]))
                    await asyncio.sleep(0.005)
                    if heard.done():
                        break
            except OSError:
                pass
            await asyncio.wait([heard], timeout=60)
            assert await loop.sock_recv(silent, 100) == b""
            assert door.door.answered == 0
            assert door.door.pump.unfinished == 3
            assert door.door.pump.open() == 0
            silent.close()
            dribbling.close()

    run(test())


def test_a_caller_who_hangs_up_while_we_decide_is_let_go(opened, run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as door:
            for pieces in ([BLOCK], [BLOCK[:50], BLOCK[50:]]):
                client = await door.connect()
                for piece in pieces:
                    await asyncio.get_running_loop().sock_sendall(client, piece)
                    await asyncio.sleep(0.005)
                client.close()
                await asyncio.sleep(0.01)
                door.book.release()
                await asyncio.sleep(0.01)
                assert door.door.pump.open() == 0
            assert door.door.answered == 0
            assert door.door.pump.hung_up == 2
            assert len(door.register.decisions) == 2, "they called all the same"

    run(test())


def test_a_guard_that_ends_is_a_hangup_and_nothing_to_disbelieve(opened, run, caplog) -> None:
    async def test() -> None:
        async with opened(prompt=False) as door:
            loop = asyncio.get_running_loop()
            twice = b"HANGUP\nHANGUP\n"
            for pieces in (
                [BLOCK, b"HANGUP\n"],
                [BLOCK[:50], BLOCK[50:], b"HANGUP\n"],
                [BLOCK + b"HANGUP\n"],
                [BLOCK + twice],
                [BLOCK, twice],
            ):
                client = await door.connect()
                for piece in pieces:
                    await loop.sock_sendall(client, piece)
                    await asyncio.sleep(0.02)
                door.book.release()
                assert await read_all(client) == b""
                client.close()
            assert (door.door.answered, door.door.tainted, door.door.late) == (0, 0, 0)
            assert (door.door.pump.hung_up, door.door.pump.open()) == (5, 0)
            for forged in (b"HANGUP\nx", b"xHANGUP\n", b"HANGUP\n\nHANGUP\n", b"\nHANGUP\n", twice + b"HANGUP\n"):
                said = asyncio.create_task(door.call(BLOCK, forged, pause_s=0.005))
                await asyncio.sleep(0.1)
                door.book.release()
                assert branch_of(await said) == "tainted"
            assert door.door.pump.hung_up == 5

    run(test())
    assert "HANGUP" not in caplog.text


def test_who_does_not_close_after_the_answer_is_closed(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            loop = asyncio.get_running_loop()
            client = await door.connect()
            await loop.sock_sendall(client, BLOCK)
            while await loop.sock_recv(client, 65536):
                pass
            await loop.sock_sendall(client, b"200 result=1\n" * 21 + b"HANGUP\n")
            assert door.door.pump.open() == 1
            for _ in range(3000):
                if not door.door.pump.open():
                    break
                await asyncio.sleep(0.01)
            assert door.door.pump.open() == 0
            client.close()

    run(test())


def test_one_call_too_many_is_accepted_and_closed(opened, run) -> None:
    async def test() -> None:
        async with opened(prompt=False, most_calls=3) as door:
            held = [asyncio.create_task(door.call(BLOCK)) for _ in range(3)]
            while len(door.book.held) < 3:
                await asyncio.sleep(0.001)
            assert await door.call() == b""
            assert door.door.pump.crowded_out == 1
            door.book.release()
            assert [branch_of(said) for said in await asyncio.gather(*held)] == ["known"] * 3

    run(test())


def test_of_more_calls_than_can_wait_the_rest_is_closed_in_the_same_turn(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            clients = ring(door.address, BLOCK, 400)
            while door.door.answered + door.door.pump.crowded_out < len(clients):
                await asyncio.sleep(0)
            assert door.door.answered == 256, "whoever can be served in time"
            said = [await asyncio.to_thread(read_to_the_end, client) for client in clients]
            assert [bool(heard) for heard in said] == [True] * 256 + [False] * 144
            assert {branch_of(heard) for heard in said if heard} == {"known"}
            assert branch_of(await door.call(BLOCK)) == "known"

    run(test())


def test_who_left_while_nobody_looked_keeps_no_room_from_those_who_wait(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            for left in ring(door.address, BLOCK + b"HANGUP\n", 400):
                left.close()
            clients = ring(door.address, BLOCK, 200)
            while door.door.answered < len(clients):
                assert door.door.pump.crowded_out == 0
                await asyncio.sleep(0)
            said = [await asyncio.to_thread(read_to_the_end, client) for client in clients]
            assert {branch_of(heard) for heard in said} == {"known"}
            assert (door.door.answered, door.door.pump.hung_up) == (200, 400)
            assert len(door.register.decisions) == 200, "nobody heard an answer to the others"

    run(test())


def test_strangers_are_turned_away(opened, run) -> None:
    async def test() -> None:
        async with opened(allow=("127.0.0.2/32",)) as door:
            assert await door.call() == b""
            assert branch_of(await door.call(BLOCK, source="127.0.0.2")) == "known"
            assert door.door.pump.foreign == 1
            assert door.door.admits("::ffff:127.0.0.2")
            assert not door.door.admits("192.0.2.1")

    run(test())


def test_strangers_from_everywhere_do_not_fill_the_log(opened, run, caplog) -> None:
    async def test() -> None:
        async with opened(allow=("127.0.0.2/32",)) as door:
            for number in range(3000):  # more than are remembered
                assert not door.door.admits(f"2001:db8::{number:x}")
            assert not door.door.admits("2001:db8::0")

    run(test())
    assert caplog.text.count("may not ask") == 1


def test_a_network_that_is_none_is_refused(opened, run) -> None:
    async def test() -> None:
        async with opened(allow=("loopback",)):
            pass

    with pytest.raises(SettingsError, match="loopback"):
        run(test())


def test_the_script_asks_over_a_unix_socket(opened, run, tmp_path) -> None:
    async def test() -> None:
        async with opened() as door:
            listener = listen_unix(tmp_path / "agi.sock")
            door.door.pump.listen(listener)
            door.address = str(tmp_path / "agi.sock")
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, door.address)
            await loop.sock_sendall(client, RECORDED["script"])
            heard = b""
            while data := await loop.sock_recv(client, 65536):
                heard += data
            client.close()
            assert branch_of(heard) == "known"
            await door.door.close()
            listener.close()

    run(test())


def test_two_hundred_calls_at_once_and_a_thousand_in_all_leave_nothing_behind(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            await asyncio.gather(*(door.call(BLOCK) for _ in range(200)))
            await asyncio.sleep(0.05)
            gc.collect()
            descriptors, objects = len(os.listdir("/proc/self/fd")), len(gc.get_objects())
            for _ in range(5):
                said = await asyncio.gather(*(door.call(BLOCK) for _ in range(200)))
                assert {branch_of(answer) for answer in said} == {"known"}
            del said
            await asyncio.sleep(0.05)
            gc.collect()
            assert len(door.register.decisions) == 1200
            door.register.decisions.clear()
            assert door.door.answered == 1200
            assert door.door.pump.open() == 0
            assert len(os.listdir("/proc/self/fd")) == descriptors
            assert len(gc.get_objects()) - objects < 100

    run(test())


def test_closing_lets_the_calls_at_hand_finish(opened, run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as door:
            at_hand = asyncio.create_task(door.call(BLOCK))
            while not door.book.held:
                await asyncio.sleep(0.001)
            closing = asyncio.create_task(door.door.close())
            await asyncio.sleep(0.005)
            door.book.release()
            assert branch_of(await at_hand) == "known"
            await closing

    run(test())


END = BLOCK.replace(b"route?", b"ended?end=rang%3D1795413703%3Bqs%3DTIMEOUT&")


def test_the_report_of_an_end_is_no_call(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            for pieces in ([END], [END[:50], END[50:]], [END + b"HANGUP\n"], [END[:50], END[50:] + b"HANGUP\n"]):
                assert await door.call(*pieces, pause_s=0.005) == b""
            assert [call.ended for call in door.register.ends] == ["rang=1795413703;qs=TIMEOUT"] * 4
            assert door.register.decisions == []
            assert (door.door.ended, door.door.answered, door.door.pump.hung_up) == (4, 0, 0)

    run(test())


def test_the_report_of_an_end_is_taken_from_who_has_gone_already(opened, run) -> None:
    async def test() -> None:
        async with opened() as door:
            for said in (END, END + b"HANGUP\n", END + b"HANGUP\nHANGUP\n"):
                client = await door.connect()
                await asyncio.get_running_loop().sock_sendall(client, said)
                client.close()
            for _ in range(3000):
                if len(door.register.ends) == 3 and not door.door.pump.open():
                    break
                await asyncio.sleep(0.01)
            assert [call.uniqueid for call in door.register.ends] == ["1795413703.0"] * 3
            assert (door.door.pump.open(), door.door.pump.undelivered) == (0, 0)

    run(test())


def test_a_forged_report_of_an_end_is_dropped_and_counted(opened, run, caplog) -> None:
    async def test() -> None:
        async with opened() as door:
            for _ in range(2):
                assert await door.call(END.replace(b"agi_dnid", b"agi_dnid: 1\nagi_dnid")) == b""
            assert (door.door.tainted_ends, door.door.ended, door.register.ends) == (2, 0, [])
            assert (door.door.tainted, door.door.answered, door.register.decisions) == (0, 0, [])

    run(test())
    assert caplog.text.count("the report of an end is not believed (line 16: expected agi_rdnis)") == 1


def test_a_register_that_fails_costs_no_call_its_answer(opened, run, caplog) -> None:
    async def test() -> None:
        async with opened() as door:
            door.register.broken = True
            assert branch_of(await door.call(BLOCK)) == "known"
            assert await door.call(END) == b""
            assert (door.door.answered, door.door.failed, door.door.ended) == (1, 0, 1)

    run(test())
    assert "is not registered" in caplog.text
