"""Text as it is compared, looked for and sorted where case, accents, spaces and signs don't matter.

"O'Neill-Bay", "o neill bay" and "ONeill-Bay" fold to one text, and so do "Zoë" and "Zoe", "Łukasz" and
"Lukasz", "Ħamrun" and "Hamrun". Spelling is not forgiven: one letter too many stays one letter too many.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_ACCENTS = re.compile(
    "["
    "\u0300-\u036f"  # of Latin, Greek and Cyrillic letters
    "\u0483-\u0489"  # of old Cyrillic
    "\u1ab0-\u1aff\u1dc0-\u1dff"  # more of the first
    "\u20d0-\u20ff"  # circles and bars round or through a letter
    "\ufe00-\ufe0f\U000e0100-\U000e01ef"  # which drawing of a letter is meant
    "\ufe20-\ufe2f"  # halves of an accent over two letters
    "]"
)
"""Marks that are let go. Those of other scripts spell the word, as vowels do, and stay."""

_SIGNS = re.compile("[\u02b9-\u02ff\u0559\u0640\u07f4\u07f5\ua788-\ua78c]")
"""Apostrophes, accents that stand alone and strokes that Unicode counts as letters; U+02BC is typed."""

_LETTERS = {
    "ı": "i", "ȷ": "j", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d", "ŋ": "n", "ĸ": "k",  # noqa: RUF001
    "ƿ": "w", "ȝ": "y", "ʒ": "z", "ə": "e", "ǝ": "e", "ɛ": "e", "ɣ": "g", "ɩ": "i", "ɔ": "o",  # noqa: RUF001
    "ɵ": "o", "ʉ": "u", "ʊ": "u", "ʃ": "s", "ɑ": "a", "ɡ": "g", "ȣ": "ou", "ƕ": "hv", "ȸ": "db", "ȹ": "qp",  # noqa: RUF001
}  # fmt: skip
"""Letters of European and African languages that are written with another where a keyboard lacks them."""

_WITH_STROKE = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH ")
"""What Unicode calls ł ø đ ħ ŧ ƶ ɖ ɓ ǥ and their like: a letter with something that can't be taken off it."""

_BLOCKS = ((0x00DF, 0x0250), (0x0250, 0x02B0), (0x1D00, 0x1DC0), (0x2C60, 0x2C80), (0xA720, 0xA800))
"""Where Unicode keeps Latin letters beyond ASCII, apart from those that can be taken apart."""

_BREAK = re.compile(r"[\s\u002d\u2010-\u2015\u2212\ufe58\ufe63\uff0d,;:/&+()_]+")
"""What stands between words of a name. Full stops and apostrophes stand within one: St. Mary's."""


def _letters() -> Iterator[tuple[int, str]]:
    for first, end in _BLOCKS:
        for place in range(first, end):
            named = _WITH_STROKE.match(unicodedata.name(chr(place), ""))
            if named is not None and not unicodedata.decomposition(chr(place)):
                yield place, named[1].lower()
    yield from ((ord(letter), plain) for letter, plain in _LETTERS.items())


_PLAIN = dict(_letters())


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """The text's letters and digits only, without case, accents and what keyboards lack."""
    if text.isascii():
        lower = text.lower()
        return lower if lower.isalnum() else "".join(filter(str.isalnum, lower))
    # Taken apart first: a letter drawn bold has no case before. And again: a folded case may have accents.
    lower = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = _ACCENTS.sub("", _SIGNS.sub("", lower)).translate(_PLAIN)
    kept = "".join(letter for letter in plain if letter.isalnum() or _is_vowel_sign(letter))
    return unicodedata.normalize("NFKD", kept)  # marks that a sign kept apart stand in their order again


def _is_vowel_sign(letter: str) -> bool:
    """Marks of other scripts; the accents of European ones are gone by now."""
    return unicodedata.category(letter).startswith("M")


@lru_cache(maxsize=20_000)
def sort_key(text: str) -> str:
    """What a name is sorted by, as people sort: word by word, each folded, nothing before something.

    To be compared by code points (``COLLATE "C"``), so that every server sorts alike: de Silva stands
    among the D, Émile among the E, O'Neill where ONeill would, St Mary's before Stanley.
    """
    if text.isalnum():  # most names are one word
        return fold(text)
    return " ".join(folded for word in _BREAK.split(text) if (folded := fold(word)))
