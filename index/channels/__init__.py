"""The ways in which a query finds passages: BM25, dense vectors, late interaction, and their fusion."""
