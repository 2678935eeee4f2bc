"""Accounts: what is kept of a password, and the brake on guessing. No test waits: the clock is ours."""

import io
import stat
import sys
from pathlib import Path

import pytest

from corpus.messages.errors import AccountError
from qa.__main__ import main
from qa.web.security import accounts
from qa.web.security.accounts import Authenticator, Hash


def cheap(password: str) -> Hash:
    """A hash that takes no time, of the same kind."""
    salt = b"saltsalt"
    return Hash(2, 1, 1, salt, accounts._derive(password, 2, 1, 1, salt))


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture()
def clock() -> Clock:
    return Clock()


@pytest.fixture()
def door(clock: Clock) -> Authenticator:
    door = Authenticator({"lin": cheap("correct horse"), "su": cheap("battery staple")}, clock=clock)
    door._nobody = cheap("")
    return door


def test_a_file_keeps_salted_hashes_and_no_password() -> None:
    text = accounts.changed({}, "林", "correct horse")
    again = accounts.changed(accounts.read_accounts(text, file="f"), "su", "correct horse")
    kept = accounts.read_accounts(again, file="f")
    assert list(kept) == ["林", "su"] and "correct" not in again
    assert kept["林"].salt != kept["su"].salt and kept["林"].key != kept["su"].key
    assert (kept["林"].cost, kept["林"].block, kept["林"].parallel) == (32768, 8, 3)
    assert kept["林"].is_of("correct horse") and not kept["林"].is_of("correct horsf")


@pytest.mark.parametrize(
    "line",
    [
        "lin:correct horse",
        "lin:scrypt:32768:8:3:00:00",
        "lin:scrypt:2:1:1:0011223344556677:" + "zz" * 32,
        "lin:md5:2:1:1:0011223344556677:" + "00" * 32,
        "lin:scrypt:0:1:1:0011223344556677:" + "00" * 32,
        ":scrypt:2:1:1:0011223344556677:" + "00" * 32,
        "lin:scrypt:1073741824:8:1:0011223344556677:" + "00" * 32,  # a terabyte to derive
    ],
)
def test_a_malformed_line_is_named(line: str) -> None:
    good = cheap("x").line("su")
    with pytest.raises(AccountError, match=r"^passwords:3: expected NAME:scrypt:"):
        accounts.read_accounts(f"{good}\n\n{line}\n", file="passwords")


@pytest.mark.parametrize(
    ("name", "password"), [("a:b", "long enough"), ("", "long enough"), ("a b", "long enough"), ("lin", "short")]
)
def test_a_name_or_password_that_will_not_do(name: str, password: str) -> None:
    with pytest.raises(AccountError):
        accounts.changed({}, name, password)


def test_who_has_entered_is_known_without_deriving_again(door: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not door.is_remembered("lin", "correct horse")
    assert door.authenticate("lin", "correct horse", "a")
    monkeypatch.setattr(accounts, "_derive", None)
    assert door.is_remembered("lin", "correct horse")
    assert (
        not door.is_remembered("lin", "battery staple")
        and not door.is_remembered("su", "correct horse")
        and not door.is_remembered("no", "")
    )
    assert b"correct" not in repr(door._proofs).encode()


def test_each_wrong_attempt_after_the_fifth_doubles_the_wait(door: Authenticator, clock: Clock) -> None:
    for _ in range(4):
        assert not door.authenticate("lin", "wrong", "a")
    assert door.retry_after("lin", "a") == 0
    waits = []
    for _ in range(12):
        assert not door.authenticate("lin", "wrong", "a")
        waits.append(door.retry_after("lin", "b"))  # the name has to wait, from wherever
        clock.now += waits[-1]
        assert door.retry_after("lin", "a") == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_an_address_waits_for_every_name_and_another_does_not(door: Authenticator) -> None:
    for number in range(5):
        door.authenticate(f"guess{number}", "wrong", "a")
    assert door.retry_after("su", "a") == 1 and door.retry_after("su", "b") == 0


def test_a_right_password_ends_the_wait_and_an_hour_forgives(door: Authenticator, clock: Clock) -> None:
    for _ in range(5):
        door.authenticate("lin", "wrong", "a")
    clock.now += 1
    assert door.authenticate("lin", "correct horse", "a") and door.retry_after("lin", "a") == 0
    assert not door.authenticate("lin", "wrong", "a") and door.retry_after("lin", "a") == 0
    for _ in range(6):
        door.authenticate("su", "wrong", "b")
    clock.now += 3600
    door.authenticate("su", "wrong", "b")
    assert door.retry_after("su", "b") == 0


def test_attempts_under_way_count_as_wrong(door: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    derive = accounts._derive
    monkeypatch.setattr(
        accounts, "_derive", lambda *given: (seen.append(door._throttle.failures["name lin"][0]), derive(*given))[1]
    )
    door.authenticate("lin", "wrong", "a")
    door.authenticate("lin", "correct horse", "a")
    assert seen == [1, 2]


def test_an_unknown_name_costs_as_much_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = []
    monkeypatch.setattr(accounts, "_derive", lambda _, *cost: (costs.append(cost[:3]), b"0" * 32)[1])
    door = Authenticator(accounts.read_accounts(accounts.changed({}, "lin", "correct horse"), file="f"))
    costs.clear()
    door.authenticate("lin", "wrong", "a")
    assert not door.authenticate("nobody", "wrong", "b")
    assert costs[0] == costs[1] == (32768, 8, 3)


def test_guessed_names_do_not_fill_the_memory(door: Authenticator, clock: Clock) -> None:
    for number in range(25_000):
        clock.now += 1
        door._throttle.record_failure(f"name {number}")
    assert len(door._throttle.failures) <= 10_001


def test_the_command_writes_a_file_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "密码"

    def run(password: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        return main(["password", "--auth-file", str(file), "lin"]), *capsys.readouterr()

    for password in ("correct horse", "battery staple"):  # made, then changed
        status, out, err = run(password)
        assert (status, err) == (0, "")
        assert password not in out
        kept = accounts.read_accounts(file.read_text(encoding="utf-8"), file="f")
        assert list(kept) == ["lin"] and kept["lin"].is_of(password)
        assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o600
    status, _, err = run("short")
    assert status == 1 and "too short" in err
    assert kept == accounts.read_accounts(file.read_text(encoding="utf-8"), file="f")
