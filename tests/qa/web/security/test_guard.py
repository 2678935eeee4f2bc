"""The guard: by itself, request by request, and around the page as a user starts it."""

import base64
import http.client
import json
import os
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
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
    body: tuple[bytes, ...] = (),
) -> Reply:
    """What the guard answers to one request."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw, "server": server}
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


class Anyone(accounts.Authenticator):
    """A door that knows one person, without the cost of a hash."""

    def __init__(self) -> None:
        pass

    def is_remembered(self, name: str, password: str) -> bool:
        return (name, password) == ("lin", "correct horse")


@pytest.mark.parametrize(
    ("client", "server", "headers", "reads_only"),
    [
        ("127.0.0.1", "127.0.0.1", {}, False),
        ("192.0.2.10", "192.0.2.10", {}, False),  # this machine by its other address
        ("192.0.2.7", "192.0.2.10", {}, True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.10", {}, True),
        ("127.0.0.1", "127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, True),  # a proxy here, its visitor elsewhere
        ("127.0.0.1", "127.0.0.1", {"host": "reader.example"}, True),
    ],
)
def test_from_other_machines_one_reads_only(client: str, server: str, headers: dict[str, str], reads_only: bool) -> None:
    protected = Guard(inner, names=["reader.example"], authenticator=Anyone())
    address = server.removeprefix("::ffff:")
    given = {"host": f"{address}:7860", **asking("lin", "correct horse"), **headers}

    def status(method: str, path: str) -> int:
        return through(protected, given, method=method, path=path, server=(server, 7860), client=client)[0]

    for path in ("/saved", "/feedback", "/add", "/settings/library", "/", "/gradio_api/queue/data", "/anything"):
        assert status("POST", path) == (403 if reads_only else 200)
        assert status("DELETE", path) == (403 if reads_only else 200)
        assert status("GET", path) == 200
    for path in (
        "/gradio_api/queue/join",
        "/gradio_api/call/ask",
        "/gradio_api/call/v2/search/",
        "/gradio_api/cancel",
        "/mcp",
        "/settings",
    ):
        assert status("POST", path) == 200
    assert status("POST", "/gradio_api/upload") == 404


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
    """A page that asks for a password; lin may enter, and has entered."""
    passwords = temporary / "passwords"
    passwords.write_text(accounts.changed({}, "lin", "correct horse"), encoding="utf-8")
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


def test_a_visitor_reads_and_asks_and_is_told_so(guarded: str, browser: Browser) -> None:
    credentials: Any = {"username": "lin", "password": "correct horse"}
    for elsewhere in (False, True):
        context = browser.new_context(
            http_credentials=credentials, extra_http_headers={"X-Forwarded-For": "192.0.2.7"} if elsewhere else {}
        )
        page = context.new_page()
        page.goto(guarded)
        expect(page.locator("#notice")).to_contain_text("invented sample library")
        page.fill("#question textarea", "志愿者积分制度怎么做")
        page.press("#question textarea", "Enter")
        expect(page.locator(".answer .quote").first).to_be_visible(timeout=30_000)
        expect(page.locator(".read-only")).to_have_count(int(elsewhere))
        expect(page.locator(".answer .save").first).to_be_visible(visible=not elsewhere)
        expect(page.locator(".answer .feedback").first).to_be_visible(visible=not elsewhere)
        page.goto(guarded + str(page.locator(".answer a.number").first.get_attribute("href")))
        expect(page.locator("#hit")).to_be_visible()
        expect(page.locator(".read-only")).to_have_count(int(elsewhere))
        said = context.request.post(f"{guarded}/feedback", data={"wrong": "answer", "question": "问"})
        assert said.status == (403 if elsewhere else 204)
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


def test_guessing_is_slowed_and_who_is_in_stays_in(guarded: str) -> None:
    replies = [request(guarded, "GET", "/", **asking("su", f"wrong{number}")) for number in range(6)]
    assert [status for status, _, _ in replies] == [401] * 5 + [429]
    assert int(replies[-1][1]["retry-after"]) in (1, 2) and "too many wrong passwords" in replies[-1][2]
    assert request(guarded, "GET", "/page/css/base.css", **asking("lin", "correct horse"))[0] == 200


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
