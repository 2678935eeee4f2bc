"""Actions on the page while the library is being renewed: each is done, or refused in words, and none is lost."""

import random
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from corpus.library.files import SAMPLES, FileReport
from index.catalog import Catalog
from index.encoder import load_encoder
from index.store.builder import Progress
from index.store.edits_file import read_edits
from index.store.library import Library, open_library
from qa.web.app import application
from qa.web.meant import library_mark
from qa.web.pages.settings import chosen_library
from qa.web.state import LibraryState

_ACTIONS = 300
_AT_ONCE = 3
_BUSY_SHARE = 0.7  # of the actions that come while a job is certainly under way
_NAMES = ("yunqi-2020-23.txt", "lanchuan-2019-06.txt")
_HEADERS = {"cookie": "language=en"}
_TIMEOUT = 120  # seconds for one job


def run(*, share: float, seed: int) -> dict[str, Any]:
    """Take 300 actions, at times several at once, most while a job is under way.

    Returns: done, refused (409, with words), failed_lost: answered as if done, and not done, or refused without a word;
        failed_statuses, other answers.
    """
    with tempfile.TemporaryDirectory() as place:
        bench = _Bench(Path(place))
        return bench.attack(random.Random(seed), max(1, round(_ACTIONS * share)))


class _Bench:
    """A library of two bulletins, served, and another folder to go to."""

    def __init__(self, place: Path) -> None:
        self._folders = [place / "one", place / "two"]
        for folder in self._folders:
            folder.mkdir()
            for name in (*_NAMES, "regions.csv"):
                (folder / name).write_bytes((SAMPLES / name).read_bytes())
        library = open_library(self._folders[0], data=place / "data", encoder=load_encoder())
        self._state = LibraryState(library)
        self._client = TestClient(application(self._state), base_url="http://127.0.0.1", follow_redirects=False)
        self.found: Counter[str] = Counter()

    def attack(self, rng: random.Random, count: int) -> dict[str, Any]:
        """Take actions, in rounds of a few at once. Returns: the figures of `run`."""
        left = count
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            while left:
                size = min(left, rng.randint(1, _AT_ONCE))
                left -= size
                busy = self._work() if rng.random() < _BUSY_SHARE else None
                kinds = rng.sample(("keep", "switch", "correct", "library"), size)  # none undoes what another has done
                for outcome in threads.map(self._act, kinds, [rng.randrange(10**6) for _ in kinds]):
                    self.found[outcome] += 1
                if busy is not None:
                    busy.set()
                self._settle()
        return {
            "actions": count,
            "done": self.found["done"],
            "refused": self.found["refused"],
            "failed_lost": self.found["lost"],
            "failed_statuses": self.found["status"],
        }

    def _work(self) -> threading.Event:
        """Begin a job that lasts until the event is set."""
        go_on = threading.Event()

        def build(_: Progress) -> tuple[Library, tuple[FileReport, ...]]:
            go_on.wait(_TIMEOUT)
            return self._state.library, ()

        self._state.renew(build)
        return go_on

    def _settle(self) -> None:
        end = time.monotonic() + _TIMEOUT
        while (job := self._state.job) is not None and job.running:
            if time.monotonic() > end:
                raise RuntimeError("a job does not end")
            time.sleep(0.005)

    def _act(self, kind: str, number: int) -> str:
        """Take an action, wait for its job where it was taken on, and look whether it is done."""
        opened = self._state.library
        address, form, is_done = getattr(self, f"_{kind}")(opened, number)
        sent = {"files": form.pop("files")} if "files" in form else {}
        reply = self._client.post(address, data={"of": library_mark(opened), **form}, headers=_HEADERS, **sent)
        if sent and reply.status_code == 303:  # it is reviewed before it is kept
            reply = self._client.post(reply.headers["location"], data={"keep-0": "1"}, headers=_HEADERS)
        if reply.status_code == 409:
            return "refused" if "Not done:" in reply.text else "lost"
        if reply.status_code != 303:
            return "status"
        self._settle()
        job = self._state.job
        return "done" if is_done() else "refused" if job is not None and job.error else "lost"

    def _keep(self, opened: Library, number: int) -> Any:
        text = (SAMPLES / "lanchuan-2021-14.txt").read_text(encoding="utf-8") + f"\n{number}\n"
        sent = [("files", (f"{number}.txt", text.encode()))]
        return "/add", {"files": sent}, lambda: f"{number}.txt" in read_edits(opened.paths).added

    def _switch(self, opened: Library, number: int) -> Any:
        name, what = _NAMES[number % 2], ("disable", "enable")[number // 2 % 2]
        is_off = what == "disable"
        return "/add/change", {"what": what, "document": name}, lambda: (name in read_edits(opened.paths).disabled) == is_off

    def _correct(self, opened: Library, number: int) -> Any:
        if not opened.bulletins:
            return self._switch(opened, number)
        bulletin = opened.bulletins[number % len(opened.bulletins)]
        sha256 = bulletin.source.sha256

        def is_done() -> bool:
            correction = read_edits(opened.paths).corrections.get(sha256)
            return correction is not None and correction.issue == str(number)

        return f"/add/document/{Catalog.key_of(bulletin)}", {"0-issue": str(number)}, is_done

    def _library(self, opened: Library, number: int) -> Any:
        folder = self._folders[number % 2]
        return "/settings/library", {"folder": str(folder)}, lambda: chosen_library(opened.data) == folder.resolve()
