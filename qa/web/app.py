"""The Gradio application: a chat over one library, its filters, and examples."""

import functools
import os
from collections import Counter
from pathlib import Path
from typing import Any

# Before gradio is imported: it reports its use to its makers otherwise, and looks for newer versions of itself.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

from corpus.document import Article
from corpus.errors import JingyanError, PageError
from corpus.language import tr
from corpus.regions import Region
from index.retriever import Filters
from index.storage import Library
from qa.pipeline import answer_question
from qa.web.html import answer_html, notice_html, question_html

_STYLE = Path(__file__).with_name("style.css")
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
}


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
            height="48vh",
            latex_delimiters=[],
            buttons=["copy"],
            feedback_options=None,
            group_consecutive_messages=False,
        )
        asked = gr.State([])
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
            question: str, region: list[str], year: list[str], names: list[str], messages: list[Any], earlier: list[str]
        ) -> tuple[Any, ...]:
            if not question.strip():
                return messages, earlier, ""
            filters = Filters(tuple(choices[label] for label in region), tuple(int(one) for one in year), tuple(names))
            try:
                reply = answer_html(answer_question(library, question, history=earlier, filters=filters))
                earlier = [*earlier, question]
            except JingyanError as error:
                reply = question_html(str(error))
            shown = question if len(question) <= 500 else question[:500] + "……"
            turns = [{"role": "user", "content": question_html(shown)}, {"role": "assistant", "content": reply}]
            return [*messages, *turns], earlier, ""

        gr.on(
            [box.submit, send.click],
            ask,
            [box, regions, years, series, chat, asked],
            [chat, asked, box],
            api_visibility="private",
            show_progress="minimal",
        )
        chat.clear(lambda: [], None, asked, api_visibility="private")
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
            i18n=_translations(),
        )
    except OSError as error:
        raise PageError(tr(f"端口 {port} 打不开：{error}", f"port {port} cannot be opened: {error}")) from error


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
