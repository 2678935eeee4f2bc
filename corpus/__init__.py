"""Bulletin files -> Bulletin -> Passage. Knows nothing of index/ or qa/."""
