"""The chat: questions, filters, answers, and the source of each quote beside them. A Gradio application."""

import base64
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, cast

import gradio as gr
import msgspec
from gradio_client.utils import is_file_obj_with_meta, traverse
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from corpus import deadline
from corpus.document import Region
from corpus.messages.errors import JingyanError, QuestionError
from corpus.messages.language import Language, tr, use_language
from index.filters import Filters
from index.store.library import Library
from qa.answering.answer import Answer
from qa.answering.pipeline import answer_question
from qa.archive.suggestions import Topic, find_topics, suggest
from qa.question.analyzer import MAX_CHARACTERS
from qa.question.question import FOLLOWUP
from qa.web.answer_html import answer_html, message_html, question_html
from qa.web.api import endpoints
from qa.web.catalogue import TEXTS, Texts
from qa.web.pages.downloads import FORMATS, download
from qa.web.preferences import LANGUAGES, Preferences, preferences
from qa.web.security.visitor import STRANGER, visitor_of
from qa.web.state import LibraryState, ServedLibrary, region_choices, region_counts
from qa.web.templating import NAVIGATION, library_state, not_found, render_macro, render_page
from qa.web.turns import Turns, call_in_turn, page_in_turn

_CHIPS_SCRIPT = Path(__file__).parents[1] / "static" / "js" / "chips.js"
_MAX_TURNS = 12  # questions of a chat that a browser keeps over a reload
_MAX_HISTORY = 6  # questions before it that one may follow up
_MAX_FILTERS = 50  # values of one filter
_MAX_NAME = 200  # characters of the path of a region, the name of a series, the key of a chip
_MAX_SHOWN = 500  # characters of a question in the chat
_LABELS = ("placeholder", "question", "region", "year", "series", "nav_ask")
_HIDDEN_ACTION: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_SHOWN_ACTION: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}


_Text = Annotated[str, Meta(max_length=MAX_CHARACTERS)]
_Names = Annotated[tuple[Annotated[str, Meta(max_length=_MAX_NAME)], ...], Meta(max_length=_MAX_FILTERS)]


class Turn(msgspec.Struct, frozen=True):
    """A question as the browser keeps it. Nothing of an answer is kept: it is given anew from the library as it is then.

    `regions` are paths; `without` holds the keys of chips that were taken away.
    """

    question: _Text
    history: Annotated[tuple[_Text, ...], Meta(max_length=_MAX_HISTORY)] = ()
    regions: _Names = ()
    years: Annotated[tuple[int, ...], Meta(max_length=_MAX_FILTERS)] = ()
    series: _Names = ()
    without: _Names = ()

    @property
    def query(self) -> str:
        """Return the query of the addresses where the answer can be had as a file."""
        return "turn=" + base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()

    @property
    def followed_up(self) -> tuple[str, ...]:
        """Return the questions that a following one may follow up: those before this one, unless they were taken away, and it."""
        return (*(self.history if FOLLOWUP not in self.without else ()), self.question)


class _StoredChat(msgspec.Struct, frozen=True):
    """A chat as the browser keeps it: another account that signs in there does not see it."""

    account: str | None
    turns: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The answer given last, to be asked for again without a chip.

    `chips` are the keys of its chips; `settled` is its HTML once another question follows: with chips that are no buttons.
    """

    turn: Turn
    chips: tuple[str, ...] = ()
    settled: str = ""


@dataclass(frozen=True, slots=True)
class ChatSession:
    """The questions of a chat, and the answer given last. Every change makes a new session.

    `account` is whose chat it is: None where nobody signs in.
    """

    turns: tuple[Turn, ...] = ()
    last: LastAnswer | None = None
    account: str | None = None

    @classmethod
    def restored(cls, stored: Any, account: str | None = None) -> "ChatSession":
        """Read what a browser has stored, without what another account, version of the program, or program has written."""
        if isinstance(stored, list):  # before there were accounts, the questions alone were kept
            stored = {"account": None, "turns": stored}
        try:
            kept = msgspec.convert(stored, _StoredChat)
        except msgspec.ValidationError:
            kept = _StoredChat(account)
        turns = []
        for turn in kept.turns[-_MAX_TURNS:] if kept.account == account else ():
            with contextlib.suppress(msgspec.ValidationError):
                turns.append(msgspec.convert(turn, Turn))
        return cls(tuple(turns), account=account)

    @property
    def stored(self) -> Any:
        """Return the questions as the browser stores them."""
        return msgspec.to_builtins(_StoredChat(self.account, self.turns))

    def cleared(self) -> "ChatSession":
        """Return a session of the same account with nothing asked."""
        return ChatSession(account=self.account)

    @property
    def history(self) -> tuple[str, ...]:
        """Return the questions that the next one may follow up."""
        return self.last.turn.followed_up[-_MAX_HISTORY:] if self.last else ()

    def asked(self, question: str) -> "ChatSession":
        """Return the session with a question at its end that is still to be answered, unless it is the last one already."""
        if not question or (self.turns and self.turns[-1].question == question):
            return self
        return replace(self, turns=(*self.turns, Turn(question))[-_MAX_TURNS:])

    def answered(self, last: LastAnswer) -> "ChatSession":
        """Return the session with one more question and its answer."""
        return replace(self, turns=(*self.turns, last.turn)[-_MAX_TURNS:], last=last)

    def answered_again(self, last: LastAnswer) -> "ChatSession":
        """Return the session with another answer to its last question."""
        return replace(self, turns=(*self.turns[:-1], last.turn), last=last)

    def failed(self) -> "ChatSession":
        """Return the session after a question that has no answer: chips of the one before can be taken away no longer."""
        return replace(self, last=replace(self.last, chips=()) if self.last else None)


def build(state: LibraryState, turns: Turns) -> Any:  # gr.Blocks, whose context manager has no type
    """Build the chat over a library: whichever is served when a question is asked."""
    return ChatPage(state, turns).layout()


class ChatPage:
    """The components of the page, and what happens on them."""

    def __init__(self, state: LibraryState, turns: Turns) -> None:
        self._state, self._turns = state, turns

    def layout(self) -> Any:
        """Lay the page out, and bind what happens on it."""
        translations = labels()
        text = {key: translations(key) for key in _LABELS}
        both = [Texts(language) for language in LANGUAGES]
        with _Blocks(title="经验问答 Jingyan", analytics_enabled=False, fill_height=True, fill_width=True) as page:
            endpoints.register(self._state, self._turns)  # first: /ask is its name, not that of a function of the chat
            gr.HTML(render_macro("chat.html", "header", both, NAVIGATION), elem_id="header", padding=False)
            self._notice = gr.HTML(elem_id="notice", padding=False)
            self._session = gr.State(ChatSession())
            self._stored = gr.BrowserState(None, storage_key="jingyan-chat", secret="jingyan")
            self._removal = gr.HTML(
                js_on_load=_CHIPS_SCRIPT.read_text(encoding="utf-8"), visible="hidden", elem_id="removal", padding=False
            )
            with gr.Row(elem_id="desk"):
                with gr.Column(scale=3, min_width=320, elem_id="talk"):
                    self._chat = gr.Chatbot(
                        show_label=False,
                        elem_id="chat",
                        height=None,
                        latex_delimiters=[],
                        buttons=[],  # Gradio's own would copy the HTML
                        feedback_options=None,
                        autoscroll=False,  # it would go to the end of an answer; chat.js goes to its beginning
                        group_consecutive_messages=False,
                        placeholder=" ",
                    )
                    with gr.Row(equal_height=True, elem_id="asking"):
                        self._question = gr.Textbox(
                            placeholder=text["placeholder"],
                            label=text["question"],
                            show_label=False,
                            scale=8,
                            lines=1,
                            max_lines=4,
                            interactive=False,  # until `on_load` has brought back what was asked before
                            elem_id="question",
                        )
                        self._send = gr.Button(
                            cast(str, text["nav_ask"]), variant="primary", scale=1, min_width=88, elem_id="ask"
                        )
                    with gr.Row(elem_id="filters"):
                        self._regions, self._years, self._series = (
                            gr.Dropdown([], multiselect=True, label=text[name], elem_id=name, min_width=120)
                            for name in ("region", "year", "series")
                        )
                with gr.Column(scale=2, min_width=300, elem_id="beside"):
                    gr.HTML(render_macro("chat.html", "panel", both), padding=False, elem_id="evidence-box")
            self._bind(page)
        page.queue(max_size=None, default_concurrency_limit=None, status_update_rate=5)  # who waits, waits in `turns`
        page.state_session_capacity = 500  # a session takes 100 kB, and every call without one makes one
        page.has_launched = True  # it is not launched but mounted; else no path is looked at that Gradio is told to read
        return page

    def _bind(self, page: gr.Blocks) -> None:
        on_ask, on_remove, on_load = (call_in_turn(self._turns, method) for method in (self.on_ask, self.on_remove, self.on_load))
        asked = {self._question, self._regions, self._years, self._series, self._chat, self._session}
        answered = [self._chat, self._session, self._stored]
        gr.on(
            [self._question.submit, self._send.click],
            on_ask,
            asked,
            [*answered, self._question],
            **_SHOWN_ACTION,
        )
        self._chat.example_select(_example, None, self._question, **_HIDDEN_ACTION).then(
            on_ask, asked, [*answered, self._question], **_SHOWN_ACTION
        )
        self._removal.click(on_remove, [self._chat, self._session], answered, **_SHOWN_ACTION)
        self._chat.clear(_cleared, [self._session], [self._session, self._stored], api_visibility="private")
        filters = [self._regions, self._years, self._series]
        page.load(
            on_load,
            [self._stored],
            [*answered, self._notice, *filters, self._question],
            **_HIDDEN_ACTION,
        )

    def on_load(self, stored: Any, request: gr.Request) -> tuple[Any, ...]:
        """Bring back what was asked in this browser, and ask the ?q= of the address."""
        state, served, chosen = self._state, self._state.served, _preferences(request)
        t = Texts(chosen.language)
        visitor = visitor_of(request.request) if request.request is not None else STRANGER
        session = ChatSession.restored(stored, visitor.account).asked((request.query_params.get("q") or "").strip())
        messages, last = self._replay(session.turns, chosen)
        regions, years, series = served.derive(("filter choices", chosen.language), lambda served: _choices(served.library, t))
        return (
            gr.Chatbot(
                messages,
                placeholder=t("welcome"),
                examples=[{"text": question} for question in suggestions(served, chosen.language)],
            ),
            replace(session, last=last),
            session.stored,
            render_macro("chat.html", "notice", t, served.library, state.is_samples, not visitor.may_change, visitor.may_save),
            gr.Dropdown(regions),
            gr.Dropdown(years),
            gr.Dropdown(series),
            gr.Textbox(interactive=True, autofocus=True),
        )

    def on_ask(self, inputs: dict[Any, Any], request: gr.Request) -> tuple[Any, ...]:
        """Answer the question in the box, within the filters beside it."""
        question: str = inputs[self._question].strip()
        messages, session = inputs[self._chat], _own(inputs[self._session], request)
        if not question:
            return messages, session, session.stored, ""
        chosen = _preferences(request)
        turn = Turn(
            question,
            session.history,
            regions=tuple(inputs[self._regions]),
            years=tuple(map(int, inputs[self._years])),
            series=tuple(inputs[self._series]),
        )
        messages = [*_settled(messages, session.last), _asked(question, chosen)]
        try:
            removed_before = session.last.turn.without if session.last else ()
            reply, last = self._answer(turn, chosen, removed_before=removed_before)
        except JingyanError as error:
            reply, session = _reply(message_html(str(error))), session.failed()
        else:
            session = session.answered(last)
        return [*messages, reply], session, session.stored, ""

    def on_remove(self, event: gr.EventData, messages: list[Any], session: ChatSession, request: gr.Request) -> tuple[Any, ...]:
        """Answer the last question again without the chip that was clicked."""
        session = _own(session, request)
        last = session.last
        if last is None or event.key not in last.chips:  # a click on an answer that has been replaced meanwhile
            return tuple(gr.skip() for _ in range(3))
        turn = msgspec.structs.replace(last.turn, without=(*last.turn.without, event.key))
        try:
            reply, last = self._answer(turn, _preferences(request))
        except JingyanError as error:
            reply, session = _reply(message_html(str(error))), session.failed()
        else:
            session = session.answered_again(last)
        return [*messages[:-1], reply], session, session.stored

    def _replay(self, turns: Sequence[Turn], chosen: Preferences) -> tuple[list[Any], LastAnswer | None]:
        """Answer questions anew. Returns: the messages of the chat, and the last answer, if any."""
        messages: list[Any] = []
        last: LastAnswer | None = None
        for turn in turns:
            messages = [*_settled(messages, last), _asked(turn.question, chosen)]
            try:
                reply, last = self._answer(turn, chosen)
            except JingyanError as error:
                reply = _reply(message_html(str(error)))
                last = replace(last, chips=()) if last else None
            messages.append(reply)
        return messages, last

    def _answer(
        self, turn: Turn, chosen: Preferences, *, removed_before: Sequence[str] = ()
    ) -> tuple[dict[str, str], LastAnswer]:
        """Answer a question. Returns: the message, and what is kept of the answer."""
        with use_language(chosen.language):
            answer = _answer(self._state.served, turn, chosen, removed_before=removed_before)
        turn = msgspec.structs.replace(turn, without=answer.question.removed_chips)
        chips = tuple(chip.key for chip in answer.question.chips)
        settled = answer_html(answer, removable=False, exports=turn.query)
        return _reply(answer_html(answer, exports=turn.query)), LastAnswer(turn, chips, settled)


class _Blocks(gr.Blocks):
    """Takes in no files, and says in words when values are missing.

    Gradio would read, or fetch from the network, what a client names as a file, in the place of any value.
    """

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *others: Any, **options: Any) -> Any:
        def refuse(_: Any) -> None:
            raise gr.Error(tr("这里不接受文件", "no files are accepted here"), print_exception=False)

        wanted, sent = len(block_fn.inputs), len(inputs)
        if sent < wanted:
            raise gr.Error(
                tr(f"参数太少：要 {wanted} 个，收到 {sent} 个", f"too few values: {wanted} are wanted, {sent} came"),
                print_exception=False,
            )
        traverse(inputs, refuse, is_file_obj_with_meta)
        return await super().preprocess_data(block_fn, inputs, *others, **options)


def routes() -> list[BaseRoute]:
    """Return the routes /answer.docx and its like: an answer of the chat as a file."""
    return [Route(f"/answer.{suffix}", page_in_turn(export)) for suffix in FORMATS]


def export(request: Request) -> Response:
    """Return the answer to the ?turn= as a file: given anew, from the library as it is."""
    chosen = preferences(request)
    try:
        turn = msgspec.json.decode(base64.urlsafe_b64decode(request.query_params.get("turn", "")), type=Turn)
        answer = _answer(library_state(request).served, turn, chosen)
    except (ValueError, msgspec.MsgspecError):
        return not_found(request)
    except JingyanError as error:
        return render_page(request, "failed.html", status=400, error_message=str(error))
    return download(request, answer, name=Texts(chosen.language)("name"))


def labels() -> gr.I18n:
    """Return the labels of Gradio's own components; it takes the browser's language, or what theme.js puts in its place."""
    chinese, english = ({key: TEXTS[key][side] for key in _LABELS} for side in (0, 1))
    return gr.I18n(en=english, zh=chinese, **{"zh-CN": chinese})


def suggestions(served: ServedLibrary, language: Language) -> tuple[str, ...]:
    """Return questions to begin with. They cost several answers, so they are made once for a library and a language."""
    return served.derive(("suggestions", language), lambda served: suggest(served.library, topics(served), language=language))


def topics(served: ServedLibrary) -> tuple[Topic, ...]:
    """Return the topics of the library, found once: they are the same in every language."""
    return served.derive("topics", lambda served: find_topics(served.library))


def _answer(served: ServedLibrary, turn: Turn, chosen: Preferences, *, removed_before: Sequence[str] = ()) -> Answer:
    with deadline.within(endpoints.ANSWER_SECONDS):
        return answer_question(
            served.library,
            turn.question,
            history=turn.history,
            filters=_filters(served, turn),
            removed_chips=turn.without,
            removed_before=removed_before,
            strictness=chosen.strictness,
        )


def _filters(served: ServedLibrary, turn: Turn) -> Filters:
    """Return the limits set beside the question. Raises: QuestionError: the library no longer has what one of them names."""
    regions, catalog = served.derive("regions by path", _regions_by_path), served.library.catalog
    gone = [
        *(path for path in turn.regions if path not in regions),
        *(str(year) for year in turn.years if year not in catalog.years),
        *(title for title in turn.series if title not in catalog.series),
    ]
    if gone:
        raise QuestionError(
            tr(
                f"这个库里已经没有{'、'.join(gone)}：请重新选择",
                f"the library no longer has {', '.join(gone)}: choose again",
            )
        )
    return Filters(tuple(regions[path] for path in turn.regions), turn.years, turn.series)


def _regions_by_path(served: ServedLibrary) -> dict[str, Region]:
    return {region.path: region for region in region_counts(served.library)}


def _choices(library: Library, t: Texts) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Return the regions, years and series to choose from."""
    return region_choices(library, t), list(map(str, library.catalog.years)), sorted(library.catalog.series)


def _cleared(session: ChatSession) -> tuple[ChatSession, Any]:
    session = session.cleared()
    return session, session.stored


def _own(session: ChatSession, request: gr.Request) -> ChatSession:
    """Return the session; an empty one where its name was sent by another account than the one whose chat it is."""
    account = visitor_of(request.request).account if request.request is not None else None
    return session if session.account == account else ChatSession(account=account)


def _example(event: gr.SelectData) -> str:
    text: str = event.value["text"]
    return text


def _preferences(request: gr.Request) -> Preferences:
    if request.request is None:  # Gradio gives none to what it runs by itself
        raise RuntimeError("no request")
    return preferences(request.request)


def _settled(messages: list[Any], last: LastAnswer | None) -> list[Any]:
    """Return the messages with the chips of the last answer fixed, as another question follows."""
    return [*messages[:-1], _reply(last.settled)] if last is not None and last.chips else messages


def _asked(question: str, chosen: Preferences) -> dict[str, str]:
    ellipsis = Texts(chosen.language)("ellipsis")
    shown = question if len(question) <= _MAX_SHOWN else question[:_MAX_SHOWN] + ellipsis
    return {"role": "user", "content": question_html(shown)}


def _reply(content: str) -> dict[str, str]:
    return {"role": "assistant", "content": content}
