"""What is kept on disk of a library, and how it is built."""
