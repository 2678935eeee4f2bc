"""The chat: questions, filters, answers, and the source of each quote beside them. A Gradio application."""

import base64
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, cast

import gradio as gr
import msgspec
from gradio_client.utils import is_file_obj_with_meta, traverse
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from corpus.messages.errors import JingyanError
from corpus.messages.language import tr, use_language
from corpus.regions.gazetteer import Region
from index.filters import Filters
from index.store.library import Library
from qa.answering.answer import Answer
from qa.answering.pipeline import answer_question
from qa.archive.suggestions import suggest
from qa.question.analyzer import FOLLOWUP, analyze_question
from qa.web.answer_html import answer_html, message_html, question_html
from qa.web.api import endpoints
from qa.web.catalogue import TEXTS, texts
from qa.web.pages.downloads import FORMS, download
from qa.web.preferences import Preferences, preferences
from qa.web.security.guard import is_read_only
from qa.web.state import LibraryState, region_counts
from qa.web.templating import library_state, not_found, render_page

_STATIC = Path(__file__).parents[1] / "static"
_NAVIGATION = ("ask", "browse", "compare", "saved", "add", "settings")
_KEPT = 12  # questions of a chat that a browser keeps over a reload
_LEANT_ON = 6  # questions before it that one may lean on
_LABELS = ("placeholder", "question", "region", "year", "series", "nav_ask")


class _Turn(msgspec.Struct, frozen=True):
    """A question as the browser keeps it. Nothing of an answer is kept: it is given anew from the library as it is then."""

    question: str
    history: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    series: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Last:
    """The question answered last, so that it can be asked again without a part of what was understood.

    `keys` are those of its chips; `settled` is the answer as it stands once another question follows: its chips fixed.
    """

    turn: _Turn
    keys: tuple[str, ...] = ()
    settled: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions that a following one may lean on: this one, and those before it unless it was taken off them."""
        return (*(self.turn.history if FOLLOWUP not in self.turn.without else ()), self.turn.question)


def build(shelf: LibraryState) -> Any:  # gr.Blocks, whose context manager has no type
    """The chat over the library on the shelf, whichever it is when a question is asked."""
    translations = labels()
    text = {key: translations(key) for key in _LABELS}
    with _Page(title="经验问答 Jingyan", analytics_enabled=False, fill_height=True, fill_width=True) as page:
        endpoints.register(shelf)  # first: /ask is its name, not that of a function of the chat
        gr.HTML(_header(), elem_id="header", padding=False)
        notice = gr.HTML(elem_id="notice", padding=False)
        last = gr.State(None)
        kept = gr.BrowserState([], storage_key="jingyan-chat", secret="jingyan")
        removal = gr.HTML(
            js_on_load=(_STATIC / "chips.js").read_text(encoding="utf-8"), visible="hidden", elem_id="removal", padding=False
        )
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=3, min_width=320, elem_id="talk"):
                chat = gr.Chatbot(
                    show_label=False,
                    elem_id="chat",
                    height=None,
                    latex_delimiters=[],
                    buttons=[],  # Gradio's own would copy the HTML
                    feedback_options=None,
                    autoscroll=False,  # to the end of an answer, that is; page.js goes to its beginning
                    group_consecutive_messages=False,
                    placeholder=" ",
                )
                with gr.Row(equal_height=True, elem_id="asking"):
                    box = gr.Textbox(
                        placeholder=text["placeholder"],
                        label=text["question"],
                        show_label=False,
                        scale=8,
                        lines=1,
                        max_lines=4,
                        interactive=False,  # until `begin` has brought back what was asked before
                        elem_id="question",
                    )
                    send = gr.Button(cast(str, text["nav_ask"]), variant="primary", scale=1, min_width=88, elem_id="ask")
                with gr.Row(elem_id="filters"):
                    regions = gr.Dropdown([], multiselect=True, label=text["region"], elem_id="region", min_width=120)
                    years = gr.Dropdown([], multiselect=True, label=text["year"], elem_id="year", min_width=120)
                    series = gr.Dropdown([], multiselect=True, label=text["series"], elem_id="series", min_width=120)
            with gr.Column(scale=2, min_width=300, elem_id="beside"):
                gr.HTML(_panel(), padding=False, elem_id="evidence-box")

        def begin(turns: list[Any], request: gr.Request) -> tuple[Any, ...]:
            library, chosen = shelf.library, _chosen(request)
            messages: list[Any] = []
            now: _Last | None = None
            asked = (request.query_params.get("q") or "").strip()
            wanted = _turns(turns)
            if asked and (not wanted or wanted[-1].question != asked):
                wanted = (*wanted, _Turn(asked))[-_KEPT:]
            for turn in wanted:
                if now is not None and now.keys:
                    messages[-1] = _reply(now.settled)
                messages.append(_asked(turn.question))
                try:
                    with use_language(chosen.language):
                        answer, now = _answer(library, turn, chosen)
                    messages.append(_reply(answer_html(answer, exports=_address(turn))))
                except JingyanError as error:
                    messages.append(_reply(message_html(str(error))))
            return (
                gr.Chatbot(
                    messages,
                    placeholder=texts(chosen.language)("welcome"),
                    examples=[{"text": one} for one in suggest(library, language=chosen.language)],
                ),
                now,
                [msgspec.to_builtins(turn) for turn in wanted],
                _notice(shelf, chosen, read_only=request.request is not None and is_read_only(request.request)),
                gr.Dropdown(list(region_choices(library))),
                gr.Dropdown(sorted({str(b.masthead.year) for b in library.bulletins if b.masthead.year})),
                gr.Dropdown(sorted({b.masthead.series for b in library.bulletins})),
                gr.Textbox(interactive=True, autofocus=True),
            )

        def ask(
            question: str,
            region: list[str],
            year: list[str],
            names: list[str],
            messages: list[Any],
            before: _Last | None,
            turns: list[Any],
            request: gr.Request,
        ) -> tuple[Any, ...]:
            if not question.strip():
                return messages, before, turns, ""
            library = shelf.library
            history = before.asked[-_LEANT_ON:] if before else ()
            turn = _Turn(question, history, tuple(region), tuple(int(one) for one in year), tuple(names))
            if before is not None and before.keys:
                messages = [*messages[:-1], _reply(before.settled)]
            messages = [*messages, _asked(question)]
            chosen = _chosen(request)
            try:
                with use_language(chosen.language):
                    turn = msgspec.structs.replace(turn, without=_still_without(before, turn, library) if before else ())
                    answer, now = _answer(library, turn, chosen)
            except JingyanError as error:
                settled = replace(before, keys=()) if before else None
                return [*messages, _reply(message_html(str(error)))], settled, turns, ""
            turns = [*turns, msgspec.to_builtins(turn)][-_KEPT:]
            return [*messages, _reply(answer_html(answer, exports=_address(turn)))], now, turns, ""

        def remove(
            event: gr.EventData, messages: list[Any], before: _Last | None, turns: list[Any], request: gr.Request
        ) -> tuple[Any, ...]:
            key = event.key
            if before is None or key not in before.keys:  # a click on an answer that has been replaced meanwhile
                return tuple(gr.skip() for _ in range(3))
            turn = msgspec.structs.replace(before.turn, without=(*before.turn.without, key))
            answer, now = _answer(shelf.library, turn, _chosen(request))
            turns = [*turns[:-1], msgspec.to_builtins(turn)]
            return [*messages[:-1], _reply(answer_html(answer, exports=_address(turn)))], now, turns

        asking: dict[str, Any] = {
            "inputs": [box, regions, years, series, chat, last, kept],
            "outputs": [chat, last, kept, box],
            "api_visibility": "private",
            "show_progress": "minimal",
        }
        gr.on([box.submit, send.click], ask, **asking)
        chat.example_select(_example, None, box, api_visibility="private", show_progress="hidden").then(ask, **asking)
        removal.click(
            remove,
            [chat, last, kept],
            [chat, last, kept],
            api_visibility="private",
            show_progress="minimal",
        )
        chat.clear(lambda: (None, []), None, [last, kept], api_visibility="private")
        page.load(
            begin,
            [kept],
            [chat, last, kept, notice, regions, years, series, box],
            api_visibility="private",
            show_progress="hidden",
        )
        page.queue(max_size=64, default_concurrency_limit=4, status_update_rate=5)
        page.state_session_capacity = 500  # a session takes 100 kB, and every call without one makes one
        page.has_launched = True  # it is not launched but mounted; else no path is looked at that Gradio is told to read
        return page


class _Page(gr.Blocks):
    """Takes in no files. Gradio would read, or fetch from the network, what a client names as one, in the place of any value."""

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *others: Any, **options: Any) -> Any:
        def refuse(_: Any) -> None:
            raise gr.Error(tr("这里不接受文件", "no files are accepted here"), print_exception=False)

        traverse(inputs, refuse, is_file_obj_with_meta)
        return await super().preprocess_data(block_fn, inputs, *others, **options)


def routes() -> list[BaseRoute]:
    """/answer.docx and its like: an answer of the chat as a file."""
    return [Route(f"/answer.{suffix}", export) for suffix in FORMS]


def export(request: Request) -> Response:
    """The answer to the ?turn= as a file: given anew, from the library as it is."""
    chosen = preferences(request)
    try:
        turn = msgspec.json.decode(base64.urlsafe_b64decode(request.query_params.get("turn", "")), type=_Turn)
        answer, _ = _answer(library_state(request).library, turn, chosen)
    except (ValueError, msgspec.MsgspecError):
        return not_found(request)
    except JingyanError as error:
        return render_page(request, "failed.html", status=400, told=str(error))
    return download(request, answer, name=texts(chosen.language)("name"))


def _address(turn: _Turn) -> str:
    """What follows the name of an answer's file in its address."""
    return "turn=" + base64.urlsafe_b64encode(msgspec.json.encode(turn)).decode()


def labels() -> gr.I18n:
    """The labels of Gradio's own components; the browser's language chooses, or what theme.js puts in its place."""
    chinese, english = ({key: TEXTS[key][side] for key in _LABELS} for side in (0, 1))
    return gr.I18n(en=english, zh=chinese, **{"zh-CN": chinese})


def region_choices(library: Library) -> dict[str, Region]:
    """Label with article count -> region, for every region with articles and those above it, in the order of the tree."""
    counts = region_counts(library)
    ordered = sorted(counts, key=lambda region: (region.province, region.city or "", region.county or ""))
    return {
        f"{'　' * ((region.city is not None) + (region.county is not None))}{region.label}（{counts[region]}）": region
        for region in ordered
    }


def _example(event: gr.SelectData) -> str:
    text: str = event.value["text"]
    return text


def _chosen(request: gr.Request) -> Preferences:
    if request.request is None:  # Gradio gives none to what it runs by itself
        raise RuntimeError("no request")
    return preferences(request.request)


def _turns(kept: list[Any]) -> tuple[_Turn, ...]:
    """What a browser has kept, as far as it can be understood: another version of the program may have written it."""
    try:
        return msgspec.convert(kept, tuple[_Turn, ...])[-_KEPT:]
    except msgspec.ValidationError:
        return ()


def _filters(turn: _Turn, library: Library) -> Filters:
    """The limits set beside the question. A region's label changes with its count, so one no longer there is left out."""
    choices = region_choices(library)
    return Filters(tuple(choices[label] for label in turn.regions if label in choices), turn.years, turn.series)


def _still_without(before: _Last, turn: _Turn, library: Library) -> tuple[str, ...]:
    """What was taken off the question before and must not come back with a follow-up, unless the new question names it itself."""
    if not before.turn.without:
        return ()
    understood = analyze_question(turn.question, filters=_filters(turn, library), catalog=library.catalog)
    named = {chip.key for chip in understood.chips}
    return tuple(key for key in before.turn.without if key != FOLLOWUP and key not in named)


def _answer(library: Library, turn: _Turn, chosen: Preferences) -> tuple[Answer, _Last]:
    """The answer, and the question with what was understood of it."""
    answer = answer_question(
        library,
        turn.question,
        history=turn.history,
        filters=_filters(turn, library),
        removed_chips=turn.without,
        strictness=chosen.strictness,
    )
    keys = tuple(chip.key for chip in answer.question.chips)
    return answer, _Last(turn, keys, answer_html(answer, removable=False, exports=_address(turn)))


def _asked(question: str) -> dict[str, str]:
    shown = question if len(question) <= 500 else question[:500] + "……"
    return {"role": "user", "content": question_html(shown)}


def _reply(content: str) -> dict[str, str]:
    return {"role": "assistant", "content": content}


def _both(key: str) -> str:
    """A text in both languages: this page is made once, and the sheet of styles shows the one that is chosen."""
    chinese, english = (escape(side) for side in TEXTS[key])
    return f'<span class="zh" lang="zh">{chinese}</span><span class="en" lang="en">{english}</span>'


def _header() -> str:
    links = "".join(
        f'<a href="/{"" if name == "ask" else name}"{" aria-current=page" if name == "ask" else ""}>{_both(f"nav_{name}")}</a>'
        for name in _NAVIGATION
    )
    return f'<header class="site"><a class="brand" href="/">{_both("name")}</a><nav>{links}</nav></header>'


def _notice(shelf: LibraryState, chosen: Preferences, *, read_only: bool) -> str:
    """What is open; of the samples, that they are invented; of a visitor who may change nothing, that it is so."""
    library, side = shelf.library, 0 if chosen.language == "zh" else 1
    counts = TEXTS["library_counts"][side].format(
        bulletins=len(library.bulletins), articles=len(library.retriever.catalog.articles)
    )
    said = escape(TEXTS["samples"][side] if shelf.is_samples else str(library.folder))
    if read_only:  # where the library lies is not for visitors
        said = f'{said if shelf.is_samples else ""}<span class="read-only">{escape(TEXTS["read_only"][side])}</span>'
    return f'<p class="notice{" samples" if shelf.is_samples else ""}">{counts} · {said}</p>'


def _panel() -> str:
    """The panel of evidence, empty: page.js fills it. Its buttons are shown once there is something in it."""
    return (
        '<aside id="evidence" aria-live="polite"><div class="bar">'
        f"<h2>{_both('evidence')}</h2>"
        f'<button type="button" class="previous" hidden>{_both("previous_hit")}</button><span class="place"></span>'
        f'<button type="button" class="next" hidden>{_both("next_hit")}</button>'
        f'<button type="button" class="close" hidden>{_both("close")}</button></div>'
        f'<div class="body" tabindex="0"><p class="empty">{_both("evidence_empty")}</p></div>'
        f'<p class="failed" hidden>{_both("evidence_failed")}</p></aside>'
    )
