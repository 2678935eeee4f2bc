"""Who is asking, and that what one saves is for nobody else."""

import base64
import unicodedata
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from index.store.library import Library
from qa.web.app import application
from qa.web.catalogue import TEXTS
from qa.web.security.guard import Guard
from qa.web.security.signing_in import Authenticator
from qa.web.security.visitor import OWNER, STRANGER, Visitor, folder_name
from qa.web.state import LibraryState, passage_address


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
    assert OWNER.folder(samples.root) == Visitor("owner", "lin").folder(samples.root) == samples.root
    assert Visitor("editor", "lin").folder(samples.root) == samples.root / "accounts" / folder_name("lin")


class Roles(Authenticator):
    """A door that lets in whoever names a role, as NAME@ROLE."""

    def __init__(self) -> None:
        super().__init__({})

    async def sign_in(self, name: str, password: str, address: str, *, given_pass: str = "") -> Visitor:
        roles = {"reader": Visitor("reader", name), "editor": Visitor("editor", name), "owner": Visitor("owner", name)}
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
    everyone = ("lin@owner", "lin@editor", "lin@reader", "su@reader")
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
    client.post("/saved/change", headers=signed("su@reader"), data={"change": "clear"})
    assert "the question of lin@owner" in client.get("/saved", headers=signed("lin@owner")).text


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
    assert state.renew(lambda _: (samples, ()))
    while state.job is not None and state.job.running:
        pass
    assert client.get("/settings", headers=signed("su@reader")).status_code == 200
    assert state.job is not None
    assert client.get("/settings", headers=signed("lin@editor")).status_code == 200
    assert state.job is None
