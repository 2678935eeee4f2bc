"""Word files: .docx, and its kin with macros and for templates, read part by part.

What a reader of the printed file sees of its body is the text: automatic numbers, inserted text, notes and text boxes are in it;
deleted and struck-out text, comments, headers and footers are not, but for a masthead that stands in a header. Headings and bold
runs bear Markdown's marks, which the parser takes out; each row of a table is a line, its cells parted by tabs.
"""

from collections.abc import Callable

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers import scan
from corpus.readers.marks import PAGE, compose
from corpus.readers.wordprocessing.body import Body
from corpus.readers.wordprocessing.package import Package
from corpus.readers.wordprocessing.shapes import LeftOutKind

READER = "word-2"

_PROPERTIES = "extended-properties"


def read_word(data: bytes, *, name: str, on_page: Callable[[int], None] = lambda number: None) -> ExtractedText:
    """Read a .docx file, or one of its kin: .docm, .dotx, .dotm.

    Args: on_page: called with the number of each picture read.
    Raises: UnreadableFileError: it is no such file, is damaged, unpacks to more than a bulletin can hold, or holds nothing but
        pictures, for which OCR is not installed.
    """
    package = Package(data, name=name)
    body = Body(package, name=name, on_page=on_page)
    blocks = body.read()
    if not blocks and body.pictures.unread:
        raise UnreadableFileError(scan.not_installed_message(name))
    text = "\n\n".join(blocks)
    if not _knows_pages(package, text.count(PAGE), by_hand=body.runs.page_breaks):
        text = text.replace(PAGE, "")
    # The first page begins without such a mark.
    text = (PAGE if PAGE in text else "") + text + "\n"
    reader = f"{READER}+{scan.READER}" if body.pictures.read else READER
    return compose(text, reader=reader, warnings=tuple(_warnings(body)))


def _knows_pages(package: Package, breaks: int, *, by_hand: int) -> bool:
    """Return whether the page breaks in a file are those of its last print: as many as it says it has pages, and all set by hand.

    Word notes where pages ended when it last laid the file out. Other programs keep these notes as they are while they change the
    text, and do not write any of their own.
    """
    properties = package.parse(package.find_related("", _PROPERTIES))
    pages = properties.findtext("{*}Pages") if properties is not None else None
    return by_hand <= breaks and pages is not None and pages.strip() == str(breaks + 1)


def _warnings(body: Body) -> list[Message]:
    """Return what a reader of the text should know: what was read by OCR, and what was not read."""
    warnings = []
    if body.pictures.read:
        warnings.append(Message.of("corpus.readers.pictures_by_ocr", count=body.pictures.read))
    if body.pictures.unread and scan.is_installed():
        warnings.append(Message.of("corpus.readers.pictures_not_readable", count=body.pictures.unread))
    elif body.pictures.unread:
        warnings.append(Message.of("corpus.readers.pictures_not_read", count=body.pictures.unread))
    if left_out := tuple(_left_out(what, count) for what, count in sorted(body.left_out.items()) if count):
        warnings.append(Message.of("corpus.readers.left_out", what=left_out))
    return warnings


def _left_out(what: LeftOutKind, count: int) -> Message:
    match what:
        case "struck":
            return Message.of("corpus.readers.left_out_struck", count=count)
        case "charts":
            return Message.of("corpus.readers.left_out_charts", count=count)
        case "equations":
            return Message.of("corpus.readers.left_out_equations", count=count)
        case "embedded":
            return Message.of("corpus.readers.left_out_embedded", count=count)
