"""The names of transfer files: sender, type, receiver, running number.

The pattern is the Common Transfer File's, the type letters are the product's own.  A name is for
people and folders; a file is recognised by its content.
"""

from __future__ import annotations

import re

TYPE_LETTERS = "CES"
"""A school's message to its authority, as One Education names it; not a type of the CTF."""
ANY_ESTABLISHMENT = "LLLL"
"""Stands for the establishment number where the receiver is an authority."""
HIGHEST_NUMBER = 999

_BASE = re.compile(r"[0-9A-Z]{7}")
_AUTHORITY = re.compile(r"[0-9A-Z]{3}")


def file_name(*, base: str, authority: str, number: int) -> str:
    """Name a base's file to its authority, for example ``8201079_CES_820LLLL_005.xml``.

    ``number`` counts the base's files from 1; the three digits wrap from 999 to 001.  Refuses with
    ValueError a base that is not LA and establishment, an authority that is not three characters,
    and a number below 1.
    """
    if not _BASE.fullmatch(base):
        raise ValueError("a base is written as LA and establishment, seven characters")
    if not _AUTHORITY.fullmatch(authority):
        raise ValueError("an authority is written as three characters")
    if number < 1:
        raise ValueError("files are counted from 1")
    shown = (number - 1) % HIGHEST_NUMBER + 1
    return f"{base}_{TYPE_LETTERS}_{authority}{ANY_ESTABLISHMENT}_{shown:03}.xml"
