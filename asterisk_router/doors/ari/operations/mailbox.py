"""What Asterisk 22.10 can do with Mailbox; generated from its description of the API."""

# fmt: off
from __future__ import annotations

from ..objects import Item, chosen


class Mailbox(Item):
    """Represents the state of a mailbox."""

    _HOME = "/mailboxes"
    _KEYS = ("name",)

    @property
    def name(self) -> str:
        """Name of the mailbox."""
        value: str = self._said("name")
        return value

    @property
    def old_messages(self) -> int:
        """Count of old messages in the mailbox."""
        value: int = self._said("old_messages")
        return value

    @property
    def new_messages(self) -> int:
        """Count of new messages in the mailbox."""
        value: int = self._said("new_messages")
        return value

    async def get(self) -> Mailbox:
        """Retrieve the current state of a mailbox. Raises AriError: 404."""
        return Mailbox.of(self._client, await self._ask("GET", ""))

    async def update(self, oldMessages: int, newMessages: int) -> None:
        """Change the state of a mailbox. (Note - implicitly creates the mailbox). Raises AriError: 404."""
        query = chosen({"oldMessages": oldMessages, "newMessages": newMessages})
        await self._ask("PUT", "", query)

    async def delete(self) -> None:
        """Destroy a mailbox. Raises AriError: 404."""
        await self._ask("DELETE", "")
