"""Who is asking: the owner, an editor or a reader, by an account or without one; and where what they save is kept."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from starlette.requests import HTTPConnection

from qa.export import output

# An owner or an editor may change the library; a reader reads and asks. Everyone with an account has a saved list of his own.
Role = Literal["owner", "editor", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)
_HOLDER = "saved.account"  # in the library's own folder: whose the list is that was made there without accounts


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request. `account` is None where nobody has signed in: the owner at his machine, or a stranger.

    `is_first_owner` tells of an account that no other owner's stands before.
    """

    role: Role
    account: str | None = None
    is_first_owner: bool = False

    @property
    def may_change(self) -> bool:
        """Return whether the library may be changed, and what is told of its files and its work be read."""
        return self.role != "reader"

    @property
    def may_save(self) -> bool:
        """Return whether there is a saved list for this visitor."""
        return self.role == "owner" or self.account is not None

    def folder(self, root: Path) -> Path | None:
        """Return where the visitor's saved list is kept; None where there is none.

        The list that was made without accounts lies in `root`. It goes to the first owner who asks for it while no other has
        it, and stays with that account: no owner who comes after sees it.

        Args: root: the library's own folder.
        Raises: OutputError: whose the list in `root` is cannot be written down; OSError: nor read.
        """
        if self.account is None:
            return root if self.role == "owner" else None
        name = folder_name(self.account)
        return root if self.role == "owner" and self._holder(root, name) == name else root / "accounts" / name

    def _holder(self, root: Path, name: str) -> str:
        file = root / _HOLDER
        holder = file.read_text(encoding="ascii", errors="replace").strip() if file.exists() else ""
        if not holder and self.is_first_owner:
            output.write_output(file, name.encode())
            return name
        return holder


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
