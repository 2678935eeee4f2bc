"""The sounds of words and names."""

from index.query.phonetics import reading, spell


def test_names_are_spelled_as_words_and_not_character_by_character() -> None:
    """Also after characters alone were read, for which pypinyin leaves its phrases aside."""
    assert reading("重") == "zhòng"
    assert [spell(name) for name in ("重庆", "厦门", "长汀", "六安")] == ["chongqing", "xiamen", "changting", "luan"]
