"""What is asked for about people: the tokens of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import RouterError
from ..people import tokens
from ..people.acting import Act
from ..people.people_file import read_people
from ..people.roles import ROLES, people_file

if TYPE_CHECKING:
    from ..people.roles import Person
    from .wish import ActContext

LAST_MOMENT_S = 253_402_300_799
"""The last second of the year 9999: no later one can be written into the file."""


class TokenAdd(NamedTuple):
    """`people token add`."""

    name: str
    """What the token is called."""
    person: str
    """On whose behalf it acts."""
    role: str
    """What it may do."""
    expires_at_s: int
    """From when it is worth nothing, in seconds since 1970 UTC; 0 for never."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """The token itself, among the rest: it is kept nowhere."""
        role = next((role for role in ROLES if role == self.role), None)
        if role is None or not 0 <= self.expires_at_s <= LAST_MOMENT_S:
            raise RouterError("no role, or no moment", remedy=f"a role is one of {', '.join(ROLES)}")
        file = people_file(context.state_dir)
        context.check_writable(file)

        def work() -> str:
            with tokens.changing(file):
                people = read_people(file, context.state_dir)
                return tokens.add_token(people, self.name, self.person, role, self.expires_at_s)

        act = Act("people token add", subject="people file", detail=f"{self.name}, {role}")
        made = await context.do_offline(person, act, work)
        return {"name": self.name, "person": self.person, "role": role, "token": made}


class TokenRemove(NamedTuple):
    """`people token remove`."""

    name: str
    """What the token is called."""

    async def carry_out(self, context: ActContext, person: Person) -> dict[str, Any]:
        """Its name."""
        file = people_file(context.state_dir)
        context.check_writable(file)

        def work() -> None:
            with tokens.changing(file):
                tokens.remove_token(read_people(file, context.state_dir), self.name)

        await context.do_offline(person, Act("people token remove", subject="people file", detail=self.name), work)
        return {"removed": self.name}
