"""The page behind a real nginx: below a path and with TLS as docs/serving.md sets it up, and with nginx's own defaults."""

import base64
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from qa.web.security import accounts
from tests.qa.web.driving import ask
from tests.qa.web.serving import free_port, serve

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None or shutil.which("openssl") is None, reason="nginx or openssl is not installed"
)
DOCUMENTED = Path(__file__).parents[4] / "docs" / "serving.md"
# What nginx needs to run as this user, in a folder of its own.
_FRAME = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {servers}
}}
"""


def nginx(folder: Path, servers: str, port: int) -> Iterator[None]:
    """Run nginx until the end of the test."""
    config = folder / "nginx.conf"
    config.write_text(_FRAME.format(folder=folder, servers=servers))
    running = subprocess.Popen(["nginx", "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)
    for _ in range(300):
        assert running.poll() is None, (folder / "error.log").read_text()
        if (folder / "pid").exists() and answers(port):
            break
        time.sleep(0.1)
    yield
    running.terminate()
    running.wait(20)


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def status(url: str, method: str = "GET", data: bytes | None = None, **headers: str) -> tuple[int, str, str]:
    """The status, the text and the address that an answer leads to; nothing is followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=unchecked))
    asked = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()}, method=method)
    try:
        reply = opener.open(asked, timeout=60)
    except urllib.error.HTTPError as error:
        reply = error
    return reply.status, reply.read().decode("utf-8", "replace"), reply.headers.get("location", "")


def test_with_nginx_s_defaults_a_visitor_is_not_the_owner(sample_page: str, tmp_path: Path) -> None:
    port = free_port()
    servers = f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {sample_page}; }} }}"
    proxied = nginx(tmp_path, servers, port)
    next(proxied)
    address = f"http://127.0.0.1:{port}"
    assert status(f"{sample_page}/add")[0] == 200  # without the proxy, the owner
    assert status(f"{address}/browse")[0] == 200
    for path in ("/add", "/work", "/corrections.json", "/saved", "/saved.md"):
        assert status(address + path)[0] == 403, path
    for path in ("/settings/library", "/add/change", "/saved/change", "/feedback"):
        assert status(address + path, "POST", b"folder=/&what=open")[0] == 403, path
    proxied.close()


def test_below_a_path_with_tls_as_it_is_documented(data: Path, tmp_path: Path, browser: Browser) -> None:
    passwords = tmp_path / "passwords"
    accounts.change_account(passwords, "lin", "correct horse", "editor")
    certificate = ["-subj", "/CN=localhost", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "pem"), "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *certificate], check=True, capture_output=True)
    served = serve(data, "--allow-host", "localhost", "--root-path", "/jingyan", "--auth-file", str(passwords))
    port = free_port()
    documented = re.search(r"```nginx\n(.*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    assert documented is not None
    servers = documented[1]
    for written, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("office.example;", "localhost;"),
        ("/etc/ssl/office.example.pem", str(tmp_path / "pem")),
        ("/etc/ssl/office.example.key", str(tmp_path / "key")),
        ("http://127.0.0.1:7860", next(served)),
    ):
        assert written in servers
        servers = servers.replace(written, here)
    proxied = nginx(tmp_path, servers, port)
    next(proxied)
    address = f"https://localhost:{port}/jingyan"
    basic = {"authorization": "Basic " + base64.b64encode(b"lin:correct horse").decode()}
    assert status(f"{address}/")[0] == 401
    assert status(address)[::2] == (301, "/jingyan/")
    # Every address that leaves the program lies below the path.
    for path in ("/", "/browse", "/saved", "/add", "/settings", "/compare", "/nowhere"):
        said = status(address + path, accept="text/html", **basic)[1]
        found = re.findall(r'\s(?:href|src|action|formaction)="(/[^"]*)"', said)
        assert found and all(one.startswith("/jingyan/") for one in found), path
    for path, sent in (("/settings", b"size=large"), ("/add/change", b"what=rescan"), ("/saved/change", b"change=clear")):
        code, _, location = status(address + path, "POST", sent, content_type="application/x-www-form-urlencoded", **basic)
        assert (code, location.startswith("/jingyan/")) == (303, True), path
    assert status(f"{address}/browse/", **basic)[2] in ("", "/jingyan/browse")
    # The chat in a browser: the question, its answer, the evidence beside it, the saved list.
    credentials: Any = {"username": "lin", "password": "correct horse"}
    context = browser.new_context(ignore_https_errors=True, http_credentials=credentials, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda one: None if one.url.startswith((f"{address}/", "data:", "blob:")) else wrong.append(one.url))
    page.on("response", lambda reply: wrong.append(f"{reply.status} {reply.url}") if reply.status >= 400 else None)
    page.goto(f"{address}/")
    ask(page, "志愿者积分制度怎么做")
    quote = page.locator(".answer .quote").first
    quote.locator("a.number").click()
    expect(page.locator("#evidence #hit")).to_be_visible()
    quote.locator(".save").click()
    expect(quote.locator(".save.done")).to_be_visible()
    page.locator("header.site nav a", has_text="资料夹").click()
    expect(page.locator("article.quote")).to_have_count(1)
    page.locator("article.quote a.number").click()
    expect(page.locator("#hit")).to_be_visible()
    context.close()
    proxied.close()
    served.close()
    assert [one for one in wrong if not one.startswith("401 ")] == []
