"""The format of a file, found from its bytes, whatever its name says; the name decides only where the bytes do not."""

import io
import re
import zipfile
from pathlib import PurePath

from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.packages import DAMAGE, check_directory
from corpus.readers.text import looks_like_text

# A format is called by one suffix. The suffixes of each, under which files of it are looked for.
_SUFFIXES = {
    ".txt": (".txt",),
    ".md": (".md", ".markdown"),
    ".csv": (".csv",),
    ".html": (".html", ".htm", ".xhtml", ".shtml"),
    ".mht": (".mht", ".mhtml", ".eml"),
    ".docx": (".docx", ".docm", ".dotx", ".dotm"),
    ".xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm"),
    ".pptx": (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    ".doc": (".doc", ".dot", ".wps", ".wpt"),
    ".xls": (".xls", ".xlt", ".xlsb", ".et", ".ett"),
    ".ppt": (".ppt", ".pps", ".pot", ".dps", ".dpt"),
    ".rtf": (".rtf",),
    ".odt": (".odt", ".ott"),
    ".ods": (".ods", ".ots"),
    ".odp": (".odp", ".otp"),
    ".ofd": (".ofd",),
    ".epub": (".epub",),
    ".pdf": (".pdf",),
    ".png": (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"),
    ".heic": (".heic", ".heif"),
    ".zip": (".zip",),
}
_FORMATS = {suffix: form for form, suffixes in _SUFFIXES.items() for suffix in suffixes}
SUFFIXES = frozenset(_FORMATS)
# What a person is told; the rest are variants of these.
SHOWN_SUFFIXES = (
    ".txt .md .docx .doc .wps .rtf .odt .pdf .ofd .html .mht .epub .xlsx .xls .et .csv .ods .pptx .ppt .dps .odp "
    ".jpg .png .tif .heic"
    " .zip"
)
WORD_2003, FLAT_OPC = ".wordml", ".flatopc"  # Word's two formats of one XML file; Word itself calls both .xml or .doc
PACKAGES = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".ofd", ".epub", ".zip"})
TEXTS = frozenset({".txt", ".md"})

# What other files are, by suffix. Documents of programs that print: their way out is a PDF. Archives: to be unpacked.
# fmt: off
_OTHER_DOCUMENTS = frozenset((
    ".ceb", ".cebx", ".caj", ".kdh", ".nh", ".pdg", ".sep", ".gd", ".djvu", ".mobi", ".azw3", ".xps", ".oxps", ".wpd", ".pages",
    ".numbers", ".key", ".vsd", ".vsdx", ".mpp", ".one", ".msg", ".dwg", ".psd", ".cdr", ".xmind", ".hwp", ".jtd", ".chm",
    ".pub",
))
# fmt: on
_OTHER_ARCHIVES = frozenset((".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".iso", ".cab", ".arj", ".lzh"))

# Signatures: bytes at an offset.
_SIGNATURES = (
    (0, b"%PDF-", ".pdf"),
    (0, b"\x89PNG\r\n\x1a\n", ".png"),
    (0, b"\xff\xd8\xff", ".png"),
    (0, b"II*\x00", ".png"),
    (0, b"MM\x00*", ".png"),
    (0, b"GIF87a", ".png"),
    (0, b"GIF89a", ".png"),
    (8, b"WEBP", ".png"),
    *((4, b"ftyp" + brand, ".heic") for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")),
)
_RTF = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,20}\{\\rtf")
_BMP = re.compile(rb"BM.{4}\x00{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00{3}", re.S)  # sizes that its header may have
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEAD = 4_096  # bytes in which a format shows
_PDF_WITHIN = re.compile(rb"%PDF-\d")  # readers accept what stands before it (ISO 32000-1, annex H.3.4.1)
_MIME = re.compile(rb"\s*+(?=[A-Za-z][A-Za-z-]{1,40}:)(?:[^\n]+\n)*?(?:mime-version:\s*+1|content-type:\s*+multipart/)", re.I)
# A page after blanks, comments and the like. Under the name of a text only what opens a whole page; else any element.
_BEFORE_ELEMENT = rb"(?>\s|<!--.{0,2000}?-->|<\?.{0,500}?\?>)*+"
_PAGE = re.compile(rb"^" + _BEFORE_ELEMENT + rb"<(?:!doctype\s+html|html|head|meta)\b", re.I | re.S)
_ELEMENT = re.compile(rb"^" + _BEFORE_ELEMENT + rb"<(?:!doctype|[a-z][a-z0-9]*)\b", re.I | re.S)
_XML_FORMATS = (
    (b"http://schemas.microsoft.com/office/word/2003/wordml", WORD_2003),
    (b"http://schemas.microsoft.com/office/2006/xmlPackage", FLAT_OPC),
    (b"urn:schemas-microsoft-com:office:spreadsheet", ".xls"),
)
# The streams of compound files (MS-CFB) by which Office, and WPS after it, know their own.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # no text has this word
_STREAMS = (("PowerPoint Document", ".ppt"), ("WordDocument", ".doc"))
_SHEET_STREAMS = ("Workbook", "Book")
_ENTRY_NAME = 64  # bytes of a name in a directory entry, whose length follows in two bytes (MS-CFB 2.6.1)
# Where Word 97 begins its file information block in most files, and its bit that says the file is encrypted (MS-DOC 2.5.2).
_FIB_AT, _FIB, _FIB_FLAGS, _FIB_ENCRYPTED = 512, b"\xec\xa5", 11, 0x1
_ODF_TYPES = {b"text": ".odt", b"spreadsheet": ".ods", b"presentation": ".odp"}
_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,7}")  # what follows the last dot of 简报2023.第7期 is none

SKIPPED = frozenset(f"corpus.readers.{code}" for code in ("other_document", "other_archive", "other_file"))


def find_format(data: bytes, *, name: str) -> str:
    """Return the format of a file, as its suffix.

    Raises: UnreadableFileError: it is encrypted, or in no format that is read.
    """
    suffix = PurePath(name).suffix.lower()
    named = _FORMATS.get(suffix, "")
    found = _find_container(data, named, name) or _find_signature(data) or _find_markup(data[:HEAD], named)
    if found == "encrypted":
        raise UnreadableFileError(Message.of("corpus.readers.encrypted", document=name))
    if found == ".zip" and named != ".zip":
        if named and named in PACKAGES:
            return named  # damaged, as its reader will say
        raise (
            _other(suffix, name)
            if suffix in _OTHER_DOCUMENTS
            else UnreadableFileError(Message.of("corpus.readers.archive", document=name))
        )
    if found:
        return found
    if named in (*TEXTS, ".csv", ".html", ".mht"):
        return named
    if looks_like_text(data) and (named or not _SUFFIX.fullmatch(suffix)):
        return ".txt"
    if not named:
        raise _other(suffix, name)
    return named


def refuse_other(head: bytes, *, name: str) -> None:
    """Refuse a file whose name is that of no format that is read, unless its first bytes show one.

    Raises: UnreadableFileError: it is such a file; the message says what to do.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in _FORMATS or _find_signature(head) or head.startswith(_OLE) or _find_markup(head, ""):
        return
    if head.startswith(_ZIP) and suffix not in _OTHER_DOCUMENTS | _OTHER_ARCHIVES:
        return
    if not _SUFFIX.fullmatch(suffix) and looks_like_text(head):
        return
    raise _other(suffix, name)


def _other(suffix: str, name: str) -> UnreadableFileError:
    shown = suffix.lstrip(".").upper() or "?"
    if suffix in _OTHER_DOCUMENTS:
        return UnreadableFileError(Message.of("corpus.readers.other_document", document=name, format=shown))
    if suffix in _OTHER_ARCHIVES:
        return UnreadableFileError(Message.of("corpus.readers.other_archive", document=name, format=shown))
    return UnreadableFileError(Message.of("corpus.readers.other_file", document=name, format=shown))


def _find_signature(data: bytes) -> str:
    for at, signature, form in _SIGNATURES:
        if data.startswith(signature, at):
            return form
    if _RTF.match(data):
        return ".rtf"
    if _BMP.match(data):
        return ".png"
    return ".pdf" if _PDF_WITHIN.search(data[:HEAD]) and b"endobj" in data else ""


def _find_markup(head: bytes, named: str) -> str:
    """Return the format of a text with markup, "" for another; UTF-16 is looked at as if it were ASCII."""
    head = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")
    if head.lstrip().startswith(b"<"):
        for namespace, form in _XML_FORMATS:
            if namespace in head:
                return form
    if _MIME.match(head):
        return ".mht"
    is_page = _PAGE if named in TEXTS or not named else _ELEMENT
    return ".html" if is_page.match(head) else ""


def _find_container(data: bytes, named: str, name: str) -> str:
    if data.startswith(_OLE):
        return _find_in_compound_file(data, named, name)
    if data.startswith(_ZIP):
        check_directory(data, name=name)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                return find_in_zip(package)
        except DAMAGE:
            return ".zip"
    return ""


def find_in_zip(package: zipfile.ZipFile) -> str:
    """Return the format of a zip file: that of the document that it is, or `.zip`."""
    paths = set(package.namelist())
    if "OFD.xml" in paths:
        return ".ofd"
    if "META-INF/container.xml" in paths:
        return ".epub"
    if "[content_types].xml" in {path.lower() for path in paths}:
        folders = {path.replace("\\", "/").partition("/")[0] for path in paths}
        if "xl/workbook.bin" in paths:
            return ".xls"  # binary parts, which only an office program reads
        for folder, form in (("word", ".docx"), ("xl", ".xlsx"), ("ppt", ".pptx")):
            if folder in folders:
                return form
    if "mimetype" in paths and "content.xml" in paths:
        with package.open("mimetype") as part:
            kind = part.read(HEAD)
        return next((form for word, form in _ODF_TYPES.items() if b"opendocument." + word in kind), ".zip")
    return ".zip"


def _find_in_compound_file(data: bytes, named: str, name: str) -> str:
    """Return the format of a compound file. Those embedded in it have the same streams: where it holds two, its name decides.

    Raises: UnreadableFileError: it has none of these streams.
    """
    if _ENCRYPTED_STREAM in data:
        return "encrypted"
    found = [form for stream, form in _STREAMS if has_stream(data, stream)]
    found += [".xls"] * any(has_stream(data, stream) for stream in _SHEET_STREAMS)
    block = data[_FIB_AT : _FIB_AT + _FIB_FLAGS + 1]
    if found[:1] == [".doc"] and len(block) > _FIB_FLAGS and block.startswith(_FIB) and block[_FIB_FLAGS] & _FIB_ENCRYPTED:
        return "encrypted"
    if named in found:
        return named
    if found:
        return found[0]
    suffix = PurePath(name).suffix.lstrip(".").upper()
    raise UnreadableFileError(Message.of("corpus.readers.damaged_office", document=name, format=suffix))


def has_stream(data: bytes, stream: str) -> bool:
    """Return whether a directory entry bears that name. Read so, it is found even where the file is damaged elsewhere."""
    encoded = stream.encode("utf-16-le")
    return encoded.ljust(_ENTRY_NAME, b"\x00") + (len(encoded) + 2).to_bytes(2, "little") in data
