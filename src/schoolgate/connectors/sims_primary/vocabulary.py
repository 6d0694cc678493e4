"""The source's words for a thing, and what they mean: one word, however schools spell it.

Words are compared by their letters and numbers, without regard to case, spaces and punctuation between them:
"Y3", "y 3" and "Y-3" are one word, "Y1/2" is another than "Y12".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PIECES = re.compile(r"[^\W\d_]+|\d+")
_YEAR = frozenset({"y", "yr", "year"})
_LONGEST = 40
"""A word is short; what is longer names something else."""


def folded(word: str) -> str:
    """A word as words are compared: its pieces of letters and of numbers, numbers without leading noughts."""
    pieces = _PIECES.findall(word.casefold())
    return " ".join(each.lstrip("0") or "0" if each.isdigit() else each for each in pieces)


class Vocabulary:
    """A table of words and their meanings."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Fold the table once."""
        self._meanings = {folded(word): meaning for word, meaning in words.items()}

    def meaning(self, said: object) -> str:
        """What a word means; empty for one that is not known, and for what is no word."""
        return self._meanings.get(folded(said), "") if isinstance(said, str) else ""


def nc_year_of(said: str, years: Vocabulary) -> str:
    """The National Curriculum Year that a year group's name means; empty where it is not known.

    "Y3", "Year 3", "Yr 03" and "3" are all year 3; what else means a year stands among the words.
    """
    known = years.meaning(said)
    if known:
        return known
    first, _, rest = folded(said).partition(" ")
    return years.meaning(rest) if first in _YEAR else ""


def as_told(said: object) -> str:
    """A word as it may be shown to an officer: short, on one line; empty for what is no word."""
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return ""
    text = " ".join(
        "".join(each if each.isprintable() else " " for each in str(said)[: 2 * _LONGEST]).split()
    )
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
