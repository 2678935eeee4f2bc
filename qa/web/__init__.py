"""The page. The only place that imports gradio, and scratch before it."""

from qa.web import scratch as scratch  # first: it tells gradio where to put its files
from qa.web.app import serve
from qa.web.settings import chosen_library
from qa.web.shelf import Shelf

__all__ = ["Shelf", "chosen_library", "serve"]
