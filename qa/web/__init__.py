"""The page. The only place that imports gradio, and tempdir before it."""

from qa.web.security import tempdir as tempdir  # it tells gradio where to put its files

# isort: split
from qa.web.app import serve
from qa.web.pages.settings import chosen_library
from qa.web.state import LibraryState

__all__ = ["LibraryState", "chosen_library", "serve"]
