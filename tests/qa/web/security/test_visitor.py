"""Who is asking, and that what one saves is for nobody else."""

import base64
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corpus.library.files import FileReport
from index.store.library import Library
from qa.export.saved_quotes import load_saved
from qa.web.addresses import passage_address
from qa.web.app import application
from qa.web.catalogue import TEXTS
from qa.web.security.guard import Guard
from qa.web.security.signing_in import Authenticator
from qa.web.security.visitor import OWNER, ROLES, STRANGER, Visitor, folder_name
from qa.web.state import LibraryState


def test_names_of_folders_are_safe_and_differ_whatever_the_file_system_folds() -> None:
    names = ["lin", "Lin", "LIN", "con", "nul.", "a/b", "..", "林", "x" * 64, "😀" * 64, "é", unicodedata.normalize("NFD", "é")]
    names += ["lin.", "lin ", "com1", "-", "\ud800"]
    folders = [folder_name(name) for name in names]
    folded = {unicodedata.normalize("NFC", folder).casefold() for folder in folders}
    assert len(folded) == len(names)
    for folder in folders:
        assert folder.isascii() and folder.replace("-", "").isalnum() and folder == folder.lower() and len(folder) <= 49
    assert folder_name("lin").startswith("lin-") and folder_name("林").startswith("account-")


def test_who_has_a_list_and_who_may_change(samples: Library) -> None:
    for visitor, may_change, may_save in (
        (OWNER, True, True),
        (STRANGER, False, False),
        (Visitor("owner", "lin"), True, True),
        (Visitor("editor", "lin"), True, True),
        (Visitor("reader", "lin"), False, True),
    ):
        assert (visitor.may_change, visitor.may_save) == (may_change, may_save)
        assert (visitor.folder(samples.root) is not None) == may_save
    assert OWNER.folder(samples.root) == samples.root
    for role in ROLES:
        assert Visitor(role, "lin").folder(samples.root) == samples.root / "accounts" / folder_name("lin")


def test_the_list_made_without_accounts_goes_to_one_owner_and_stays_with_that_account(tmp_path: Path) -> None:
    lin, su = (Visitor("owner", name, is_first_owner=True) for name in ("lin", "su"))
    second = Visitor("owner", "su")
    assert second.folder(tmp_path) == tmp_path / "accounts" / folder_name("su")  # and takes nothing by that
    assert lin.folder(tmp_path) == OWNER.folder(tmp_path) == tmp_path
    for other in (su, second, Visitor("editor", "lin"), Visitor("reader", "lin")):  # lin's line is gone, or tells another role
        assert other.folder(tmp_path) == tmp_path / "accounts" / folder_name(other.account or "")
    assert Visitor("owner", "lin").folder(tmp_path) == tmp_path  # another stands before it now
    (tmp_path / "saved.account").write_bytes(b"")
    assert lin.folder(tmp_path) == tmp_path


class Roles(Authenticator):
    """A door that lets in whoever names a role, as NAME@ROLE."""

    def __init__(self) -> None:
        super().__init__({})

    async def sign_in(self, name: str, password: str, address: str, *, given_pass: str = "") -> Visitor:
        first = Visitor("owner", name, is_first_owner=name == "lin@owner")
        roles = {"reader": Visitor("reader", name), "editor": Visitor("editor", name), "owner": first}
        return roles[name.partition("@")[2]]


def signed(name: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:x".encode()).decode(), "accept-language": "en"}


@pytest.fixture(scope="module")
def client(samples: Library) -> Iterator[TestClient]:
    app = Guard(application(LibraryState(samples)), authenticator=Roles())
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        yield client
        client.post("/saved/change", headers=signed("lin@owner"), data={"change": "clear"})


def test_each_account_has_a_saved_list_of_its_own(client: TestClient, samples: Library) -> None:
    everyone = ("lin@owner", "su@owner", "lin@editor", "su@editor", "lin@reader", "su@reader")
    article = samples.catalog.articles[0]
    passage = samples.catalog.passages_of(article)[0]
    for name in everyone:
        sent = {"address": passage_address(passage, passage.span), "question": f"the question of {name}"}
        assert client.post("/saved", headers=signed(name), json=sent).status_code == 204
    for name in everyone:
        for path in ("/saved", "/saved.md"):
            said = client.get(path, headers=signed(name))
            asked = [other for other in everyone if f"the question of {other}" in said.text]
            assert (said.status_code, asked) == (200, [name]), path
            assert said.headers["cache-control"] in ("private, no-cache", "no-store")
    client.post("/saved/change", headers=signed("su@reader"), data={"change": "clear"})
    assert "the question of lin@owner" in client.get("/saved", headers=signed("lin@owner")).text
    assert [quote.question for quote in load_saved(samples.root).quotes] == ["the question of lin@owner"]


def forms_of(page: str) -> dict[str, dict[str, str]]:
    """The last form of a page for each change, as a browser sends it."""
    forms = re.findall(r'<form[^>]*action="/saved/change".*?</form>', page, re.DOTALL)
    fields = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in forms]
    return {form["change"]: form for form in fields}


def test_a_change_of_a_list_that_another_window_has_changed_is_not_made_unseen(client: TestClient, samples: Library) -> None:
    """By a reader, who sees no details of errors."""
    headers = signed("windows@reader")

    def page() -> str:
        return client.get("/saved", headers=headers).text

    def change(form: dict[str, str]) -> tuple[int, str]:
        reply = client.post("/saved/change", headers=headers, data=form, follow_redirects=False)
        return reply.status_code, reply.text

    passage = samples.catalog.passages_of(samples.catalog.articles[0])[0]
    for question in ("first", "second", "third"):
        sent = {"address": passage_address(passage, passage.span), "question": question}
        client.post("/saved", headers=headers, json=sent)
    before = page()
    assert change(forms_of(before)["remove"])[0] == 303
    one_window = page()
    assert change(forms_of(one_window)["remove"])[0] == 303
    status, said = change(forms_of(one_window)["undo"])
    assert status == 409 and "not done: the saved list has been changed since this page was shown" in said
    assert said.count('<article class="quote"') == page().count('<article class="quote"') == 1
    assert change(forms_of(before)["clear"])[0] == 409
    assert change(forms_of(said)["undo"])[0] == 303 and page().count('<article class="quote"') == 2
    status, said = change({"change": "undo"})
    assert status == 409 and "nothing to undo" in said

    remark = forms_of(page())["remark"]
    assert change({**remark, "remark": "one"})[0] == 303
    status, said = change({**remark, "remark": "another"})
    assert status == 409 and "yours was not kept: another" in said and "one</textarea>" in said
    gone = forms_of(page())["remark"]
    assert change(forms_of(page())["remove"])[0] == 303
    status, said = change({**gone, "remark": "lost"})
    assert status == 409 and "no longer saved; the remark was not kept: lost" in said


def test_a_damaged_list_is_told_of_without_saying_where_it_lies(client: TestClient, samples: Library) -> None:
    client.get("/saved", headers=signed("damaged@reader"))
    folder = samples.root / "accounts" / folder_name("damaged@reader")
    (folder / "saved.json").write_bytes(b"{")
    said = client.get("/saved", headers=signed("damaged@reader")).text
    assert "saved-damaged-" in said and str(samples.root) not in said


def test_who_has_no_account_has_no_list_and_is_told_so(samples: Library) -> None:
    app = Guard(application(LibraryState(samples)), names=["reader.example"], warn=str)
    client = TestClient(app, base_url="http://reader.example", headers={"accept-language": "en"}, client=("127.0.0.1", 1))
    for path in ("/saved", "/saved.md", "/saved.docx"):
        said = client.get(path)
        assert said.status_code == 403 and TEXTS["saved_nobody"][1] in said.text
    assert client.post("/saved", json={"address": "0" * 12 + "/1?start=0&end=9"}).status_code == 403
    assert client.post("/saved/change", data={"change": "clear"}).status_code == 403


def test_a_reader_s_look_does_not_take_the_owner_s_report_away(samples: Library) -> None:
    state = LibraryState(samples)
    client = TestClient(Guard(application(state), authenticator=Roles()), base_url="http://127.0.0.1", client=("127.0.0.1", 1))
    assert state.renew(lambda _: (samples, (FileReport("新.txt", "read"),)))
    while state.job is not None and state.job.running:
        pass
    assert "新.txt" not in client.get("/settings", headers=signed("su@reader")).text
    assert "新.txt" in client.get("/settings", headers=signed("lin@editor")).text
