"""Text -> Bulletin: what each line is, where articles, sections and points begin."""
