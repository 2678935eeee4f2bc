"""The guard: by itself, request by request, and around the page as a user starts it."""

import base64
import http.client
import json
import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import gradio_client
import httpx2
import pytest
from filelock import FileLock
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Browser, Page, expect
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from qa.__main__ import main
from qa.web.security import accounts, guard
from qa.web.security.guard import Guard
from qa.web.security.signing_in import Authenticator
from qa.web.security.visitor import ROLES, Role, Visitor
from tests.qa.web.serving import run, serve

Reply = tuple[int, dict[str, str], str]


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that says how much it was sent, and opens itself to every page."""
    size = 0
    async for piece in Request(scope, receive).stream():
        size += len(piece)
    await PlainTextResponse(str(size), headers={"Access-Control-Allow-Origin": "*"})(scope, receive, send)


def through(
    protected: Guard,
    headers: dict[str, str],
    *,
    method: str = "GET",
    path: str = "/browse",
    server: tuple[str, int] = ("127.0.0.1", 7860),
    client: str = "127.0.0.1",
    version: str = "1.1",
    body: tuple[bytes, ...] = (),
) -> Reply:
    """What the guard answers to one request."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope: Scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw, "server": server}
    scope["http_version"] = version
    coming = iter([*({"type": "http.request", "body": piece, "more_body": True} for piece in body), {"type": "http.request"}])
    said: list[Message] = []

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        said.append(message)

    run(protected({**scope, "client": (client, 50000)}, receive, send))
    assert [message["type"] for message in said].count("http.response.start") == 1
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], told, b"".join(message.get("body", b"") for message in said[1:]).decode()


@pytest.mark.parametrize(
    ("host", "server", "status"),
    [
        ("127.0.0.1:7860", "127.0.0.1", 200),
        ("localhost:7860", "127.0.0.1", 200),
        ("LOCALHOST:7860", "127.0.0.1", 200),
        ("[::1]:7860", "::1", 200),
        ("localhost:7860", "::1", 200),
        ("192.0.2.10:7860", "192.0.2.10", 200),
        ("192.0.2.10:7860", "::ffff:192.0.2.10", 200),
        ("reader.example:7860", "192.0.2.10", 200),  # a name that was allowed
        ("reader.example", "192.0.2.10", 200),
        ("127.0.0.1", "127.0.0.1", 403),  # another port is another program's
        ("127.0.0.1:80", "127.0.0.1", 403),
        ("evil.example:7860", "127.0.0.1", 403),
        ("127.0.0.1.evil.example:7860", "127.0.0.1", 403),
        ("localhost.evil.example:7860", "127.0.0.1", 403),
        ("localhost:7860", "192.0.2.10", 403),
        ("192.0.2.11:7860", "192.0.2.10", 403),
        ("reader.example.evil.example:7860", "192.0.2.10", 403),
        ("evil.example@127.0.0.1:7860", "127.0.0.1", 403),
        ("127.0.0.1:7860/", "127.0.0.1", 403),
        ("", "127.0.0.1", 403),
    ],
)
def test_only_a_host_that_is_this_machine(host: str, server: str, status: int) -> None:
    assert through(Guard(inner, names=["Reader.example"]), {"host": host}, server=(server, 7860))[0] == status


@pytest.mark.parametrize("path", ["/add\n", "/corrections.json\n", "/work\n", "/saved\x00", "/browse\r"])
def test_a_path_that_is_read_otherwise_by_routes_than_by_the_guard_is_none(path: str) -> None:
    assert through(Guard(inner), {"host": "127.0.0.1:7860"}, path=path)[0] == 404


def test_the_root_path_that_a_proxy_takes_away_comes_no_second_time() -> None:
    protected = Guard(inner, root_path="/jingyan/")
    for path in ("/jingyan", "/jingyan/", "/jingyan/gradio_api/file=https://192.0.2.1/x", "/jingyan/jingyan/add"):
        assert through(protected, {"host": "127.0.0.1:7860"}, path=path)[0] == 404, path
    assert through(protected, {"host": "127.0.0.1:7860"}, path="/jingyan2")[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("headers", "refused_for"),
    [
        ({}, ""),
        ({"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}, ""),
        ({"origin": "https://127.0.0.1:7860"}, ""),  # a proxy before it may speak https
        ({"sec-fetch-site": "none"}, ""),
        ({"origin": "http://127.0.0.1:3000"}, "GET POST"),
        ({"origin": "http://localhost:7860"}, "GET POST"),
        ({"origin": "http://evil.example"}, "GET POST"),
        ({"origin": "null"}, "GET POST"),
        ({"sec-fetch-site": "cross-site"}, "GET POST"),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, "GET POST"),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "POST"),  # a link that is followed may be
    ],
)
def test_only_pages_of_our_own(method: str, headers: dict[str, str], refused_for: str) -> None:
    status, told, said = through(Guard(inner), {"host": "127.0.0.1:7860", **headers}, method=method)
    assert (status == 403) == (method in refused_for.split())
    assert "access-control-allow-origin" not in told and "frame-ancestors 'none'" in told["content-security-policy"]
    assert "\n" not in said.strip()


def test_a_body_is_counted_whatever_was_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_MAX_BODY", 1000)
    monkeypatch.setattr(guard, "MAX_UPLOAD", 3000)
    host = {"host": "127.0.0.1:7860"}
    protected = Guard(inner)
    assert through(protected, host, method="POST", body=(b"x" * 600, b"x" * 400))[::2] == (200, "1000")
    for lie in ({}, {"content-length": "10"}):
        status, told, _ = through(protected, {**host, **lie}, method="POST", body=(b"x" * 600, b"x" * 401))
        assert (status, told["connection"]) == (413, "close")
    assert through(protected, {**host, "content-length": "1001"}, method="POST")[0] == 413
    assert through(protected, {**host, "content-length": "-1"}, method="POST")[0] == 413
    assert through(protected, host, method="POST", path="/add", body=(b"x" * 3000,))[::2] == (200, "3000")
    assert through(protected, host, method="POST", path="/add", body=(b"x" * 3001,))[0] == 413
    assert (guard.MAX_FILE, guard.MAX_UPLOAD) == (52_428_800, 3000)


def asking(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class Anyone(Authenticator):
    """A door that knows people by their roles, without the cost of a hash."""

    def __init__(self) -> None:
        super().__init__({})

    async def sign_in(self, name: str, password: str, address: str, *, given_pass: str = "") -> Any:
        return Visitor(cast(Role, name), name) if name in ROLES else "wrong" if name else "busy"


MANAGED = ("/add", "/add/change", "/add/review/0", "/add/document/0", "/work", "/corrections.json", "/settings/library")
ASKED = (
    "/gradio_api/queue/join",
    "/gradio_api/call/ask",
    "/gradio_api/call/v2/search/",
    "/gradio_api/cancel",
    "/mcp",
    "/settings",
)
READ = ("/", "/browse", "/saved", "/saved.docx", "/settings", "/article/0/1", "/anything")


@pytest.mark.parametrize("role", ["owner", "editor", "reader", "stranger"])
def test_readers_ask_and_save_and_see_nothing_of_the_owner_s_work(role: str) -> None:
    protected = Guard(inner, authenticator=Anyone()) if role != "stranger" else Guard(inner, names=["reader.example"])
    may_change = role in ("owner", "editor")

    def status(method: str, path: str) -> int:
        given = {"host": "127.0.0.1:7860", **(asking(role, "") if role != "stranger" else {})}
        return through(protected, given, method=method, path=path)[0]

    for path in MANAGED:
        for method in ("GET", "HEAD", "POST", "DELETE"):
            assert status(method, path) == (200 if may_change else 403), (method, path)
    for path in ("/feedback", "/", "/gradio_api/queue/data", "/anything", "/saved/other"):
        assert status("POST", path) == status("DELETE", path) == (200 if may_change else 403)
    for path in ("/saved", "/saved/change"):
        assert status("POST", path) == (403 if role == "stranger" else 200)
        assert status("DELETE", path) == (200 if may_change else 403)
    assert {status("GET", path) for path in READ} == {status("POST", path) for path in (*ASKED, "/settings")} == {200}
    assert status("POST", "/gradio_api/upload") == 404


LOCAL = {"host": "127.0.0.1:7860"}
PASSED = {"x-forwarded-for": "192.0.2.7"}  # what a careful proxy sends besides Host


@pytest.mark.parametrize(
    ("headers", "version", "is_owner"),
    [
        ({}, "1.1", True),
        ({"host": "localhost:7860"}, "1.1", True),
        ({"sec-fetch-site": "same-origin", "referer": "http://127.0.0.1:7860/saved"}, "1.1", True),
        (
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "referer": "http://office.example/"},
            "1.1",
            True,
        ),  # a link
        ({}, "1.0", False),  # what nginx sends by itself
        ({"sec-fetch-site": "same-origin", "referer": "https://office.example/saved"}, "1.1", False),  # Host was replaced
        *(
            ({name: "192.0.2.7"}, "1.1", False)
            for name in (
                *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded", "forwarded", "via", "x-real-ip"),
                *("x-client-ip", "x-original-host", "x-proxy-id", "cf-connecting-ip", "true-client-ip", "x-cluster-client-ip"),
                *("forwarded-for", "x-envoy-external-address", "x-amzn-trace-id", "client-ip"),
            )
        ),
    ],
)
def test_what_a_proxy_hands_on_is_never_the_owner_s(headers: dict[str, str], version: str, is_owner: bool) -> None:
    told: list[str] = []
    protected = Guard(inner, warn=told.append)
    for path in MANAGED:
        assert through(protected, LOCAL | headers, path=path, version=version)[0] == (200 if is_owner else 403)
    assert through(protected, LOCAL | headers, version=version)[0] == 200
    assert is_owner == (told == [])


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "192.0.2.10", "192.0.2.7"])
def test_with_names_or_accounts_nobody_is_the_owner_by_his_address(client: str) -> None:
    server = ("192.0.2.10", 7860) if client.startswith("192") else ("127.0.0.1", 7860)
    host = {"host": f"{server[0]}:7860"}
    for protected in (Guard(inner, names=["reader.example"]), Guard(inner, authenticator=Anyone())):
        for given in (host, host | asking("reader", "x"), host | {"authorization": "Basic"}):
            reply = through(protected, given, path="/add", server=server, client=client)
            assert reply[0] in (401, 403), given
    owner = through(Guard(inner, authenticator=Anyone()), host | asking("owner", "x"), path="/add", server=server, client=client)
    assert owner[0] == 200


@pytest.mark.parametrize(
    ("headers", "version", "missing"),
    [
        ({"host": "reader.example", **PASSED}, "1.1", ()),
        ({"host": "reader.example", **PASSED, "origin": "https://reader.example", "x-forwarded-proto": "https"}, "1.1", ()),
        ({"host": "reader.example"}, "1.1", ("X-Forwarded-For",)),
        ({"host": "reader.example", **PASSED, "origin": "https://reader.example"}, "1.1", ("X-Forwarded-Proto",)),
        (LOCAL, "1.0", ("Host", "X-Forwarded-For")),
        (
            {**LOCAL, **PASSED, "origin": "https://reader.example", "sec-fetch-site": "same-origin"},
            "1.1",
            ("Host", "X-Forwarded-Proto"),
        ),
    ],
)
def test_what_a_proxy_leaves_out_is_named_once(headers: dict[str, str], version: str, missing: tuple[str, ...]) -> None:
    told: list[str] = []
    protected = Guard(inner, names=["reader.example"], authenticator=Anyone(), warn=told.append)
    for _ in range(3):
        through(protected, headers | asking("reader", "x"), version=version)
    said = "Warning: the proxy before the page does not pass on {}: add it to its settings (docs/serving.md)"
    assert told == [said.format(name) for name in missing]


def test_a_proxy_without_accounts_is_told_of() -> None:
    told: list[str] = []
    protected = Guard(inner, warn=told.append)
    for _ in range(3):
        through(protected, LOCAL | PASSED)
    assert told == ["Warning: requests come through a proxy (x-forwarded-for); without --auth-file they may read and ask only"]


@pytest.mark.parametrize("value", ["[", "https://[", "https://[::1", "http://" + "[" * 999, "\xff", "https://a@b:c:d/%00"])
def test_no_header_breaks_the_guard(value: str) -> None:
    door = Anyone()
    for name in ("origin", "referer", "x-forwarded-for", "forwarded", "cookie", "authorization", "host"):
        for version in ("1.0", "1.1"):
            given = {**LOCAL, "sec-fetch-site": "same-origin", name: value}
            assert through(Guard(inner, names=["a"], authenticator=door, warn=str), given, version=version)[0] in (401, 403)


def test_who_signs_in_is_given_a_pass_once() -> None:
    door = Anyone()
    given = LOCAL | asking("reader", "x")
    _, told, _ = through(Guard(inner, authenticator=door), given)
    assert told["set-cookie"] == f"jingyan-pass={door.pass_of('reader')}; Path=/; HttpOnly; SameSite=Strict"
    again = given | {"cookie": told["set-cookie"].partition(";")[0]}
    assert "set-cookie" not in through(Guard(inner, authenticator=door), again)[1]
    for refused in (LOCAL, LOCAL | asking("nobody", "x"), {**given, "host": "evil.example"}):
        assert "set-cookie" not in through(Guard(inner, authenticator=door), refused)[1]


def test_where_too_many_sign_in_it_is_said_when_to_come_again() -> None:
    status, told, _ = through(Guard(inner, authenticator=Anyone()), LOCAL | asking("", "x"))
    assert (status, told["retry-after"]) == (503, "2")


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"no colon").decode(), "Basic " + "QQ" * 5000]
)
def test_a_malformed_sign_in_is_asked_again(header: str) -> None:
    status, told, _ = through(Guard(inner, authenticator=Anyone()), {"host": "127.0.0.1:7860", "authorization": header})
    assert status == 401 and told["www-authenticate"].startswith("Basic ")


# Around the page itself


def request(address: str, method: str, path: str, body: str | None = None, **headers: str) -> Reply:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.putrequest(method, path, skip_host="host" in headers)
    announced = {"content-length": str(len(body.encode()))} if body is not None else {}
    for name, value in (announced | headers).items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body.encode() if body is not None else None)
    reply = connection.getresponse()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read().decode("utf-8", "replace")


LEFT = {"jingyan-alive", "jingyan-another", "jingyan-open", "jingyan-link"}  # what is not ours, or not dead


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where temporary files go, with what other processes have left there."""
    folder = tmp_path_factory.mktemp("temporary")
    for name in ("jingyan-dead", "jingyan-alive", "jingyan-another", "jingyan-open"):
        (folder / name).mkdir(mode=0o700)
        if name != "jingyan-another":
            (folder / name / ".lock").touch()
        (folder / name / "answer.docx").touch()
    (folder / "jingyan-open").chmod(0o755)  # not made by this program
    (folder / "precious").mkdir(mode=0o700)
    (folder / "precious" / ".lock").touch()
    if os.name != "nt":
        (folder / "jingyan-link").symlink_to(folder / "precious")
    return folder


@pytest.fixture(scope="module")
def guarded(data: Path, temporary: Path) -> Iterator[str]:
    """A page that asks for a password; lin, an editor, and su, a reader, may enter, and lin has entered."""
    passwords = temporary / "passwords"
    accounts.change_account(passwords, "lin", "correct horse", "editor")
    accounts.change_account(passwords, "su", "battery staple")
    with FileLock(temporary / "jingyan-alive" / ".lock"):
        served = serve(data, "--auth-file", str(passwords), "--mcp", env={"TMPDIR": str(temporary)})
        address = next(served)
        assert request(address, "GET", "/page/css/base.css", **asking("lin", "correct horse"))[0] == 200
        yield address
        served.close()
    assert os.name == "nt" or {path.name for path in temporary.glob("jingyan-*")} == LEFT


@pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")
def test_the_temporary_folder_is_private_and_the_dead_are_cleared(guarded: str, temporary: Path) -> None:
    found = {path.name: path for path in temporary.glob("jingyan-*")}
    (own,) = set(found) - LEFT
    assert set(found) > LEFT and (temporary / "precious" / ".lock").exists()
    assert stat.S_IMODE(found[own].stat().st_mode) == 0o700


@pytest.mark.parametrize("path", ["/", "/page/css/base.css", "/gradio_api/info", "/config", "/article/0/1", "/mcp", "/nowhere"])
def test_nothing_is_served_without_the_password(guarded: str, path: str) -> None:
    status, told, said = request(guarded, "GET", path)
    assert status == 401 and told["www-authenticate"] == 'Basic realm="Jingyan", charset="UTF-8"'
    assert said == "a user name and a password are needed\n"
    assert request(guarded, "POST", path, "{}")[0] == 401


@pytest.mark.parametrize("name", ["lin", "su", "lin through a proxy"])
def test_a_reader_asks_and_is_told_that_he_reads_only(name: str, guarded: str, browser: Browser) -> None:
    reads_only = name == "su"
    credentials: Any = {"username": name.split(maxsplit=1)[0], "password": "battery staple" if reads_only else "correct horse"}
    proxied = {"X-Forwarded-For": "192.0.2.7"} if "proxy" in name else {}
    context = browser.new_context(http_credentials=credentials, extra_http_headers=proxied)
    page = context.new_page()
    page.goto(guarded)
    expect(page.locator("#notice")).to_contain_text("invented sample library", timeout=30_000)
    page.fill("#question textarea", "志愿者积分制度怎么做")
    page.press("#question textarea", "Enter")
    expect(page.locator(".answer .quote").first).to_be_visible(timeout=30_000)
    expect(page.locator(".read-only")).to_have_count(int(reads_only))
    expect(page.locator('nav a[href="/add"]')).to_be_visible(visible=not reads_only)
    expect(page.locator(".answer .feedback").first).to_be_visible(visible=not reads_only)
    quote = page.locator(".answer .quote").first
    quote.locator(".save").click()
    expect(quote.locator(".save.done")).to_be_visible(timeout=30_000)
    page.goto(guarded + str(page.locator(".answer a.number").first.get_attribute("href")))
    expect(page.locator("#hit")).to_be_visible()
    expect(page.locator(".read-only")).to_have_count(int(reads_only))
    page.goto(f"{guarded}/saved")
    expect(page.locator(".quote")).to_have_count(1)
    said = context.request.post(f"{guarded}/feedback", data={"wrong": "answer", "question": "问"})
    assert said.status == (403 if reads_only else 204)
    context.close()


def test_clients_sign_in(guarded: str) -> None:
    client = gradio_client.Client(guarded, headers=asking("lin", "correct horse"), verbose=False)
    assert client.predict(api_name="/facets")["bulletins"] == 12
    client.close()

    async def tools() -> list[str]:
        async with (
            httpx2.AsyncClient(headers=asking("lin", "correct horse")) as http,
            Client(streamable_http_client(f"{guarded}/mcp", http_client=http)) as assistant,
        ):
            return [tool.name for tool in (await assistant.list_tools()).tools]

    assert run(tools()) == ["ask", "search", "read_article"]


def test_who_has_the_password_enters_while_others_guess(guarded: str) -> None:
    """From the same address, with the real hash, by an account that has not signed in since the start and by one that has."""
    with ThreadPoolExecutor(8) as threads:
        guesses = [threads.submit(request, guarded, "GET", "/", **asking("lin", f"wrong{number}")) for number in range(8)]
        assert request(guarded, "GET", "/page/css/base.css", **asking("lin", "correct horse"))[0] == 200
        assert request(guarded, "GET", "/page/css/base.css", **asking("su", "battery staple"))[0] == 200
        assert {guess.result()[0] for guess in guesses} == {401}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0 would let other machines in: it needs --auth-file"),
        (["--host", "::"], "--host :: would let other machines in: it needs --auth-file"),
        (["--host", "office.example"], "--host office.example: expected an IP address"),
        (["--auth-file", "none"], "none: cannot be read"),
        (["--auth-file", "empty"], "empty: holds no user"),
    ],
)
def test_others_are_let_in_only_with_a_password(
    options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").touch()
    assert main(["chat", "--port", "1", "--data", "data", *options]) == 1
    told = capsys.readouterr().err
    assert told.startswith(said) and len(told.splitlines()) == 1
    assert not Path("data").exists()  # before anything is read


@pytest.mark.parametrize("path", ["/", "/page/css/base.css", "/article/0/1", "/gradio_api/info", "/nowhere"])
def test_every_answer_keeps_the_page_to_itself(sample_page: str, path: str) -> None:
    origin = {"origin": sample_page}
    status, told, _ = request(sample_page, "GET", path, **origin)
    assert status in (200, 404)
    policy = dict(part.strip().split(" ", 1) for part in told["content-security-policy"].split(";"))
    assert (
        policy["default-src"] == policy["connect-src"] == "'self'"
        and policy["object-src"] == policy["frame-ancestors"] == "'none'"
    )
    assert "'unsafe-inline'" not in policy["script-src"] and ("'unsafe-eval'" in policy["script-src"]) == (path == "/")
    assert told["x-content-type-options"] == "nosniff" and told["referrer-policy"] == "same-origin"
    assert not any(name.startswith("access-control-") for name in told)


def test_no_script_is_run_but_the_program_s_own(sample_page: str, browser_page: Page) -> None:
    """What the escaping is for is done by the policy, too: markup that got in would not run."""
    page = browser_page
    for path in ("/", "/nowhere"):
        page.goto(sample_page + path)
        page.wait_for_load_state("load")
        page.evaluate(
            """() => { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = 1'>");
            document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 1" })); }"""
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.ran") is None


def test_another_name_for_this_machine_is_refused(sample_page: str) -> None:
    """DNS rebinding: a page of evil.example whose name resolves to 127.0.0.1."""
    port = urlsplit(sample_page).port
    for path in ("/", "/config", "/gradio_api/info", "/evidence/0/1", "/page/js/main.js"):
        assert request(sample_page, "GET", path, host=f"evil.example:{port}")[::2] == (
            403,
            "not an address of this machine: use the one shown at the start\n",
        )
    for path in ("/feedback", "/gradio_api/call/ask", "/gradio_api/queue/join"):
        for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}):
            assert request(sample_page, "POST", path, "{}", **headers)[::2] == (403, "requests from other pages are refused\n")


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server of this machine that nobody should ask, and what it was asked."""
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"canary")

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/canary.png", asked
    server.shutdown()


@pytest.fixture()
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("TOP-SECRET", encoding="utf-8")
    return path


def test_no_path_leads_to_a_file_of_the_machine_or_to_another_server(
    sample_page: str, secret: Path, canary: tuple[str, list[str]]
) -> None:
    """CVE-2023-51449, 2024-47164 (traversal in /file), 2024-47167 (fetching), and whatever else takes a path or an address."""
    url, asked = canary
    up = "../" * 12
    files = [
        str(secret),
        up + str(secret).lstrip("/"),
        f"/tmp/..{secret}",
        quote(str(secret), safe=""),
        f"{secret}/.",
        f"//{secret}",
    ]
    files += [quote(up, safe="") + quote(str(secret).lstrip("/"), safe=""), (up + str(secret)).replace("../", "..\\")]
    places = ["/gradio_api/file=", "/file=", "/gradio_api/file/", "/static/", "/assets/", "/svelte/", "/page/", "/theme/"]
    places += ["/gradio_api/stream/", "/custom_component/", "/gradio_api/custom_component/x/client/component/", "/favicon.ico/"]
    for place in places:
        for file in files:
            status, _, said = request(sample_page, "GET", place + file)
            assert status >= 400 and "TOP-SECRET" not in said, place + file
    for place in ("/gradio_api/file=", "/gradio_api/proxy=", "/proxy=", "/file=", "/gradio_api/deep_link?x=", "/login?u="):
        for address in (url, quote(url, safe=""), url.replace("http", "HTTP"), url.replace("http://", "http:/")):
            assert "canary" not in request(sample_page, "GET", place + address)[2].replace(address, "")
    for path in (
        "upload",
        "component_server",
        "vibe-edit",
        "process_recording",
        "run/ask",
        "api/ask",
        "run-history/connect",
        "login",
    ):
        for prefix in ("/gradio_api/", "//gradio_api/", "/gradio_api//", "/./gradio_api/", "/"):
            status, _, _ = request(sample_page, "POST", prefix + path, json.dumps({"data": [url], "path": url, "url": url}))
            assert status in (404, 405, 422), prefix + path
    assert asked == []


def test_no_payload_makes_the_chat_read_a_file_or_fetch_an_address(
    sample_page: str, secret: Path, canary: tuple[str, list[str]]
) -> None:
    """CVE-2024-1728, 2024-47167, 2024-47868: files named in what is sent to a function, also to those that are not public."""
    url, asked = canary
    config = json.loads(request(sample_page, "GET", "/config")[2])
    endpoints = [one for one in config["dependencies"] if one["backend_fn"]]
    assert len(endpoints) > 8
    for number, one in enumerate(endpoints):
        for at, (path, link) in enumerate(((str(secret), None), (url, url), (str(secret), url))):
            file = {"path": path, "url": link, "meta": {"_type": "gradio.FileData"}}
            message = {"role": "user", "content": [{"type": "file", "file": file}]}
            data = [[message, {"role": "assistant", "content": file}] if at else file for _ in one["inputs"]]
            session = f"s{number}x{at}"
            sent = {"data": data, "fn_index": one["id"], "session_hash": session}
            status, _, _ = request(
                sample_page, "POST", "/gradio_api/queue/join", json.dumps(sent), content_type="application/json"
            )
            assert status in (200, 400, 422)
            if status == 200:
                said = request(sample_page, "GET", f"/gradio_api/queue/data?session_hash={session}")[2]
                assert "no files are accepted here" in said or not one["inputs"], said
                assert "secret.txt" not in said and "canary.png" not in said
    assert asked == []
