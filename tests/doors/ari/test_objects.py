"""Channels, bridges, endpoints... as requests, and events about single ones."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from asterisk_router.ari import (
    AriClient,
    AriError,
    Bridge,
    Channel,
    Endpoint,
    LiveRecording,
    Request,
    Response,
    parse_ari,
)


class Asked(AriClient):
    """A client that writes down what it would ask."""

    def __init__(self, answer: Any = None) -> None:
        super().__init__(parse_ari("ari://router:s3cret@127.0.0.1/router"))
        self.asked: list[tuple[Any, ...]] = []
        self.answer = answer

    async def request(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        self.asked.append((method, path, query, body))
        return self.answer


CHANNEL = {"id": "1.7", "name": "PJSIP/anna-1", "state": "Up"}


def test_an_operation_is_its_request() -> None:
    async def test() -> None:
        client = Asked(CHANNEL)
        channel = await client.channels.originate("PJSIP/anna", app="router", timeout=20, variables={"A": "b"})
        assert isinstance(channel, Channel) and channel.id == "1.7" and channel.name == "PJSIP/anna-1"
        assert repr(channel) == "Channel('1.7')"
        await channel.hangup(reason="busy")
        await Bridge(client, "a/b").addChannel([channel.id, "1.8"], mute=True, role=None)
        await Channel(client, "1.7").setChannelVars({"A": "b"})
        await Endpoint(client, "PJSIP/anna/x").sendMessageToEndpoint("pjsip:me", body="hello")
        assert client.asked == [
            ("POST", "/channels", {"endpoint": "PJSIP/anna", "app": "router", "timeout": "20"},
             {"variables": {"A": "b"}}),
            ("DELETE", "/channels/1.7", {"reason": "busy"}, None),
            ("POST", "/bridges/a%2Fb/addChannel", {"channel": "1.7,1.8", "mute": "true"}, None),
            ("POST", "/channels/1.7/variables", None, {"variables": {"A": "b"}}),
            ("PUT", "/endpoints/PJSIP/anna%2Fx/sendMessage", {"from": "pjsip:me", "body": "hello"}, None),
        ]  # fmt: skip

    asyncio.run(test())


def test_variables_go_in_one_request_where_asterisk_has_that_and_in_one_write_elsewhere() -> None:
    class Sends(Asked):
        """A client that writes down what it would send."""

        sets_many_variables = False
        refused = 0

        def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
            self.asked.append(tuple(map(tuple, requests)))
            answers = [Response(204, "No Content") for _ in requests]
            if self.refused:
                answers[0] = Response(self.refused, "Not Found", b'{"message":"Channel not found"}')
            done: asyncio.Future[list[Response]] = asyncio.get_running_loop().create_future()
            done.set_result(answers)
            return done

    async def test() -> None:
        client = Sends()
        channel = Channel(client, "1/7")
        await client.set_variables(channel, {"A": "1", "B": "2"})
        client.sets_many_variables = True
        await client.set_variables(channel, {"A": "1", "B": "2"})
        path = "/channels/1%2F7/variable"
        assert client.asked == [
            (
                ("POST", path, {"variable": "A", "value": "1"}, None),
                ("POST", path, {"variable": "B", "value": "2"}, None),
            ),
            (("POST", f"{path}s", None, {"variables": {"A": "1", "B": "2"}}),),
        ]
        client.refused = 404
        with pytest.raises(AriError, match="Channel not found"):
            await client.set_variables(channel, {"A": "1"})

    asyncio.run(test())


def test_lists_are_of_objects() -> None:
    async def test() -> None:
        client = Asked([CHANNEL, {"id": "1.8"}])
        assert [one.id for one in await client.channels.list()] == ["1.7", "1.8"]
        client.answer = [{"technology": "PJSIP", "resource": "anna", "channel_ids": []}]
        assert [one.key for one in await client.endpoints.list()] == ["PJSIP/anna"]

    asyncio.run(test())


def test_what_is_not_known_of_a_thing_is_said() -> None:
    with pytest.raises(AriError, match="name is not known yet.*get"):
        _ = Channel(Asked(), "1.7").name


def test_events_find_the_things_they_are_about() -> None:
    client = Asked()
    told: list[tuple[str, str]] = []

    def tell(one: Any, event: dict[str, Any]) -> None:
        told.append((one.key, event["type"]))

    channel, bridge = Channel(client, "1.7"), Bridge(client, "b")
    forget = channel.on_event("ChannelDtmfReceived", tell)
    channel.on_event("*", tell)
    bridge.on_event("ChannelEnteredBridge", tell)
    LiveRecording(client, "r").on_event("RecordingFinished", tell)
    client.on_bridge_event("ChannelEnteredBridge", tell)
    client.on_channel_event("ChannelDtmfReceived", tell)
    for event in (
        {"type": "ChannelDtmfReceived", "channel": CHANNEL},
        {"type": "ChannelDtmfReceived", "channel": {"id": "1.8"}},
        {"type": "ChannelEnteredBridge", "channel": {"id": "1.8"}, "bridge": {"id": "b"}},
        {"type": "RecordingFinished", "recording": {"name": "r"}},
        {"type": "ChannelDtmfReceived", "channel": None},
        {"type": "Dial", "peer": CHANNEL},
    ):
        client._heard(event)
    assert told == [
        ("1.7", "ChannelDtmfReceived"), ("1.7", "ChannelDtmfReceived"), ("1.7", "ChannelDtmfReceived"),
        ("1.8", "ChannelDtmfReceived"), ("b", "ChannelEnteredBridge"), ("b", "ChannelEnteredBridge"),
        ("r", "RecordingFinished"), ("1.7", "Dial"),
    ]  # fmt: skip
    assert channel.name == "PJSIP/anna-1", "an event makes it known"
    forget()
    forget()
    told.clear()
    client._heard({"type": "StasisEnd", "channel": CHANNEL})
    client._heard({"type": "ChannelDtmfReceived", "channel": CHANNEL})
    assert told == [("1.7", "StasisEnd"), ("1.7", "ChannelDtmfReceived")], "of one that left, only the client hears"
