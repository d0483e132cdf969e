"""The admin server: answers who asks at the daemon's admin socket, one act at a time for each user.

It is a process of its own. Who asks is the kernel's word (SO_PEERCRED), or a token's. Whatever they send, however much
and however slowly, costs this process alone: no call goes through it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Any, NamedTuple

from ...admin.asked import frame
from ...admin.asked.patience import in_time
from ...admin.asked.table import read_wish
from ...admin.asked.way import UCRED
from ...admin.asked.wish import ActContext, ElsewhereError
from ...admin.people.people_file import read_people
from ...admin.people.roles import Person, login_uid, people_file, person_of_uid
from ...errors import NotAllowedError, RouterError
from .pieces import ArrivingPieces

LOG = logging.getLogger(__name__)

MOST_PEERS = 64
"""Connections at once; one more is told so, and closed."""

MOST_OF_ONE = 16
"""Of them from one user: they wait for each other, and leave room for others."""

QUESTION_S = 5.0
"""How long somebody may take to send a question, and to take each 64 KiB of an answer."""

TURN_S = 30.0
"""How long somebody waits for the acts of the same user that came before."""

ACT_S = 60.0
"""How long an act may take here, and those at hand when the daemon ends. The three are less than `way.ANSWER_S`."""

REFUSALS = 5
"""After so many refusals in a row a user is not listened to for REST_S: each of them is kept for ever in the record."""

REST_S = 60.0
"""How long that is."""

IDLE_S = 30.0
"""After how long without anybody the process ends; the daemon starts another when somebody comes."""

GLANCE_S = 1.0
"""How often it looks whether that is so."""

PIECE = 1 << 16
"""Bytes taken or sent at once."""

ELSEWHERE = b'{"elsewhere": true}\n'
"""The answer where the command is to do it itself."""


class Peer(NamedTuple):
    """The other end of a connection, by the kernel's word of when it was made."""

    pid: int
    """Process."""
    uid: int
    """User."""


class AdminServer:
    """Everybody who asks."""

    def __init__(self, context: ActContext, redis: str, *, clock: Callable[[], float] = time.time) -> None:
        self._context = context
        self._redis = redis
        self._clock = clock
        self._at_hand: set[asyncio.Task[None]] = set()
        self._of_one: defaultdict[int, int] = defaultdict(int)
        self._turn: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._refusals: dict[int, tuple[int, float]] = {}
        self._came_s = 0.0

    async def serve(self, listener: socket.socket, most_s: float = inf) -> None:
        """Answer until nobody came for IDLE_S, for `most_s`, or until cancelled; acts at hand are finished first."""
        loop = asyncio.get_running_loop()
        begun_s = self._came_s = loop.time()
        loop.add_reader(listener, self._come, listener)
        try:
            while loop.time() - begun_s < most_s and (self._at_hand or loop.time() - self._came_s < IDLE_S):
                await asyncio.sleep(GLANCE_S)
        finally:
            loop.remove_reader(listener)
            if self._at_hand:
                await asyncio.wait(self._at_hand, timeout=ACT_S)

    def _come(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._came_s = loop.time()
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return
        except OSError as fault:  # out of descriptors, until those at hand give theirs back
            LOG.warning("nobody can be let in at the admin socket: %s", fault.strerror)
            loop.remove_reader(listener)
            loop.call_later(GLANCE_S, loop.add_reader, listener, self._come, listener)
            return
        self._let_in(connection)

    def _let_in(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        peer = peer_of(connection)
        if len(self._at_hand) >= MOST_PEERS or self._of_one[peer.uid] >= MOST_OF_ONE:
            full = RouterError("too many ask at once; nothing was done", remedy="give the command again")
            with connection, suppress(OSError):
                connection.send(frame.refused(None, full))
            return
        self._of_one[peer.uid] += 1
        task = asyncio.get_running_loop().create_task(self._meet(connection, peer))
        self._at_hand.add(task)
        task.add_done_callback(self._at_hand.discard)

    async def _meet(self, connection: socket.socket, peer: Peer) -> None:
        try:
            with connection:
                answer = await self._in_turn(connection, peer)
                for start in range(0, len(answer), PIECE):
                    piece = answer[start : start + PIECE]
                    await in_time(asyncio.get_running_loop().sock_sendall(connection, piece), QUESTION_S)
        except (OSError, asyncio.TimeoutError):
            pass  # gone, or too slow: what was begun is done, and in the record
        finally:
            self._of_one[peer.uid] -= 1
            if not self._of_one[peer.uid]:
                self._of_one.pop(peer.uid)
                self._turn.pop(peer.uid, None)

    async def _in_turn(self, connection: socket.socket, peer: Peer) -> bytes:
        """What is to be told, also to who is too slow to ask, or asks too much at once. Raises ConnectionError."""
        waits_for, most_s, turn = "the question did not come", QUESTION_S, self._turn[peer.uid]
        try:
            line = await in_time(_line_of(connection), most_s)
            waits_for, most_s = "other acts of this user were not done", TURN_S
            await in_time(turn.acquire(), most_s)
        except asyncio.TimeoutError:
            said = f"{waits_for} within {most_s:g} s, and nothing was done"
            return frame.refused(None, RouterError(said, remedy="give the command again"))
        try:
            return await self._answer(line, peer, ArrivingPieces(connection, turn))
        finally:
            turn.release()

    async def _answer(self, line: bytes, peer: Peer, pieces: ArrivingPieces) -> bytes:
        person: Person | None = None
        try:
            self._check_refusals(peer.uid)
            if not line.endswith(b"\n"):
                raise RouterError(f"a question has at most {frame.MOST_BYTES} bytes, with a line end")
            question = frame.read_question(line)
            if question.redis not in ("", self._redis):
                return ELSEWHERE
            person = self._person(peer, question.token)
            try:
                told = await self._carry_out(question, person, pieces)
            except ElsewhereError:
                if not question.token:  # which no command can vouch for
                    return ELSEWHERE
                raise
        except RouterError as fault:
            if isinstance(fault, NotAllowedError):
                self._refused(peer.uid)
            return frame.refused(person, fault)
        except Exception:
            LOG.exception("a fault of ours in what uid %d asked for", peer.uid)
            return frame.refused(person, RouterError("unforeseen fault", remedy="the daemon's log says where"))
        self._refusals.pop(peer.uid, None)
        return frame.done(person, told)

    async def _carry_out(self, question: frame.Question, person: Person, pieces: ArrivingPieces) -> Any:
        if question.act == frame.WHOAMI:
            return None
        wish = read_wish(question.act, question.fields)
        try:
            return await wish.carry_out(self._context._replace(pieces=pieces), person)
        except OSError as fault:
            raise RouterError(fault.strerror or str(fault), where=str(fault.filename or "")) from None

    def _person(self, peer: Peer, token: str) -> Person:
        people = read_people(people_file(self._context.state_dir), self._context.state_dir)
        if not token:
            person = person_of_uid(peer.uid, self._context.state_dir, people, logged_in_as(peer))
            return person._replace(source=f"{person.source}, at the daemon's socket")
        known = people.person_of_token(token, self._clock())
        if known is None:
            raise NotAllowedError("nobody has this token, or it is over", remedy="asterisk-router people token add")
        return known._replace(source=f"{known.source}, uid {peer.uid}, at the daemon's socket")

    def _check_refusals(self, uid: int) -> None:
        count, last_s = self._refusals.get(uid, (0, 0.0))
        left_s = last_s + REST_S - time.monotonic()
        if count and left_s <= 0:
            self._refusals.pop(uid)
        elif count >= REFUSALS:
            raise RouterError(f"refused {count} times: uid {uid} is listened to again in {left_s:.0f} s")

    def _refused(self, uid: int) -> None:
        count, _ = self._refusals.get(uid, (0, 0.0))
        self._refusals[uid] = (count + 1, time.monotonic())


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end."""
    pid, uid, _ = UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, UCRED.size))
    return Peer(pid, uid)


def logged_in_as(peer: Peer) -> int | None:
    """Who logged in before becoming the user at the other end; None where it is not known.

    A process that has ended may have left its number to another: so only one that still is that user's is believed.
    """
    try:
        return login_uid(peer.pid) if os.stat(f"/proc/{peer.pid}").st_uid == peer.uid else None
    except OSError:
        return None


async def _line_of(connection: socket.socket) -> bytes:
    """What is sent up to its first line end; without one where it is too long. Raises ConnectionError."""
    loop = asyncio.get_running_loop()
    said = b""
    while b"\n" not in said:
        if len(said) > frame.MOST_BYTES:
            return said
        part = await loop.sock_recv(connection, PIECE)
        if not part:
            raise ConnectionResetError
        said += part
    return said[: said.index(b"\n") + 1] if said.index(b"\n") < frame.MOST_BYTES else said[: frame.MOST_BYTES]
