"""What an address or a form asks for by number: anything else counts as not asked for."""

from __future__ import annotations

from collections.abc import Iterable

LARGEST = 2**63 - 1
"""The largest id that the database can hold, and so look for."""
_LONGEST = len(str(LARGEST))


def number(text: str) -> int | None:
    """An id or the number of a page; ``None`` for what is no number, or larger than any id."""
    if len(text) > _LONGEST or not text.isdecimal():
        return None
    found = int(text)
    return found if found <= LARGEST else None


def numbers(texts: Iterable[str]) -> set[int]:
    """Each of many, as ticked boxes send them."""
    return {found for text in texts if (found := number(text)) is not None}
