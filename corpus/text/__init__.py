"""Text without the structure of bulletins: normalization, sentences, numerals."""
