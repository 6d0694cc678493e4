"""The unique pupil number: 13 characters whose first checks the others.

Check letter, authority (3 digits), establishment (4), year (2), serial (3); a temporary number ends
in a letter after a serial of two digits. Characters 2 to 13 are multiplied by 2 to 13 and summed;
the remainder by 23 picks the letter, of an alphabet without I, O and S. Source: the department's
UPN guide. Whether the authority exists is another question, asked with ``is_known_authority``.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from operator import mul

from schoolgate.codes.registry import code_set

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_FORM = re.compile(rf"[{LETTERS}][0-9]{{11}}[0-9{LETTERS}]")
_LENGTH = 13
_PLACES = range(2, _LENGTH + 1)
_WORTH = {each: int(each) if each.isdecimal() else LETTERS.index(each) for each in "0123456789" + LETTERS}


class UpnProblem(Enum):
    """What is wrong with a UPN; the value is a sentence for the officer."""

    LENGTH = "A UPN has 13 characters."
    FORM = "A UPN is a letter, eleven digits, and a digit or a letter; I, O and S are never used."
    CHECK_LETTER = "The first letter of the UPN does not fit its other characters."


def check_upn(upn: str) -> UpnProblem | None:
    """Find what is wrong with a UPN, written in capitals without spaces; ``None`` when nothing is."""
    if len(upn) != _LENGTH:
        return UpnProblem.LENGTH
    if not _FORM.fullmatch(upn):
        return UpnProblem.FORM
    return None if upn[0] == check_letter(upn[1:]) else UpnProblem.CHECK_LETTER


def check_letter(rest: str) -> str:
    """The check letter that belongs before the twelve other characters of a UPN."""
    return LETTERS[sum(map(mul, _PLACES, map(_WORTH.__getitem__, rest))) % len(LETTERS)]


@lru_cache(maxsize=4096)
def as_key(text: str) -> str:
    """The UPN by which a pupil can be recognised: in capitals, without spaces, checked; else nothing.

    So "UNKNOWN", noughts and a number with a slip in it recognise nobody: what stands for "we have none" at
    one school does at the next, and would make one child of two. A row of one digit is such a word too,
    though its check letter may fit.
    """
    upn = "".join(text.split()).upper()
    return upn if check_upn(upn) is None and len(set(upn[1:])) > 1 else ""


def is_temporary(upn: str) -> bool:
    """Whether the number is a good one, given for the time being, which will be replaced."""
    return as_key(upn)[-1:].isalpha()


def is_permanent(upn: str) -> bool:
    """Whether the number is a good one, and the pupil's for good."""
    return as_key(upn)[-1:].isdigit()


def is_known_authority(upn: str) -> bool:
    """Whether the number names an authority we know; only ever a reason to look twice."""
    return code_set("la_codes").has(upn[1:4])
