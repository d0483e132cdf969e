"""A PBX as the bench of the live line needs it: a manager interface that says recorded events at a given pace.

`python -m tests.bench.peers.ami_speaker PORT EVENTS PER_SECOND` lets one client in, answers its questions, says EVENTS
events of calls that come and go in many queues, PER_SECOND of them (0: as fast as they are taken), and prints when it
wrote each burst: `EVENTS_SO_FAR NANOSECONDS` a line, of the clock that both processes share.
"""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

RECORDED = (Path(__file__).parents[2] / "recorded/ami-22.10.ami").read_bytes()
BLOCKS = [block + b"\r\n\r\n" for block in RECORDED.split(b"\r\n\r\n")[:-1]]

QUEUES = 20
"""Queues the calls are spread over."""

AGENTS = 10
"""Agents of each queue."""

WAITING = 5
"""Callers who wait in a queue at any time."""

BURST_S = 0.002
"""Events are written in bursts of so long: a PBX writes several at a time too."""

SETTLE_S = 0.5
"""How long the client gets for its snapshot."""


def recorded(kind: str) -> bytes:
    """The first event of that kind as Asterisk wrote it."""
    return next(block for block in BLOCKS if block.startswith(b"Event: " + kind.encode() + b"\r\n"))


def changed(block: bytes, **fields: object) -> bytes:
    """`block` with other values of those keys."""
    for key, value in fields.items():
        line = f"\r\n{key}: {value}\r\n".encode()
        block = re.sub(rb"\r\n" + key.encode() + rb": [^\r]*\r\n", lambda _, line=line: line, block, count=1)
    return block


def events(count: int) -> Iterator[bytes]:
    """So many events: in each queue in turn somebody joins, and the first in line is rung for, talks and is done."""
    join, leave = recorded("QueueCallerJoin"), recorded("QueueCallerLeave")
    about = {kind: recorded(kind) for kind in ("AgentCalled", "AgentConnect", "AgentComplete")}
    status = recorded("QueueMemberStatus")
    made = call = 0
    waiting: list[list[str]] = [[] for _ in range(QUEUES)]
    while made < count:
        queue, agent = f"queue-{call % QUEUES}", f"PJSIP/agent-{call % QUEUES}-{call // QUEUES % AGENTS}"
        line, who = waiting[call % QUEUES], f"bench-{call}"
        line.append(who)
        said = [changed(join, Queue=queue, Uniqueid=who, Linkedid=who, Position=len(line), Count=len(line))]
        if len(line) > WAITING:
            first = line.pop(0)
            of = {"Queue": queue, "Uniqueid": first, "Linkedid": first}
            rung, spoken, done = (changed(block, **of, Interface=agent) for block in about.values())
            of_agent = {"Queue": queue, "Interface": agent, "StateInterface": agent}
            free, ringing, talking = (changed(status, **of_agent, Status=state) for state in (1, 6, 2))
            left = changed(leave, **of, Position=1, Count=len(line))
            said += [rung, ringing, left, spoken, talking, done, free]
        yield from said[: count - made]
        made += len(said)
        call += 1


def snapshot(action_id: bytes) -> bytes:
    """All queues with their agents, nobody waiting."""
    params, member = recorded("QueueParams"), recorded("QueueMember")
    rows = []
    for queue in range(QUEUES):
        rows.append(changed(params, Queue=f"queue-{queue}"))
        for agent in range(AGENTS):
            where = f"PJSIP/agent-{queue}-{agent}"
            rows.append(changed(member, Queue=f"queue-{queue}", Location=where, StateInterface=where, Status=1))
    end = b"Event: QueueStatusComplete\r\nActionID: %b\r\nEventList: Complete\r\nListItems: %d\r\n\r\n"
    rows = [re.sub(rb"ActionID: [^\r]*", b"ActionID: " + action_id, row) for row in rows]
    return b"".join([*rows, end % (action_id, len(rows))])


def answer(block: bytes) -> bytes:
    """What is said to one action."""
    action, action_id = (re.search(key + rb": ([^\r]*)", block + b"\r")[1] for key in (b"Action", b"ActionID"))  # type: ignore[index]
    said = b"Response: Success\r\nActionID: %b\r\nMessage: done\r\n\r\n" % action_id
    return said + snapshot(action_id) if action == b"QueueStatus" else said


def serve(client: socket.socket, until_s: float, ended: bool = False) -> None:
    """Answer what is asked until that moment, or until the client has gone."""
    asked = b""
    while ended or time.monotonic() < until_s:
        client.settimeout(None if ended else max(0.001, until_s - time.monotonic()))
        try:
            piece = client.recv(65536)
        except TimeoutError:
            return
        if not piece:
            return
        *blocks, asked = (asked + piece).split(b"\r\n\r\n")
        client.sendall(b"".join(map(answer, blocks)))


def main() -> None:
    """Serve one client."""
    port, count, pace = (int(word) for word in sys.argv[1:])
    script = list(events(count))
    with socket.create_server(("127.0.0.1", port)) as listener:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(b"Asterisk Call Manager/11.0.0\r\n")
        serve(client, time.monotonic() + SETTLE_S)
        written: list[tuple[int, int]] = []
        size = max(1, round(pace * BURST_S)) if pace else 200
        began_s = time.monotonic()
        for at in range(0, count, size):
            if pace and (wait_s := began_s + at / pace - time.monotonic()) > 0:
                time.sleep(wait_s)
            burst = script[at : at + size]
            written.append((at + len(burst), time.monotonic_ns()))
            client.settimeout(None)
            client.sendall(b"".join(burst))
        print("\n".join(f"{so_far} {at_ns}" for so_far, at_ns in written), flush=True)
        serve(client, 0, ended=True)


if __name__ == "__main__":
    main()
