"""Text as it is compared where case, accents, spaces, hyphens and apostrophes don't matter.

"O'Neill-Bay", "o neill bay" and "ONeill-Bay" fold to one text, and so do "Zoë" and "Zoe". Spelling is not
forgiven: one letter too many stays one letter too many.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LAST_ACCENT = "\u036f"
_LETTERS = str.maketrans(
    {
        "\u0142": "l",
        "\u00f8": "o",
        "\u0111": "d",
        "\u00f0": "d",
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u00fe": "th",
    }
)
"""Letters that no decomposition takes apart: l and d with stroke, o with slash, eth, ae, oe, thorn."""


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """The text's letters and digits only, without case and accents."""
    if text.isascii():
        return "".join(filter(str.isalnum, text.lower()))
    # Taken apart first: a letter drawn bold has no case before. And again: a folded case may have accents.
    lower = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", lower).translate(_LETTERS)
    return "".join(letter for letter in decomposed if letter.isalnum() or _is_vowel_sign(letter))


def _is_vowel_sign(letter: str) -> bool:
    """Marks of other scripts spell the word; only the accents of European ones are let go."""
    return letter > LAST_ACCENT and unicodedata.category(letter).startswith("M")
