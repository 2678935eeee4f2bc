"""What readers found wrong, kept on this machine: one line of JSON each."""

import time

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qa.web.templating import library_state

_MAX_BYTES = 20_000  # of a question and of an answer together, as JSON


class Feedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`wrong`: the answer does not answer, or the evidence does not bear it out. `quotes`: addresses of what was quoted."""

    wrong: str
    question: str
    quotes: tuple[str, ...] = ()


def routes() -> list[BaseRoute]:
    """Return the route POST /feedback."""
    return [Route("/feedback", add, methods=["POST"])]


async def add(request: Request) -> Response:
    """Append to feedback.jsonl in the library's own folder. 204; 400 or 413 where it is no feedback."""
    body = await request.body()
    if len(body) > _MAX_BYTES:
        return Response(status_code=413)
    try:
        feedback = msgspec.json.decode(body, type=Feedback)
    except msgspec.MsgspecError:
        return Response(status_code=400)
    if feedback.wrong not in ("answer", "evidence"):
        return Response(status_code=400)
    state = library_state(request)
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **msgspec.to_builtins(feedback)}
    with (state.root / "feedback.jsonl").open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
    return Response(status_code=204)
