"""The training of index/reader_model, which reads a question and a passage together."""
