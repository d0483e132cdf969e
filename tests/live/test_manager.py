"""The manager user as it is written: it follows the queues and orders them, and may do nothing else."""

from __future__ import annotations

import socket

import pytest

from tests.live.site import SECRET, Site

pytestmark = pytest.mark.live


def said(site: Site, *actions: dict[str, str]) -> str:
    """Log in as the user with the rights as written, do `actions`, and return all that Asterisk said."""
    with socket.create_connection(("127.0.0.1", site.pbx.ami_port), timeout=30) as connection:
        for action in ({"Action": "Login", "Username": "as-written", "Secret": SECRET}, *actions, {"Action": "Logoff"}):
            connection.sendall("".join(f"{name}: {value}\r\n" for name, value in action.items()).encode() + b"\r\n")
        pieces = iter(lambda: connection.recv(65536), b"")
        return b"".join(pieces).decode()


def test_nothing_may_be_written_beyond_the_order_of_a_queue(each_site: Site) -> None:
    caller = {"Queue": each_site.queue("sales"), "Caller": "Local/nobody@nowhere-00000001;1"}
    order = said(
        each_site,
        {"Action": "QueueChangePriorityCaller", **caller, "Priority": "5"},
        {"Action": "QueueWithdrawCaller", **caller},
    )
    assert "Permission denied" not in order and order.count("No such caller") == 2
    assert "QueueStatusComplete" in said(each_site, {"Action": "QueueStatus"})
    member = {"Queue": each_site.queue("sales"), "Interface": "Local/more@test-agent"}
    refused = said(
        each_site,
        {"Action": "QueueAdd", **member},
        {"Action": "Originate", "Channel": "Local/s@test-caller", "Application": "Wait", "Data": "1"},
        {"Action": "Redirect", "Channel": caller["Caller"], "Context": "router-put-aside", "Exten": "s"},
        {"Action": "Command", "Command": "core show version"},
    )
    assert refused.count("Permission denied") == 4


def test_the_rank_comes_with_the_event_and_no_other_event_does(each_site: Site) -> None:
    settings = each_site.pbx.cli("manager show settings")
    assert "QUEUE_PRIO" in settings.partition("Channel vars:")[2].splitlines()[0]
    with socket.create_connection(("127.0.0.1", each_site.pbx.ami_port), timeout=30) as connection:
        login = f"Action: Login\r\nUsername: as-written\r\nSecret: {SECRET}\r\n\r\n"
        connection.sendall(login.encode())
        heard = b""
        while b"Authentication accepted" not in heard:
            heard += connection.recv(65536)
        each_site.watcher.originate("Local/s@test-caller/n", "router-queue", "sales", {"ROUTER_HEAD_START": "60"})
        for how in ("pause", "unpause"):
            each_site.pbx.cli(f"queue {how} member Local/ring@test-agent")
        while b"Event: QueueCallerLeave" not in heard or b"Event: QueueMemberPause" not in heard:
            heard += connection.recv(65536)
            if b"Event: AgentCalled" in heard:
                each_site.pbx.cli("channel request hangup all")
    events = {line for line in heard.decode().split("\r\n") if line.startswith("Event: ")}
    assert {"Event: QueueCallerJoin", "Event: QueueMemberPause"} <= events
    assert not {event for event in events if not event.startswith(("Event: Queue", "Event: Agent"))}
    assert b"ChanVariable: QUEUE_PRIO=-" in heard
