"""What readers found wrong, kept on this machine: one line of JSON each."""

import time

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qa.web.templating import library_state

_MOST = 10_000  # characters of a question and of an answer together, as JSON


class Feedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`wrong`: the answer does not answer, or the evidence does not bear it out. `quotes`: addresses of what was quoted."""

    wrong: str
    question: str
    quotes: tuple[str, ...] = ()


def routes() -> list[BaseRoute]:
    """POST /feedback."""
    return [Route("/feedback", add, methods=["POST"])]


async def add(request: Request) -> Response:
    """Append to feedback.jsonl in the library's place."""
    body = await request.body()
    if len(body) > _MOST:
        return Response(status_code=413)
    try:
        said = msgspec.json.decode(body, type=Feedback)
    except msgspec.MsgspecError:
        return Response(status_code=400)
    if said.wrong not in ("answer", "evidence"):
        return Response(status_code=400)
    shelf = library_state(request)
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **msgspec.to_builtins(said)}
    with (shelf.root / "feedback.jsonl").open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
    return Response(status_code=204)
