"""Signing in: every guess is slow, and the right password is let in however many guess. The clock is ours."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from qa.web.security import accounts, signing_in
from qa.web.security.accounts import Account, Hash
from qa.web.security.signing_in import Authenticator, Delays, PasswordTurns
from qa.web.security.visitor import Visitor
from tests.qa.web.serving import run


def cheap(password: str) -> Hash:
    """A hash that takes no time, of the same kind."""
    salt = b"saltsalt"
    return Hash(2, 1, 1, salt, accounts._derive(password, 2, 1, 1, salt))


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Door(Authenticator):
    """Knows lin and su. Answers that are held back are held until the end of the test."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.waits: list[float] = []
        self.end = asyncio.Event()

        def sleep(seconds: float) -> Awaitable[object]:
            self.waits.append(seconds)
            return self.end.wait()

        known = {"lin": Account(cheap("correct horse"), "editor"), "su": Account(cheap("battery staple"), "reader")}
        super().__init__(known, clock=clock, sleep=sleep)
        self._nobody = cheap("")


LIN = Visitor("editor", "lin")


@pytest.mark.parametrize("is_back", [True, False])
def test_who_has_the_right_password_enters_through_a_thousand_guesses(is_back: bool) -> None:
    """All from one address, as behind a proxy; the visitor was here before, or has not been since the start of the server."""

    async def attack() -> None:
        door = Door()
        if is_back:
            assert await door.sign_in("lin", "correct horse", "proxy") == LIN
        guesses = [asyncio.create_task(door.sign_in("lin", f"wrong{number}", "proxy")) for number in range(1000)]
        for _ in range(5):  # among them, again and again
            await asyncio.sleep(0.01)
            given_pass = door.pass_of("lin") if is_back else ""
            assert await asyncio.wait_for(door.sign_in("lin", "correct horse", "proxy", given_pass=given_pass), 20) == LIN
        door.end.set()
        assert set(await asyncio.gather(*guesses)) <= {"wrong", "busy"}
        assert len(door._delays._failures) <= 2 and not door._turns._lines and not door._turns._running and door._held == 0

    run(attack())


def test_no_guess_is_told_apart_without_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where guesses come from, even the right password is answered only after scrypt, unless its browser has a pass."""
    paid: list[str] = []
    derive = accounts._derive
    monkeypatch.setattr(accounts, "_derive", lambda password, *cost: (paid.append(password), derive(password, *cost))[1])

    async def attack() -> None:
        door = Door()
        door.end.set()
        assert await door.sign_in("lin", "correct horse", "proxy") == LIN
        paid.clear()
        assert await door.sign_in("lin", "correct horse", "proxy") == LIN and paid == []
        for number in range(6):
            assert await door.sign_in("lin", f"wrong{number}", "proxy") == "wrong"
        paid.clear()
        assert await door.sign_in("lin", "correct horse", "proxy", given_pass=door.pass_of("lin")) == LIN and paid == []
        assert await door.sign_in("lin", "correct horse", "elsewhere") == LIN and paid == []
        assert await door.sign_in("lin", "correct horse", "proxy", given_pass=door.pass_of("su")) == LIN
        assert paid == ["correct horse"]

    run(attack())


def test_a_pass_is_no_password() -> None:
    async def try_it() -> None:
        door = Door()
        assert await door.sign_in("lin", "", "a", given_pass=door.pass_of("lin")) == "wrong"
        assert await door.sign_in("lin", "battery staple", "a", given_pass=door.pass_of("lin")) == "wrong"
        assert await door.sign_in("nobody", "", "a", given_pass=door.pass_of("nobody")) == "wrong"
        assert await door.sign_in("su", "battery staple", "a", given_pass="é\x00") == Visitor("reader", "su")
        assert door.pass_of("lin") != Door().pass_of("lin")

    run(try_it())


def test_the_wait_for_an_answer_doubles_after_the_fifth_guess_and_an_hour_forgives() -> None:
    async def guess() -> None:
        clock = Clock()
        door = Door(clock)
        door.end.set()
        for number in range(12):
            assert await door.sign_in("lin", f"wrong{number}", "a") == "wrong"
        assert door.waits == [1, 2, 4, 8, 16, 30, 30]
        assert await door.sign_in("lin", "wrong", "b") == "wrong" and len(door.waits) == 7  # from another address
        assert await door.sign_in("su", "wrong", "a") == "wrong" and len(door.waits) == 7  # or for another account
        clock.now += 3600
        assert await door.sign_in("lin", "wrong", "a") == "wrong" and len(door.waits) == 7

    run(guess())


def test_unknown_names_count_as_one_and_cost_as_much_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = []
    monkeypatch.setattr(accounts, "_derive", lambda _, *cost: (costs.append(cost[:3]), b"0" * 32)[1])

    async def guess() -> None:
        door = Authenticator(
            {"lin": Account(Hash(2**15, 8, 3, b"salt" * 4, b"1" * 32), "reader")}, sleep=lambda _: asyncio.sleep(0)
        )
        costs.clear()
        assert await door.sign_in("lin", "wrong", "a") == await door.sign_in("nobody", "wrong", "b") == "wrong"
        for number in range(20):
            await door.sign_in(f"guess{number}", "wrong", "a")
        assert set(costs) == {(32768, 8, 3)} and len(costs) == 22 and len(door._delays._failures) == 3

    run(guess())


def test_addresses_do_not_fill_the_memory() -> None:
    delays = Delays(time.monotonic)
    for number in range(25_000):
        delays.count(("lin", str(number)))
    assert len(delays._failures) == 10_000 and ("lin", "24999") in delays._failures


def test_answers_held_back_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "_MAX_HELD", 3)

    async def guess() -> None:
        door = Door()
        guesses = [asyncio.create_task(door.sign_in("lin", f"wrong{number}", "a")) for number in range(20)]
        done, held = await asyncio.wait(guesses, timeout=5)
        assert len(held) == 3 and len(done) == 17
        door.end.set()
        await asyncio.gather(*held)

    run(guess())


def test_turns_rotate_and_the_longest_line_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "_MAX_WAITING", 6)
    monkeypatch.setattr(signing_in, "_AT_ONCE", 1)
    order: list[str] = []

    async def one(turns: PasswordTurns, name: str) -> None:
        if await turns.take((name[0], "")):
            order.append(name)
            await asyncio.sleep(0)
            turns.give_back((name[0], ""))
        else:
            order.append(f"{name} away")

    async def all_of_them() -> None:
        turns = PasswordTurns()
        await turns.take(("held", ""))
        tasks = [asyncio.create_task(one(turns, name)) for name in ("a1", "a2", "a3", "a4", "b1", "a5", "a6", "b2")]
        await asyncio.sleep(0.01)
        tasks[3].cancel()  # a4 went away
        await asyncio.sleep(0.01)
        turns.give_back(("held", ""))
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not turns._lines and not turns._running

    run(all_of_them())
    assert order == ["a1 away", "a2 away", "a6", "b2", "a5", "b1", "a3"]


def test_a_turn_that_came_to_one_who_left_goes_on() -> None:
    async def leave() -> None:
        turns = PasswordTurns()
        await turns.take(("a", ""))
        task = asyncio.create_task(turns.take(("a", "")))
        await asyncio.sleep(0.01)
        turns.give_back(("a", ""))
        task.cancel()  # it has its turn, and has not heard of it
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled() and await asyncio.wait_for(turns.take(("a", "")), 5)

    run(leave())


def test_of_several_owners_the_first_of_the_file_is_known() -> None:
    async def sign_in() -> None:
        names = ("reader", "owner", "another owner")
        door = Authenticator({name: Account(cheap(name), "reader" if name == "reader" else "owner") for name in names})
        for _ in range(2):  # the second time it is remembered
            found = [await door.sign_in(name, name, "a") for name in names]
            assert [isinstance(each, Visitor) and each.is_first_owner for each in found] == [False, True, False]

    run(sign_in())
