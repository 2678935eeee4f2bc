"""Text -> Bulletin: the kinds of lines, and the starts of articles, sections and points."""
