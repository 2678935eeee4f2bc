"""Every error that a user can cause, drawn as a tree. Each message names the file, the line and the cause.

JingyanError
├── UnreadableFileError     a file that cannot be opened, or holds no text
├── BulletinParseError      a text that is no bulletin
├── RegionTableError        a malformed row in a regions.csv
├── LibraryError            a library folder that is missing, unreadable or empty
├── EditError               a correction that cannot be made, or a record of them that is damaged
├── EncoderError            an encoder that is missing, damaged or not installed
├── StorageError            an index that cannot be written or trusted
├── QuestionError           an empty or oversized question, or a bad line of a batch
├── OutputError             an answer that cannot be written
├── BusyError               a question that is turned away while too many wait
├── GivenUpError            work whose time is over, or whose client has gone
├── AccountError            a malformed file of accounts, or a name or password that will not do
└── PageError               the page cannot be served: the port is in use, a package is missing, or others could enter
"""

from corpus.messages.message import Message


class JingyanError(Exception):
    """Base of all errors that are meant for users.

    `message` says what is wrong; `str(error)` puts it into words in the language of whoever reads it. A sentence given in place
    of a message stays as it is in every language.
    """

    def __init__(self, message: Message | str) -> None:
        super().__init__(message)
        self.message = message if isinstance(message, Message) else Message.of("corpus.messages.sentence", text=message)

    def __str__(self) -> str:
        return str(self.message)


class UnreadableFileError(JingyanError):
    pass


class BulletinParseError(JingyanError):
    pass


class RegionTableError(JingyanError):
    pass


class LibraryError(JingyanError):
    pass


class EditError(JingyanError):
    pass


class EncoderError(JingyanError):
    pass


class StorageError(JingyanError):
    pass


class QuestionError(JingyanError):
    pass


class OutputError(JingyanError):
    pass


class BusyError(JingyanError):
    """`seconds`: after so long it may be asked again."""

    def __init__(self, message: Message | str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class GivenUpError(JingyanError):
    pass


class AccountError(JingyanError):
    pass


class PageError(JingyanError):
    pass
