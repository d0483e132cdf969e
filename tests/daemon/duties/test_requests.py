"""What people ask is carried out once, all at once, and answered."""

from __future__ import annotations

import asyncio

from asterisk_router.daemon.duties.requests import CarryOut
from asterisk_router.queues.acts import Done
from asterisk_router.queues.events import AgentRung
from asterisk_router.queues.requests import PromoteCaller, PullReserve, ReleaseReserve, Wish, WithdrawWaiting
from asterisk_router.store.connection.process_connection import ProcessConnection
from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.store.requests import Requests
from tests.daemon.duties.driven_pbx import NOW_S, DrivenPbx


class Others:
    """The duties that people's wishes go to; say what was asked of them."""

    async def promote(self, name: str, uniqueid: str, head_start_s: int) -> Done:
        return Done(True, f"{uniqueid} in {name} {head_start_s}")

    async def pull(self, agent: str, queue: str, ask: bool, author: str) -> Done:
        return Done(True, f"{agent} to {queue} for {author}{' if they accept' if ask else ''}")

    async def release(self, agent: str, queue: str) -> Done:
        return Done(False, f"{agent} is not in {queue}")


def answers(pbx: DrivenPbx, *wishes: Wish) -> list[Done]:
    """What each is told."""

    async def body() -> list[Done]:
        store = ProcessConnection()
        await store.open(1)
        people = Requests(store, RedisKeys())
        others = Others()
        duty = CarryOut(pbx.line, pbx, people, others, others)
        asked = [asyncio.create_task(people.ask("berlin", wish, "eva")) for wish in wishes]
        while not all(task.done() for task in asked):
            await duty.turn(NOW_S)
            await asyncio.sleep(0.01)
        await store.close()
        return [task.result() for task in asked]

    return asyncio.run(body())


def test_each_wish_reaches_its_duty_and_its_answer_whoever_asked() -> None:
    pbx = DrivenPbx("sales")
    assert answers(
        pbx,
        PromoteCaller("sales", "c1", 600),
        PullReserve("anna", "sales", True),
        ReleaseReserve("boris", "sales"),
    ) == [(True, "c1 in sales 600"), (True, "anna to sales for eva if they accept"), (False, "boris is not in sales")]


def test_a_waiting_caller_is_taken_out_and_one_who_is_not_there_is_not() -> None:
    pbx = DrivenPbx("sales")
    pbx.comes("sales", "c1")
    taken_out, nobody, nowhere = answers(
        pbx, WithdrawWaiting("sales", "c1"), WithdrawWaiting("sales", "c9"), WithdrawWaiting("gone", "c1")
    )
    assert taken_out == (True, "offered a call-back") and pbx.order("sales") == []
    assert not nobody.ok and not nowhere.ok


def test_of_a_caller_who_is_rung_it_is_said_that_the_agent_may_be_quicker() -> None:
    pbx = DrivenPbx("sales")
    pbx.comes("sales", "c1")
    pbx.line.queues["sales"].by_uniqueid["c1"].rings.append("PJSIP/anna")
    pbx.pipe.append(AgentRung("sales", "c1", "PJSIP/anna"))
    assert answers(pbx, WithdrawWaiting("sales", "c1"))[0].said.endswith("unless the agent who is rung takes the call")


def test_a_refusal_of_the_pbx_is_what_is_told() -> None:
    pbx = DrivenPbx("sales")
    pbx.comes("sales", "c1")
    pbx.refuses = "Permission denied"
    assert answers(pbx, WithdrawWaiting("sales", "c1")) == [(False, "Permission denied")]
