"""The file of accounts: what is kept of a password, which files are not believed, and that no account is lost."""

import io
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.messages.errors import AccountError
from qa.__main__ import main
from qa.web.security import accounts

GOOD = f"su:scrypt:32768:8:3:{'00' * 16}:{'11' * 32}"  # nobody's password


def test_a_file_keeps_salted_hashes_and_no_password(tmp_path: Path) -> None:
    file = tmp_path / "密码"
    assert accounts.change_account(file, "林", "correct horse", "editor") == "editor"
    assert accounts.change_account(file, "su", "correct horse") == "reader"
    text = file.read_text(encoding="utf-8")
    kept = accounts.load_accounts(file)
    assert list(kept) == ["林", "su"] and "correct" not in text
    assert [account.role for account in kept.values()] == ["editor", "reader"]
    lin, su = kept["林"].hash, kept["su"].hash
    assert lin.salt != su.salt and lin.key != su.key
    assert (lin.cost, lin.block, lin.parallel) == (32768, 8, 3)
    assert lin.is_of("correct horse") and not lin.is_of("correct horsf")
    assert accounts.change_account(file, "林", "battery staple") == "editor"  # a new password, the same role


def test_a_line_without_a_role_is_a_reader_s() -> None:
    assert accounts.read_accounts(GOOD, file="f")["su"].role == "reader"
    for role in ("owner", "editor", "reader"):
        assert accounts.read_accounts(f"{GOOD}:{role}", file="f")["su"].role == role


@pytest.mark.parametrize(
    "line",
    [
        "lin:correct horse",
        "lin:scrypt:32768:8:3:00:00",
        "lin:scrypt:2:1:1:0011223344556677:" + "zz" * 32,
        "lin:md5:2:1:1:0011223344556677:" + "00" * 32,
        "lin:scrypt:0:1:1:0011223344556677:" + "00" * 32,
        ":scrypt:32768:8:3:0011223344556677:" + "00" * 32,
        GOOD + ":admin",
        GOOD + ":",
        GOOD + ":owner:",
        GOOD.replace("32768", "32767"),
        GOOD.replace(":3:", ":3000000:"),  # a week to derive
        "lin:scrypt:1073741824:8:1:0011223344556677:" + "00" * 32,  # a terabyte to derive
    ],
)
def test_a_malformed_line_is_named(line: str) -> None:
    with pytest.raises(AccountError, match=r"^passwords:3: expected NAME:scrypt:"):
        accounts.read_accounts(f"{GOOD.replace('su', 'other')}\n\n{line}\n", file="passwords")


@pytest.mark.parametrize("parameters", ["2:1:1", "2:8:3", "1024:8:1", "8192:8:1", "4096:8:20", "32768:1:1"])
def test_a_hash_that_is_quickly_guessed_is_refused(parameters: str) -> None:
    with pytest.raises(AccountError, match=r"^passwords:1: the password of su is hashed too weakly"):
        accounts.read_accounts(GOOD.replace("32768:8:3", parameters), file="passwords")


@pytest.mark.parametrize("parameters", ["131072:8:1", "65536:8:2", "32768:8:3", "16384:8:5", "8192:8:10"])
def test_the_parameters_that_owasp_names_are_taken(parameters: str) -> None:
    assert list(accounts.read_accounts(GOOD.replace("32768:8:3", parameters), file="passwords")) == ["su"]


def test_a_name_that_is_there_twice_is_an_error() -> None:
    with pytest.raises(AccountError, match=r"^passwords:2: su is there twice"):
        accounts.read_accounts(f"{GOOD}\n{GOOD}:owner\n", file="passwords")


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o777])
def test_a_file_that_others_can_write_is_not_believed(
    mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "passwords"
    file.write_text(GOOD)
    file.chmod(mode)
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    for command in (["chat", "--port", "1", "--data", str(tmp_path / "data")], ["password", "lin"]):
        assert main([command[0], "--auth-file", str(file), *command[1:]]) == 1
        assert f"{file}: other users can write this file, so it is not used: run chmod 600 {file}" in capsys.readouterr().err
    assert file.read_text() == GOOD
    file.chmod(0o644)
    assert list(accounts.load_accounts(file)) == ["su"]


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_folder_in_which_all_can_write_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "passwords").write_text(GOOD)
    folder.chmod(0o777)
    with pytest.raises(AccountError, match="other users can write"):
        accounts.load_accounts(folder / "passwords")
    folder.chmod(0o1777)  # as /tmp: there they can add, and not replace
    assert list(accounts.load_accounts(folder / "passwords")) == ["su"]


def test_the_mark_of_notepad_is_no_part_of_a_name(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n")
    file.chmod(0o600)
    assert list(accounts.load_accounts(file)) == ["su"]


def test_accounts_that_are_made_at_once_are_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds the lock of the file by itself, as processes do."""
    monkeypatch.setattr(accounts, "_derive", lambda *_: b"0" * 32)
    file = tmp_path / "passwords"
    names = [f"user{number}" for number in range(24)]
    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(lambda name: accounts.change_account(file, name, "correct horse"), names)) == {"reader"}
    assert sorted(accounts.load_accounts(file)) == sorted(names)


@pytest.mark.parametrize(
    ("name", "password"), [("a:b", "long enough"), ("", "long enough"), ("a b", "long enough"), ("lin", "short")]
)
def test_a_name_or_password_that_will_not_do(name: str, password: str, tmp_path: Path) -> None:
    with pytest.raises(AccountError):
        accounts.change_account(tmp_path / "passwords", name, password)
    assert not (tmp_path / "passwords").exists()


def test_the_command_writes_a_file_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "密码"

    def run(password: str, options: list[str]) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        return main(["password", "--auth-file", str(file), *options, "lin"]), *capsys.readouterr()

    # Made, then changed: the role stays until another is named.
    for password, options, role in (
        ("correct horse", ["--role", "owner"], "owner"),
        ("battery staple", [], "owner"),
        ("battery staple", ["--role", "reader"], "reader"),
    ):
        status, out, err = run(password, options)
        assert (status, err) == (0, "")
        assert password not in out
        kept = accounts.load_accounts(file)
        assert list(kept) == ["lin"] and kept["lin"].hash.is_of(password) and kept["lin"].role == role
        assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o600
    status, _, err = run("short", [])
    assert status == 1 and "too short" in err
    assert kept == accounts.load_accounts(file)
