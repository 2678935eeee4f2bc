"""Accounts of those who may sign in, in a file: names with salted hashes of passwords, and what each may do.

A line of the file is NAME:scrypt:N:R:P:SALT:HASH:ROLE, salt and hash in hexadecimal. Without a role it is a reader's.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from corpus.messages.errors import AccountError
from corpus.messages.language import tr
from index.store.disk import hold_lock
from qa.export import output
from qa.web.security.visitor import ROLES, Role

_COST, _BLOCK, _PARALLEL = 2**15, 8, 3  # scrypt: 32 MB and about a quarter of a second (OWASP's second choice)
_MAX_MEMORY = 2**27  # bytes that a line of the file may make scrypt take
_MAX_WORK = 16 * _COST * _BLOCK * _PARALLEL  # N x R x P: four seconds
_MIN_MEMORY = 2**23  # bytes: 8 MB, the least that OWASP names
_MIN_WORK = 2**13 * 8 * 10  # N x R x P; the cheapest of OWASP's choices
_NAME = re.compile(r"[^:\s\x00-\x1f\x7f]{1,64}")
MIN_PASSWORD = 8  # characters
_LOCK_SECONDS = 20.0  # for others to finish their change


@dataclass(frozen=True, slots=True)
class Hash:
    """A password hashed by scrypt: its parameters, the salt, the derived key."""

    cost: int
    block: int
    parallel: int
    salt: bytes
    key: bytes

    @classmethod
    def of(cls, password: str) -> "Hash":
        """Hash a new password with a new salt."""
        salt = secrets.token_bytes(16)
        return cls(_COST, _BLOCK, _PARALLEL, salt, _derive(password, _COST, _BLOCK, _PARALLEL, salt))

    def is_of(self, password: str) -> bool:
        """Return whether this is the hash of a password. Takes a quarter of a second."""
        return hmac.compare_digest(self.key, _derive(password, self.cost, self.block, self.parallel, self.salt))

    def line(self, name: str) -> str:
        """Return the line of the file."""
        return f"{name}:scrypt:{self.cost}:{self.block}:{self.parallel}:{self.salt.hex()}:{self.key.hex()}"


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in: the hash of a password, and what its owner may do."""

    hash: Hash
    role: Role


def load_accounts(file: Path) -> dict[str, Account]:
    """Read a file of accounts, with or without a mark of byte order (Notepad writes one).

    Raises: AccountError: the file cannot be read, others than its owner can write it, or a line is malformed.
    """
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            text = opened.read().decode("utf-8-sig")
        folder = file.absolute().parent.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise AccountError(tr(f"{file}：读不了（{error}）", f"{file}: cannot be read ({error})")) from error
    # Whoever can write the file, or another in its place, can let himself in. Windows has no such modes.
    if os.name == "posix" and (
        status.st_mode & 0o022 or status.st_uid not in (os.getuid(), 0) or (folder & stat.S_IWOTH and not folder & stat.S_ISVTX)
    ):
        raise AccountError(
            tr(
                f"{file}：别的用户能改写这个文件，不能用：先运行 chmod 600 {file}",
                f"{file}: other users can write this file, so it is not used: run chmod 600 {file}",
            )
        )
    return read_accounts(text, file=str(file))


def read_accounts(text: str, *, file: str) -> dict[str, Account]:
    """Return the accounts of a file's text. Raises: AccountError: a line is malformed or too weak; names the line."""
    accounts = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            name, method, cost, block, parallel, salt, key, *role = line.strip().split(":")
            found = Hash(int(cost), int(block), int(parallel), bytes.fromhex(salt), bytes.fromhex(key))
            sound = method == "scrypt" and _NAME.fullmatch(name) and len(found.salt) >= 8 and len(found.key) == 32
            memory, work = found.cost * found.block * 128, found.cost * found.block * found.parallel
            power_of_two = found.cost > 1 and found.cost & (found.cost - 1) == 0
            if not (sound and power_of_two and min(found.block, found.parallel) >= 1):
                raise ValueError
            if memory > _MAX_MEMORY or work > _MAX_WORK or role not in ([], *([each] for each in ROLES)):
                raise ValueError
        except ValueError:
            raise AccountError(
                tr(
                    f"{file}:{number}：应为 用户名:scrypt:…，用 python -m qa password 写入",
                    f"{file}:{number}: expected NAME:scrypt:…, as python -m qa password writes it",
                )
            ) from None
        if memory < _MIN_MEMORY or work < _MIN_WORK:
            raise AccountError(
                tr(
                    f"{file}:{number}：{name} 的密码保存得太弱（scrypt 参数太小），请用 python -m qa password 重设",
                    f"{file}:{number}: the password of {name} is hashed too weakly (scrypt parameters too small): set it anew"
                    " with python -m qa password",
                )
            )
        if name in accounts:
            raise AccountError(tr(f"{file}:{number}：用户 {name} 出现两次", f"{file}:{number}: {name} is there twice"))
        accounts[name] = Account(found, next((each for each in ROLES if [each] == role), "reader"))
    return accounts


def change_account(file: Path, name: str, password: str, role: Role | None = None) -> Role:
    """Add an account to a file or change its password, one change at a time whoever makes it; the file is made if missing.

    Args: role: None leaves the role as it is; a new account is a reader's.
    Returns: the role that the account has now.
    Raises: AccountError: the name, the password or the file is not allowed; OutputError: the file cannot be written.
    """
    _check(name, password)
    made = Hash.of(password)  # outside the lock: it takes a quarter of a second
    refused = AccountError(
        tr(f"{file}：正被占用或无法写入，没有改动", f"{file}: in use or cannot be written; nothing was changed")
    )
    with hold_lock(file.with_name(f"{file.name}.lock"), seconds=_LOCK_SECONDS, refused=refused):
        accounts = load_accounts(file) if file.exists() else {}
        kept = accounts[name].role if name in accounts else "reader"
        accounts[name] = Account(made, role or kept)
        lines = (f"{account.hash.line(user)}:{account.role}\n" for user, account in accounts.items())
        output.write_output(file, "".join(lines).encode(), private=True)
    return accounts[name].role


def _check(name: str, password: str) -> None:
    if not _NAME.fullmatch(name):
        raise AccountError(
            tr(
                f"用户名 {name!r} 不行：1 到 64 个字，没有冒号和空白",
                f"{name!r} is no user name: 1 to 64 characters, no colon or space",
            )
        )
    if len(password) < MIN_PASSWORD:
        raise AccountError(
            tr(f"密码太短：至少 {MIN_PASSWORD} 个字符", f"the password is too short: at least {MIN_PASSWORD} characters")
        )


def _derive(password: str, cost: int, block: int, parallel: int, salt: bytes) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=cost, r=block, p=parallel, maxmem=2 * _MAX_MEMORY, dklen=32)
