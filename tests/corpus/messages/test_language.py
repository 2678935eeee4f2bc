"""The language of messages: the system's, or the one a reader has chosen."""

import pytest

from corpus.messages.language import speaking, tr, user_language


def test_within_a_readers_language_messages_are_in_it_and_afterwards_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "en")
    with speaking("zh"):
        assert tr("文件", "file") == "文件"
        with speaking("en"):
            assert tr("文件", "file") == "file"
        assert user_language() == "zh"
    assert tr("文件", "file") == "file"
    with pytest.raises(ZeroDivisionError), speaking("zh"):
        raise ZeroDivisionError
    assert user_language() == "en"
