"""What Asterisk 22.10 can do with mailboxes; generated from its description of the API."""

# fmt: off
from __future__ import annotations

import builtins

from ....wire.ari_rest import part
from ..objects import Collection, chosen
from .mailbox import Mailbox


class Mailboxes(Collection):
    """Operations of `/mailboxes`."""

    async def list(self) -> builtins.list[Mailbox]:
        """List all mailboxes."""
        return [Mailbox.of(self._client, one) for one in await self._ask("GET", "/mailboxes")]

    async def get(self, mailboxName: str) -> Mailbox:
        """Retrieve the current state of a mailbox. Raises AriError: 404."""
        return Mailbox.of(self._client, await self._ask("GET", f"/mailboxes/{part(mailboxName)}"))

    async def update(self, mailboxName: str, oldMessages: int, newMessages: int) -> None:
        """Change the state of a mailbox. (Note - implicitly creates the mailbox). Raises AriError: 404."""
        query = chosen({"oldMessages": oldMessages, "newMessages": newMessages})
        await self._ask("PUT", f"/mailboxes/{part(mailboxName)}", query)
