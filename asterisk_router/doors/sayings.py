"""What the Stasis door says to Asterisk, what becomes of it, and when nothing does: then it is better to be away.

While the application is ours, a call waits in `Stasis()` for what we say, until the guard of its dialplan. An Asterisk
that tells us of calls and does nothing with them would cost each one its guard. So after a few in a row the
application is given up: `Stasis()` then fails at once and the dialplan goes on to its default. It is taken again as
soon as Asterisk does what it is told, which is tried on a channel that is not there, and the first call shows.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from ..errors import AriUnavailableError
from ..wire import ari_answer
from ..wire.ari_rest import Request, Response, error_of
from .application import Ari, Send

LOG = logging.getLogger(__name__)

GONE = (404, 409)
"""What Asterisk answers about a channel that has hung up, or that the guard has taken out of Stasis."""

IN_VAIN = 3
"""So many answers in a row that Asterisk does nothing with, and the application is given up.

One may be the fault of that call; each costs its caller the guard.
"""

SILENT_S = 0.3
"""An answer with no response since for so long was in vain: the guard as written has ended the wait."""

ON_TRIAL_S = 0.2
"""The same of the first after the application was given up: while it waits, others come in and wait with it."""

SPREAD_S = 0.1
"""Answers unheard within such a time count as one: a busy machine that stands still once makes all of a moment late."""

TRIAL_S = 1.0
"""How long Asterisk may take to do what it is told about a channel that is not there."""


class Sayings:
    """Everything that was said and has no response yet, and what is to be taken away later."""

    def __init__(self, client: Ari, read_s: float) -> None:
        """`read_s` is how long an answer is left for the dialplan to read."""
        self.given_up = 0
        """How often the application was given up because Asterisk did nothing with our answers."""
        self._client, self._read_s = client, read_s
        self._sent: set[asyncio.Future[list[Response]]] = set()
        self._unread: deque[tuple[float, str]] = deque()  # when answers may go, and whose they are
        self._tidying: asyncio.TimerHandle | None = None
        self._in_vain = 0  # answers in a row
        self._most_in_vain = IN_VAIN
        self._heard_s = 0.0  # when a response last came
        self._counted_s = 0.0  # when silence last counted
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Begin, inside the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._client.before_join = self._try

    def answer(self, channel: str, said: dict[str, str], done: Callable[[Response], None]) -> bool:
        """Leave an answer and send the call on; `done` gets what Asterisk said to the first thing it did not do,
        else to the last. Whether there was a connection to say it by."""
        assert self._loop is not None
        requests = ari_answer.requests(channel, said)
        sent_s = self._loop.time()
        patience_s = SILENT_S if self._most_in_vain > 1 else ON_TRIAL_S
        silence = self._loop.call_later(patience_s, self._silent, sent_s, patience_s)

        def answered(responses: list[Response]) -> None:
            silence.cancel()
            if len(requests) > 1:
                self._leave_to_be_read(channel)
            response = next((each for each in responses if not each.ok), responses[-1])
            if response.ok or response.status in GONE:
                self._in_vain, self._most_in_vain = 0, IN_VAIN
            else:
                self._was_in_vain(f"{response.status} {response.reason}" if response.status else response.reason)
            done(response)

        if self.say(requests, answered):
            return True
        silence.cancel()
        return False

    def say(self, requests: Sequence[Request], done: Callable[[list[Response]], None]) -> bool:
        """Send requests; `done` gets a response to each. Whether there was a connection to send them by."""
        if not self._client.connected:
            return False

        def answered(future: asyncio.Future[list[Response]]) -> None:
            self._sent.discard(future)
            done(self._responses(future, len(requests)))

        future = self._client.send(requests)
        self._sent.add(future)
        future.add_done_callback(answered)
        return True

    @property
    def unanswered(self) -> bool:
        """Whether Asterisk owes us a response."""
        return bool(self._sent)

    async def finish(self, patience_s: float) -> None:
        """Take away what the dialplan has read, and wait for the last responses."""
        if self._unread:
            await asyncio.sleep(self._read_s)
            self._tidy()
        if self._sent:
            await asyncio.wait(self._sent, timeout=patience_s)

    def close(self) -> None:
        """End; nothing is taken away any more."""
        if self._tidying is not None:
            self._tidying.cancel()
        self._loop = None

    def _responses(self, answered: asyncio.Future[list[Response]], count: int) -> list[Response]:
        """The responses, or in their place why there are none."""
        if answered.cancelled():
            return [Response(0, "closed")] * count
        fault = answered.exception()
        if fault is not None:
            return [Response(0, str(fault) or repr(fault))] * count
        if self._loop is not None:
            self._heard_s = self._loop.time()
        return answered.result()

    def _silent(self, sent_s: float, patience_s: float) -> None:
        if self._loop is None or self._heard_s >= sent_s:
            return
        if self._loop.time() - self._counted_s >= SPREAD_S:
            self._counted_s = self._loop.time()
            self._was_in_vain(f"no response within {patience_s * 1000:.0f} ms")

    def _was_in_vain(self, what: str) -> None:
        self._in_vain += 1
        if self._in_vain >= self._most_in_vain and self._client.connected:
            self.given_up += 1
            self._most_in_vain = 1  # until one was of use
            self._client.leave(f"Asterisk does nothing with our answers: {what}")

    async def _try(self, send: Send) -> None:
        """Say to a channel that is not there what is said to calls; raises AriError when Asterisk would not do it.

        A user that may only read is found so, too.
        """
        requests = ari_answer.trial()
        try:
            responses = await asyncio.wait_for(send(requests), TRIAL_S)
        except asyncio.TimeoutError:
            problem = f"nothing is done about calls within {TRIAL_S:.0f} s"
            raise AriUnavailableError(problem, where=str(self._client.server)) from None
        for request, response in zip(requests, responses, strict=True):
            if not response.ok and response.status not in GONE:
                raise error_of(request, response)
        self._in_vain = 0

    def _leave_to_be_read(self, channel: str) -> None:
        """See to it that the answer is taken away when it has been read."""
        if self._loop is None:
            return
        self._unread.append((self._loop.time() + self._read_s, channel))
        if self._tidying is None:
            self._tidying = self._loop.call_later(self._read_s, self._tidy)

    def _tidy(self) -> None:
        """Take away the answers that have been read by now."""
        self._tidying = None
        assert self._loop is not None
        read = []
        while self._client.connected and self._unread and self._unread[0][0] <= self._loop.time():
            read.append(ari_answer.forget(self._unread.popleft()[1]))
        if read:
            # whatever becomes of it: a line in the memory of Asterisk until it restarts
            self.say(read, lambda responses: None)
        if self._unread:
            self._tidying = self._loop.call_later(self._read_s, self._tidy)
