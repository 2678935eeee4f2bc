"""The record of a character and where it stands on a page, for formats that place single characters: PDF and OFD."""

from dataclasses import dataclass


@dataclass(slots=True)
class Glyph:
    """One character: its edges and baseline in points from the page's top left corner, its size, its font.

    `lightness` is that of its ink, from 0 (black) to 1 (white). What lies unseen under a picture is doubtful: a scanner's guess.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    font: str
    lightness: float = 0.0
    is_doubtful: bool = False
