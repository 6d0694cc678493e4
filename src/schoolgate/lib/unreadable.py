"""Characters that no kept text can hold: NUL, and half of a surrogate pair.

A database refuses them outright. Whoever sends one in a question has asked for what nothing can be called,
so it is answered like any other question that finds nothing.
"""

from __future__ import annotations

import re

UNREADABLE = "\ufffd"
"""Stands where a character could not be read; decoders put it there for broken bytes, too."""

_NO_CHARACTERS = re.compile("[\x00\ud800-\udfff]")


def made_readable(text: str) -> str:
    """The text with ``UNREADABLE`` in the place of each character that can't be kept."""
    return _NO_CHARACTERS.sub(UNREADABLE, text)


def is_readable(text: str) -> bool:
    """Whether every character was one; a text in which one was not is the name of nothing."""
    return UNREADABLE not in made_readable(text)
