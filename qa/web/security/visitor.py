"""Who is asking: the owner, an editor or a reader, by an account or without one; and where what they save is kept."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from starlette.requests import HTTPConnection

# The owner has the saved list that lies in the library's own folder; an editor may do the same, with a list of his own; a
# reader reads, asks, and keeps a list of his own.
Role = Literal["owner", "editor", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request. `account` is None where nobody has signed in: the owner at his machine, or a stranger."""

    role: Role
    account: str | None = None

    @property
    def may_change(self) -> bool:
        """Return whether the library may be changed, and what is told of its files and its work be read."""
        return self.role != "reader"

    @property
    def may_save(self) -> bool:
        """Return whether there is a saved list for this visitor."""
        return self.role == "owner" or self.account is not None

    def folder(self, root: Path) -> Path | None:
        """Return where the visitor's saved list is kept; None where there is none. Args: root: the library's own folder."""
        if self.role == "owner":
            return root
        return root / "accounts" / folder_name(self.account) if self.account is not None else None


OWNER = Visitor("owner")
STRANGER = Visitor("reader")


def visitor_of(request: HTTPConnection) -> Visitor:
    """Return who sent a request, as the guard found; the owner where the application runs without a guard."""
    visitor: Visitor = getattr(request.state, "visitor", OWNER)
    return visitor


def folder_name(account: str) -> str:
    """Return a name for an account's folder, allowed on every system and another for every account.

    File systems fold case, know names that are devices (con, nul) and forms of Unicode: what tells accounts apart is a hash. What
    a person may recognise stands before it.
    """
    readable = re.sub(r"[^a-z0-9]", "", account.lower())[:16]
    digest = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{readable or 'account'}-{digest}"
