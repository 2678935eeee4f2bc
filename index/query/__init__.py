"""Query text -> terms, synonyms, translations."""
