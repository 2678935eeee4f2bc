"""Bulletin files -> Bulletin -> Passage. Knows nothing of index/ or qa/."""

import os

# onnxruntime, which the contextual encoder and OCR need, would count its uses in a file of its own and send them, were it not
# told otherwise before it is loaded. Every package of the program imports this one first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
