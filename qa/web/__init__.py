"""The page. The only place that imports gradio."""

from qa.web.app import serve

__all__ = ["serve"]
