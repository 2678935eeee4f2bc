"""What the head of a page says of it: title, who publishes, date, address. Each is None rather than wrong."""

import contextlib
import datetime
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from corpus.document import Metadata
from corpus.readers.page_furniture import WORDS

# Names of meta elements, in the order of trust: those of government sites (政府网站发展指引 of 2017), Open Graph,
# Dublin Core.
_TITLES = ("articletitle", "og:title", "twitter:title", "dc.title")
_DATES = (
    "pubdate",
    "article:published_time",
    "publishdate",
    "datepublished",
    "og:published_time",
    "dc.date",
    "pubtime",
    "publish-date",
)
_SOURCES = ("contentsource", "source", "mediaid", "dc.publisher")
_SITES = ("og:site_name", "sitename", "dc.source")
_SAVED = re.compile(r"saved from url=\(\d+\)(\S+)")  # what browsers write above a page that they save
_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*+[-年/.]\s*+(\d{1,2})\s*+[-月/.]\s*+(\d{1,2})(?!\d)")
_SOURCE = re.compile(
    r"(?:来\s*+源(?:于|单位)?|发布(?:机构|单位)|稿源|供稿(?:单位)?)\s*+[:：]\s*+([^\s|｜:：【】\[\]（）()，。]{2,30})"
)
_SOURCE_KEY = re.compile(r"^(?:信息|文章)?来\s*+源\s*+[:：]")
_BYLINE_DATE = re.compile(
    r"(?:发布|发表|更新|录入|添加|创建|信息|上传|发稿)?(?:时间|日期)\s*+[:：]?\s*+((?:19|20)\d{2}\s*+[-年/.]\s*+\d{1,2}\s*+[-月/.]\s*+\d{1,2})"
)
_NO_SOURCE = frozenset(WORDS["no_source"])
_ADDRESS = re.compile(r"^https?://[^\s<>\"]{4,2000}$")
_GAPS = re.compile(r"(?:(?<!\s)\s++)?[_|｜＿–—－]+\s*+|(?<!\s)\s++-++\s++|(?<=[一-鿿”》）])-+(?=[一-鿿])")
_CHINESE = re.compile(r"[一-鿿]")
_MIN_CHINESE = 4  # characters of a title
_SITE = re.compile(r"网$|网站|平台$|门户|首页|欢迎|系统$|^(?:无标题|新建|未命名|文档|网页)|详情$|正文$|频道$")
_MAX_LD = 200_000  # characters of JSON-LD; a page's own is some thousand


class Head:
    """The head of a page, read once."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._meta: dict[str, str] = {}
        for meta in root.iter("meta"):
            name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
            content = " ".join((meta.get("content") or "").split())
            if name and content:
                self._meta.setdefault(name, content)
        self._linked = list(_linked_data(root))

    def titles(self) -> list[str]:
        """Return the titles that are declared, the surest first."""
        shown = self._shown_title()
        found = [self._meta.get(name) for name in _TITLES]
        found += [_text(record.get("headline")) for record in self._linked]
        pieces = _GAPS.split(shown)
        found += [shown, *(piece for piece in (pieces[0], pieces[-1]) if not _SITE.search(piece))]
        return list(dict.fromkeys(title for title in found if title))

    def metadata(self, *, title: str | None, bylines: Iterable[str]) -> Metadata:
        """Return what the page says of itself.

        Args: title: the title found in the text; bylines: the lines below it.
        """
        lines = "\n".join(bylines)
        named = [self._meta.get(name) for name in _TITLES[:2]] + [_text(record.get("headline")) for record in self._linked]
        declared = next((name for name in named if name), None) or self._title_of_tab()
        return Metadata(title or declared, self._publisher(lines), self._date(lines), self._url())

    def _shown_title(self) -> str:
        element = self._root.find(".//title")
        return " ".join(element.text_content().split()) if element is not None else ""

    def _title_of_tab(self) -> str | None:
        """Return the title in the browser's tab, unless it names the site."""
        name = _GAPS.split(self._shown_title())[0].strip()
        return name if len(_CHINESE.findall(name)) >= _MIN_CHINESE and not _SITE.search(name) else None

    def _publisher(self, lines: str) -> str | None:
        stated = [self._meta.get(name) for name in _SOURCES[:2]]
        stated += [match[1] for match in _SOURCE.finditer(lines)]
        stated += [self._meta.get(name) for name in _SOURCES[2:]]
        stated += [_text(record.get("publisher")) for record in self._linked]
        stated += [self._root.findtext(".//*[@id='js_name']")]  # the account of a WeChat article
        stated += [self._meta.get(name) for name in _SITES]
        names = (_SOURCE_KEY.sub("", name).strip() for name in stated if name)
        return next((name for name in names if name and name not in _NO_SOURCE and not _ADDRESS.match(name)), None)

    def _date(self, lines: str) -> datetime.date | None:
        stated = [self._meta.get(name) for name in _DATES]
        stated += [_text(record.get("datePublished")) for record in self._linked]
        stated += [match[1] for match in _BYLINE_DATE.finditer(lines)]
        stated += [lines]
        return next((date for text in stated if text and (date := _read_date(text))), None)

    def _url(self) -> str | None:
        saved = [_SAVED.search(comment.text or "") for comment in self._root.getroottree().xpath("//comment() | /comment()")[:20]]
        stated = [match[1] for match in saved if match]
        stated += [link.get("href") for link in self._root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
        stated += [self._meta.get("og:url"), self._meta.get("url")]
        return next((url for url in stated if url and _ADDRESS.match(url)), None)


def _linked_data(root: Any) -> Iterator[dict[str, Any]]:
    """Yield the records of a page's JSON-LD that are articles."""
    for script in root.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json" or len(script.text or "") > _MAX_LD:
            continue
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(script.text or "")
            graph = found.get("@graph", [found]) if isinstance(found, dict) else found
            for record in graph if isinstance(graph, list) else []:
                if isinstance(record, dict) and ("headline" in record or "datePublished" in record):
                    yield record


def _text(value: Any) -> str | None:
    """Return a value of JSON-LD as text: itself, or the name of what it describes."""
    if isinstance(value, dict):
        value = value.get("name")
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _read_date(text: str) -> datetime.date | None:
    for match in _DATE.finditer(text):
        with contextlib.suppress(ValueError):
            return datetime.date(int(match[1]), int(match[2]), int(match[3]))
    return None
