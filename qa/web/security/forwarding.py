"""Signs that a request was handed on by a proxy: such a request is never the owner's, whatever address it comes from."""

import ipaddress
import re

from starlette.datastructures import Headers
from starlette.types import Scope

# What proxies, balancers and tunnels add to a request.
_ADDED = re.compile(
    r"(?:x-)?forwarded(?:-.+)?|via|(?:true-)?client-ip|(?:cf|fastly|fly|cdn)-.+"
    r"|x-(?:forwarded|real|original|client|cluster|proxy|proxied|envoy|amzn?|azure|arr|appengine|haproxy)(?:-.+|for)?"
)
_PAGE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_ASKER = ("x-forwarded-for", "x-real-ip", "forwarded")


def forwarding_sign(scope: Scope) -> str | None:
    """Return what shows that a request was handed on: a header's name, or HTTP/1.0, which nginx speaks and no browser; else None.

    A page of ours that asks names its own host in Referer and Origin: where that is another than Host, a proxy has changed Host.
    """
    headers = Headers(scope=scope)
    added = next((name for name in headers if _ADDED.fullmatch(name)), None)
    if added is None and _is_host_replaced(headers):
        return "Referer"
    return added or ("HTTP/1.0" if scope.get("http_version") in ("0.9", "1.0") else None)


def missing_headers(scope: Scope) -> tuple[str, ...]:
    """Return the headers that the proxy which handed a request on should have sent and has not."""
    headers = Headers(scope=scope)
    missing = []
    if _is_host_replaced(headers) or (
        scope.get("http_version") == "1.0" and _is_loopback(split_host(headers.get("host", ""))[0])
    ):
        missing.append("Host")
    if not any(name in headers for name in _ASKER):
        missing.append("X-Forwarded-For")
    asked = headers.get("origin") or headers.get("referer") or ""
    if asked.startswith("https:") and "x-forwarded-proto" not in headers:
        missing.append("X-Forwarded-Proto")
    return tuple(missing)


def asking_address(scope: Scope) -> str:
    """Return the address that a request comes from: that which a proxy on this machine names, or else the connection's own."""
    client = scope["client"][0] if scope["client"] else ""
    listed = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
    named = listed.rpartition(",")[2].strip()  # the proxy's own entry is the last
    return named if named and _is_loopback(client) and address_of(named) is not None else client


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a text names, an IPv4 address in IPv6 as itself; None where it names none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def split_host(host: str) -> tuple[str, int]:
    """Return name and port of a Host header in small letters; the port is -1 where it is malformed."""
    parts = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)(?::(\d{1,5}))?", host)
    return (parts[1].strip("[]"), int(parts[2] or 80)) if parts else ("", -1)


def _is_loopback(name: str) -> bool:
    address = address_of(name)
    return name == "localhost" or (address is not None and address.is_loopback)


def _is_host_replaced(headers: Headers) -> bool:
    asked = _PAGE.match(headers.get("origin") or headers.get("referer") or "")
    same_origin = headers.get("sec-fetch-site") == "same-origin"
    return same_origin and asked is not None and asked[1].lower() != headers.get("host", "").lower()
