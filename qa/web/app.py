"""The Gradio application: a chat over one library, its filters, and examples."""

import atexit
import functools
import os
import secrets
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

# Before gradio is imported: it reports its use to its makers otherwise, and looks for newer versions of itself.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Answers to download lie in a folder that only this user may enter (mode 0700), and are deleted when the program ends.
os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="jingyan-")

import gradio as gr

from corpus.document import Article
from corpus.errors import JingyanError, PageError
from corpus.language import tr
from corpus.regions import Region
from index.retriever import Filters
from index.storage import Library
from qa.answer import Answer
from qa.pipeline import answer_question
from qa.question import FOLLOWUP, understand
from qa.render import Format, render
from qa.web.html import answer_html, message_html, notice_html, question_html

_DOWNLOADS = Path(os.environ["GRADIO_TEMP_DIR"])
atexit.register(shutil.rmtree, _DOWNLOADS, ignore_errors=True)
_STYLE = Path(__file__).with_name("style.css")
_SCRIPT = Path(__file__).with_name("page.js")
_CHIPS = Path(__file__).with_name("chips.js")
_FORMS: dict[Format, str] = {"docx": "docx", "markdown": "md"}
_EXAMPLES = (
    "志愿者积分制度怎么做",
    "how to run volunteer point systems",
    "怎样给外卖骑手建驿站",
    "心理热线",
    "How do you stop scams on students?",
)

_TEXTS = {
    "title": ("经验问答", "Jingyan"),
    "ask": ("提问", "Ask"),
    "question": ("问题", "Question"),
    "placeholder": ("例如：怎样开展志愿积分？按回车提问", "For example: how to run volunteer point systems. Press Enter to ask"),
    "region": ("地区（含下辖）", "Region (with all below it)"),
    "year": ("年份", "Year"),
    "series": ("刊物", "Series"),
    "examples": ("试着问", "Try asking"),
    "clear": ("清空对话", "Clear"),
    "word": ("下载 Word", "Download Word"),
    "markdown": ("下载 Markdown", "Download Markdown"),
}


@dataclass(frozen=True, slots=True)
class _Last:
    """The question answered last, so that it can be asked again without a part of what was understood.

    `keys` are those of its chips; `settled` is the answer as it stands once another question follows: its chips fixed.
    """

    question: str
    history: tuple[str, ...]
    filters: Filters
    without: tuple[str, ...]
    keys: tuple[str, ...] = ()
    settled: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions that a following one may lean on: this one, and those before it unless it was taken off them."""
        return (*(self.history if FOLLOWUP not in self.without else ()), self.question)


def build(library: Library, *, samples: bool) -> Any:  # gr.Blocks, whose context manager has no type
    """The application over one library. Args: samples: whether it is the sample library that ships with the program."""
    translations = _translations()
    text = {key: translations(key) for key in _TEXTS}
    choices = _region_choices(library)
    with gr.Blocks(title="经验问答 Jingyan", analytics_enabled=False, fill_height=True) as page:
        gr.HTML(notice_html(library, samples=samples), elem_id="notice")
        chat = gr.Chatbot(
            show_label=False,
            elem_id="chat",
            height="43vh",
            latex_delimiters=[],
            buttons=[],  # Gradio's own would copy the HTML
            feedback_options=None,
            autoscroll=False,  # to the end of an answer, that is; page.js goes to its beginning
            group_consecutive_messages=False,
        )
        last = gr.State(None)
        removal = gr.HTML(js_on_load=_CHIPS.read_text(encoding="utf-8"), visible="hidden", elem_id="removal")
        with gr.Row(elem_id="downloads"):
            # The labels are typed as plain strings, but the browser's language chooses them as it does all others.
            word, markdown = (
                gr.DownloadButton(cast(str, text[name]), visible=False, size="sm", elem_id=name) for name in ("word", "markdown")
            )
        with gr.Row(equal_height=True):
            box = gr.Textbox(
                placeholder=text["placeholder"],
                label=text["question"],
                show_label=False,
                scale=8,
                lines=1,
                max_lines=4,
                autofocus=True,
                elem_id="question",
            )
            send = gr.Button(text["ask"], variant="primary", scale=1, min_width=96, elem_id="ask")
        with gr.Row():
            regions = gr.Dropdown(list(choices), multiselect=True, label=text["region"], elem_id="region")
            years = gr.Dropdown(
                sorted({str(b.year) for b in library.bulletins if b.year}), multiselect=True, label=text["year"], elem_id="year"
            )
            series = gr.Dropdown(
                sorted({b.series for b in library.bulletins}), multiselect=True, label=text["series"], elem_id="series"
            )
        if samples:
            gr.Examples([[example] for example in _EXAMPLES], inputs=box, label="试着问 / Try asking", elem_id="examples")

        def ask(
            question: str, region: list[str], year: list[str], names: list[str], messages: list[Any], before: _Last | None
        ) -> tuple[Any, ...]:
            if not question.strip():
                return messages, before, "", gr.skip(), gr.skip()
            filters = Filters(tuple(choices[label] for label in region), tuple(int(one) for one in year), tuple(names))
            if before is not None and before.keys:
                messages = [*messages[:-1], _reply(before.settled)]
            shown = question if len(question) <= 500 else question[:500] + "……"
            messages = [*messages, {"role": "user", "content": question_html(shown)}]
            try:
                history = before.asked if before else ()
                without = _still_without(before, question, filters, library) if before else ()
                answer, now = _answer(library, _Last(question, history, filters, without))
            except JingyanError as error:
                settled = replace(before, keys=()) if before else None
                return [*messages, _reply(message_html(str(error)))], settled, "", gr.skip(), gr.skip()
            return [*messages, _reply(answer_html(answer))], now, "", *_downloads(answer)

        def remove(event: gr.EventData, messages: list[Any], before: _Last | None) -> tuple[Any, ...]:
            key = event.key
            if before is None or key not in before.keys:  # a click on an answer that has been replaced meanwhile
                return tuple(gr.skip() for _ in range(4))
            answer, now = _answer(library, replace(before, without=(*before.without, key)))
            return [*messages[:-1], _reply(answer_html(answer))], now, *_downloads(answer)

        gr.on(
            [box.submit, send.click],
            ask,
            [box, regions, years, series, chat, last],
            [chat, last, box, word, markdown],
            api_visibility="private",
            show_progress="minimal",
        )
        removal.click(
            remove,
            [chat, last],
            [chat, last, word, markdown],
            api_visibility="private",
            show_progress="minimal",
        )
        chat.clear(lambda: (None, *_no_downloads()), None, [last, word, markdown], api_visibility="private")
        page.queue(max_size=32, default_concurrency_limit=4)
        return page


def serve(library: Library, *, port: int, open_browser: bool, samples: bool) -> None:
    """Serve the page on 127.0.0.1 until interrupted.

    Raises: PageError: the port is taken.
    """
    page = build(library, samples=samples)
    print(
        tr(f"网页地址：http://127.0.0.1:{port}  （按 Ctrl+C 退出）", f"The page is at http://127.0.0.1:{port}  (Ctrl+C to stop)"),
        flush=True,
    )
    try:
        page.launch(
            server_name="127.0.0.1",
            server_port=port,
            inbrowser=open_browser,
            share=False,
            quiet=True,
            footer_links=[],
            ssr_mode=False,
            max_file_size="1mb",
            theme=gr.themes.Default(
                primary_hue="blue",
                font=["system-ui", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "sans-serif"],
                font_mono=["monospace"],
            ),
            css=_STYLE.read_text(encoding="utf-8"),
            head=f"<script>{_SCRIPT.read_text(encoding='utf-8')}</script>",
            i18n=_translations(),
        )
    except OSError as error:
        raise PageError(tr(f"端口 {port} 打不开：{error}", f"port {port} cannot be opened: {error}")) from error


def _still_without(before: _Last, question: str, filters: Filters, library: Library) -> tuple[str, ...]:
    """What was taken off the question before and must not come back with a follow-up, unless the new question names it itself."""
    if not before.without:
        return ()
    named = {chip.key for chip in understand(question, filters=filters, retriever=library.retriever).chips}
    return tuple(key for key in before.without if key != FOLLOWUP and key not in named)


def _answer(library: Library, last: _Last) -> tuple[Answer, _Last]:
    """The answer, and the question with what was understood of it."""
    answer = answer_question(library, last.question, history=last.history, filters=last.filters, without=last.without)
    keys = tuple(chip.key for chip in answer.asked.chips) if answer.asked else ()
    return answer, replace(last, keys=keys, settled=answer_html(answer, removable=False))


def _reply(content: str) -> dict[str, str]:
    return {"role": "assistant", "content": content}


def _downloads(answer: Answer) -> tuple[Any, ...]:
    """The buttons that hand out the last answer as Word and as Markdown; hidden where there is none."""
    if answer.abstained:
        return _no_downloads()
    folder = _DOWNLOADS / secrets.token_hex(8)
    folder.mkdir()
    name = tr("经验问答", "jingyan", answer.language)
    buttons = []
    for form, suffix in _FORMS.items():
        path = folder / f"{name}.{suffix}"
        path.write_bytes(render(answer, form))
        buttons.append(gr.DownloadButton(value=path, visible=True))
    return tuple(buttons)


def _no_downloads() -> tuple[Any, ...]:
    return tuple(gr.DownloadButton(visible=False) for _ in _FORMS)


@functools.cache
def _translations() -> gr.I18n:
    """The labels; the browser's language chooses."""
    chinese, english = ({key: pair[side] for key, pair in _TEXTS.items()} for side in (0, 1))
    return gr.I18n(en=english, zh=chinese, **{"zh-CN": chinese})


def _region_choices(library: Library) -> dict[str, Region]:
    """Label with article count -> region, for every region with articles and those above it, in the order of the tree."""
    articles: dict[int, Article] = {id(article): article for bulletin in library.bulletins for article in bulletin.articles}
    counts: Counter[Region] = Counter()
    for article in articles.values():
        if (region := article.region) is not None:
            above = {Region(region.province), Region(region.province, region.city), region}
            counts.update(above)
    ordered = sorted(counts, key=lambda region: (region.province, region.city or "", region.county or ""))
    return {
        f"{'　' * ((region.city is not None) + (region.county is not None))}{region.label}（{counts[region]}）": region
        for region in ordered
    }
