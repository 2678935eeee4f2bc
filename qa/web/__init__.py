"""The page in the browser. The only package that imports gradio, and tempdir before it."""

from qa.web.security import tempdir as tempdir  # sets where gradio puts its files

# isort: split
from qa.web.app import ServerOptions, serve
from qa.web.pages.settings import chosen_library, remember_libraries
from qa.web.state import LibraryState

__all__ = ["LibraryState", "ServerOptions", "chosen_library", "remember_libraries", "serve"]
