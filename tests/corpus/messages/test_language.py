"""The language of messages: the system's, or the one a reader has chosen."""

import pytest

from corpus.messages.language import tr, use_language, user_language


def test_within_a_readers_language_messages_are_in_it_and_afterwards_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "en")
    with use_language("zh"):
        assert tr("文件", "file") == "文件"
        with use_language("en"):
            assert tr("文件", "file") == "file"
        assert user_language() == "zh"
    assert tr("文件", "file") == "file"
    with pytest.raises(ZeroDivisionError), use_language("zh"):
        raise ZeroDivisionError
    assert user_language() == "en"
