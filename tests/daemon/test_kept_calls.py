"""The keeping of calls as one thing: what was open before a restart is waited for, and all work ends with it."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.callers.registered_call import BeganCall, EndedCall
from asterisk_router.daemon import kept_calls
from asterisk_router.daemon.call_register import FORGOTTEN_S, CallRegister
from asterisk_router.daemon.kept_calls import KeptCalls
from asterisk_router.queues.served_calls import ServedCalls

AT_S = 1_795_413_703.0


class Registry:
    """A registry whose journal has two calls without an end."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def open(self) -> None:
        self.said.append("open")

    async def close(self) -> None:
        self.said.append("close")

    async def unfinished(self, since_s: float) -> list[BeganCall]:
        self.said.append(f"since {since_s:.0f}")
        return [BeganCall("b-1", "", AT_S - 60, "", ""), BeganCall("b-2", "", since_s + 1, "", "")]

    def began(self, call: BeganCall) -> None:
        raise AssertionError("it is registered already")

    def ended(self, call: EndedCall) -> None:
        self.said.append(f"ended {call.uniqueid}")


def test_it_opens_resumes_works_and_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_calls, "LOOK_S", 0.01)
    now_s = [AT_S]

    async def body() -> None:
        working = asyncio.Event()

        async def work() -> None:
            working.set()
            await asyncio.sleep(60)

        registry = Registry()
        register = CallRegister(registry, ServedCalls(), lambda call: "", clock=lambda: now_s[0])
        kept = KeptCalls(registry, register, [("a test", work)], clock=lambda: now_s[0])
        kept.open()
        await working.wait()
        while len(register) < 2:
            await asyncio.sleep(0.001)
        now_s[0] += 2
        while len(register) > 1:
            await asyncio.sleep(0.001)
        before = asyncio.all_tasks()
        await kept.close()
        assert registry.said == ["open", f"since {AT_S - FORGOTTEN_S:.0f}", "ended b-2", "close"]
        assert len(asyncio.all_tasks()) == len(before) - 2

    asyncio.run(asyncio.wait_for(body(), 60))
