"""Checks names and passwords: each guess costs its time, and whoever has the right password is let in however many guess.

A guess is paid for with scrypt, in turns. Who has signed in before is known by a keyed hash and pays no more; his browser keeps a
pass, so that guesses from the same address (a proxy) do not take that from him. The pass opens nothing by itself. It is the
device cookie of OWASP ("Slow Down Online Guessing Attacks with Device Cookies").
"""

import asyncio
import hmac
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from starlette.concurrency import run_in_threadpool

from qa.web.security.accounts import Account, Hash
from qa.web.security.visitor import Visitor

_FREE = 5  # wrong passwords before an answer is held back: who mistypes does not wait
_MAX_DELAY = 30.0  # seconds; a proxy gives up after 60
_REMEMBERED = 3600.0  # seconds that a wrong password counts
_MAX_KEYS = 10_000  # of accounts and addresses whose wrong passwords are counted; the one longest quiet gives way
_MAX_HELD = 256  # answers held back at once; each keeps a connection open
_AT_ONCE = 2  # passwords checked at once: 32 MB and a processor each, the rest is for questions
_MAX_WAITING = 256  # passwords that wait to be checked

Key = tuple[str, str]  # an account ("" for all names without one) and an address ("" for browsers with a pass)


class Authenticator:
    """Knows the accounts, and who has signed in. One for the whole server, used in its event loop."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._accounts = dict(accounts)
        self._first_owner = next((name for name, account in accounts.items() if account.role == "owner"), None)
        self._secret = secrets.token_bytes(32)
        self._proofs: dict[str, bytes] = {}  # name -> the keyed hash of what was last right
        self._nobody = Hash.of(secrets.token_hex(16))  # an unknown name costs as much as a known one
        self._turns = PasswordTurns()
        self._delays = Delays(clock)
        self._sleep = sleep
        self._held = 0

    async def sign_in(
        self, name: str, password: str, address: str, *, given_pass: str = ""
    ) -> Visitor | Literal["wrong", "busy"]:
        """Return who has this name and password; "wrong" after a delay, "busy" where too many passwords wait to be checked.

        Args: address: where the request comes from; given_pass: what its browser holds of `pass_of`.
        """
        account = self._accounts.get(name)
        has_pass = account is not None and hmac.compare_digest(given_pass.encode(), self.pass_of(name).encode())
        key = (name if account else "", "" if has_pass else address)
        # Where guesses come from, an instant yes would tell them apart from a no, without their price.
        if account and self._is_remembered(name, password) and (has_pass or not self._delays.is_suspect(key)):
            return self._visitor(account, name)
        if not await self._turns.take(key):
            return "busy"
        try:
            is_right = await run_in_threadpool((account.hash if account else self._nobody).is_of, password)
        finally:
            self._turns.give_back(key)
        if account and is_right:
            self._proofs[name] = self._keyed(f"{name}:{password}")
            self._delays.forget(key)
            return self._visitor(account, name)
        await self._hold_back(self._delays.count(key))
        return "wrong"

    def pass_of(self, name: str) -> str:
        """Return what a browser keeps that has signed in by this name."""
        return self._keyed(f"pass {name}").hex()

    def _visitor(self, account: Account, name: str) -> Visitor:
        return Visitor(account.role, name, is_first_owner=name == self._first_owner)

    def _is_remembered(self, name: str, password: str) -> bool:
        return hmac.compare_digest(self._proofs.get(name, b""), self._keyed(f"{name}:{password}"))

    async def _hold_back(self, seconds: float) -> None:
        if seconds > 0 and self._held < _MAX_HELD:
            self._held += 1
            try:
                await self._sleep(seconds)
            finally:
                self._held -= 1

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode("utf-8", "surrogatepass"), "sha256")


class Delays:
    """Counts wrong passwords by account and address: after the first few the wait doubles, 1 s, 2 s, 4 s … half a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[Key, tuple[int, float]] = {}  # number, time of the last; the one longest quiet first

    def count(self, key: Key) -> float:
        """Count a wrong password. Returns: the seconds to wait before its answer."""
        number = self._number(key) + 1
        self._failures.pop(key, None)
        self._failures[key] = (number, self._clock())
        if len(self._failures) > _MAX_KEYS:
            del self._failures[next(iter(self._failures))]
        return min(2.0 ** min(number - _FREE - 1, 10), _MAX_DELAY) if number > _FREE else 0.0

    def is_suspect(self, key: Key) -> bool:
        """Return whether more passwords were wrong than a person mistypes."""
        return self._number(key) >= _FREE

    def forget(self, key: Key) -> None:
        """Begin to count anew."""
        self._failures.pop(key, None)

    def _number(self, key: Key) -> int:
        number, last = self._failures.get(key, (0, 0.0))
        return number if self._clock() - last < _REMEMBERED else 0


class PasswordTurns:
    """Gives turns to who wants a password checked: few at once, one for an account and address, these in rotation.

    Of one account and address, who came last goes first: an honest visitor has not long to wait, whoever fills the line. Where
    too many wait, the one who came first in the longest line is turned away.
    """

    def __init__(self) -> None:
        self._lines: dict[Key, deque[asyncio.Future[bool]]] = {}
        self._running: set[Key] = set()

    async def take(self, key: Key) -> bool:
        """Wait for a turn. Returns: whether it came; who has it gives it back."""
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(key, deque()).append(turn)
        if sum(map(len, self._lines.values())) > _MAX_WAITING:
            longest = max(self._lines, key=lambda each: len(self._lines[each]))
            self._settle(longest, self._lines[longest].popleft(), granted=False)
        self._go_on()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.give_back(key)
            raise

    def give_back(self, key: Key) -> None:
        """End a turn; the next one begins."""
        self._running.discard(key)
        self._go_on()

    def _go_on(self) -> None:
        for key in list(self._lines):
            while len(self._running) < _AT_ONCE and key not in self._running and key in self._lines:
                line = self._lines.pop(key)
                turn = line.pop()
                self._lines[key] = line  # at the end: the others are next
                if self._settle(key, turn, granted=True):
                    self._running.add(key)

    def _settle(self, key: Key, turn: "asyncio.Future[bool]", *, granted: bool) -> bool:
        """Tell one of a line its outcome. Returns: whether it was still waiting for it."""
        if not self._lines[key]:
            del self._lines[key]
        if turn.done():
            return False
        turn.set_result(granted)
        return True
