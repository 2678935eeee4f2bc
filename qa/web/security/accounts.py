"""Accounts of those who may log in: names with salted hashes of passwords, and a throttle against guessing.

A line of the file is NAME:scrypt:N:R:P:SALT:HASH, salt and hash in hexadecimal.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from corpus.messages.errors import AccountError
from corpus.messages.language import tr

_COST, _BLOCK, _PARALLEL = 2**15, 8, 3  # scrypt: 32 MB and about a quarter of a second (OWASP's second choice)
_MAX_MEMORY = 2**27  # bytes that a line of the file may make scrypt take
_NAME = re.compile(r"[^:\s\x00-\x1f\x7f]{1,64}")
MIN_PASSWORD = 8  # characters

_FREE = 5  # wrong attempts before the first wait
_MAX_WAIT = 900.0  # seconds
_REMEMBERED = 3600.0  # seconds that a wrong attempt counts
_MAX_KEYS = 10_000


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


def read_accounts(text: str, *, file: str) -> dict[str, Hash]:
    """Return the accounts of a file. Raises: AccountError: a line is malformed; names the line."""
    accounts = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            name, method, cost, block, parallel, salt, key = line.strip().split(":")
            found = Hash(int(cost), int(block), int(parallel), bytes.fromhex(salt), bytes.fromhex(key))
            sound = method == "scrypt" and _NAME.fullmatch(name) and len(found.salt) >= 8 and len(found.key) == 32
            if not sound or min(found.cost, found.block, found.parallel) < 1 or found.cost * found.block * 128 > _MAX_MEMORY:
                raise ValueError
        except ValueError:
            raise AccountError(
                tr(
                    f"{file}:{number}：应为 用户名:scrypt:…，用 python -m qa password 写入",
                    f"{file}:{number}: expected NAME:scrypt:…, as python -m qa password writes it",
                )
            ) from None
        accounts[name] = found
    return accounts


def changed(accounts: Mapping[str, Hash], name: str, password: str) -> str:
    """Return the text of the file with an account added or its password changed.

    Raises: AccountError: the name or the password is not allowed.
    """
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
    return "".join(f"{stored.line(user)}\n" for user, stored in ({**accounts, name: Hash.of(password)}).items())


class Authenticator:
    """Checks names and passwords. `authenticate` is slow on purpose: call it outside the event loop, one at a time."""

    def __init__(self, accounts: Mapping[str, Hash], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = dict(accounts)
        self._throttle = LoginThrottle(clock)
        self._secret = secrets.token_bytes(32)
        self._proofs: dict[str, bytes] = {}  # name -> the keyed hash of what was last right
        self._nobody = Hash.of(secrets.token_hex(16))  # an unknown name costs as much as a known one

    def is_remembered(self, name: str, password: str) -> bool:
        """Return whether this very pair was right before. Fast: only a keyed hash of it is kept."""
        return hmac.compare_digest(self._proofs.get(name, b""), self._proof(name, password))

    def retry_after(self, name: str, address: str) -> float:
        """Return the seconds until the next attempt for this name and from this address; 0 if one may be made now."""
        return max(self._throttle.retry_after(f"name {name}"), self._throttle.retry_after(f"from {address}"))

    def authenticate(self, name: str, password: str, address: str) -> bool:
        """Return whether name and password are right. An attempt counts as wrong until it has proved right."""
        keys = (f"name {name}", f"from {address}")
        for key in keys:
            self._throttle.record_failure(key)
        is_right = self._accounts.get(name, self._nobody).is_of(password) and name in self._accounts
        if is_right:
            self._proofs[name] = self._proof(name, password)
            for key in keys:
                self._throttle.reset(key)
        return is_right

    def _proof(self, name: str, password: str) -> bytes:
        return hmac.digest(self._secret, f"{name}:{password}".encode("utf-8", "surrogatepass"), "sha256")


@dataclass(slots=True)
class LoginThrottle:
    """Doubles the wait with each wrong attempt after the first few: 1 s, 2 s, 4 s … a quarter of an hour."""

    clock: Callable[[], float]
    failures: dict[str, tuple[int, float]] = field(default_factory=dict)  # key -> number, time of the last

    def retry_after(self, key: str) -> float:
        """Return the seconds until the next attempt for this key; 0 if one may be made now."""
        number, last = self.failures.get(key, (0, 0.0))
        if number < _FREE:
            return 0.0
        return max(0.0, last + min(2.0 ** (number - _FREE), _MAX_WAIT) - self.clock())

    def record_failure(self, key: str) -> None:
        """Count a wrong password; each one lengthens the wait."""
        now = self.clock()
        if len(self.failures) >= _MAX_KEYS:
            self.failures = {other: failure for other, failure in self.failures.items() if now - failure[1] < _REMEMBERED}
        number, last = self.failures.get(key, (0, now))
        self.failures[key] = (number + 1 if now - last < _REMEMBERED else 1, now)

    def reset(self, key: str) -> None:
        self.failures.pop(key, None)


def _derive(password: str, cost: int, block: int, parallel: int, salt: bytes) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=cost, r=block, p=parallel, maxmem=2 * _MAX_MEMORY, dklen=32)
