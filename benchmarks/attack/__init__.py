"""The program attacked on its own machine: hostile texts, requests, files and records.

Each module here but `campaigns`, which names them, is one campaign. Its `run(share, seed)` makes its own library in a temporary
folder, attacks, and returns figures; a key that begins with `failed` counts what did not hold, 0 when all is well. `share` is the
part of the full numbers to do.
"""
