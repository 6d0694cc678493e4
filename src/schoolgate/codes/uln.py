"""The unique learner number: ten digits whose last checks the others.

The first nine digits are multiplied by 10 down to 2 and summed; the remainder by 11 may not be 0,
and ten less the remainder is the last digit. Source: Common Basic Data Set, item 100016.
"""

from __future__ import annotations

import re
from enum import Enum

_FORM = re.compile(r"[1-9][0-9]{9}")


class UlnProblem(Enum):
    """What is wrong with a ULN; the value is a sentence for the officer."""

    FORM = "A ULN is ten digits, the first not nought."
    CHECK_DIGIT = "The last digit of the ULN does not fit the others."


def check_uln(uln: str) -> UlnProblem | None:
    """Find what is wrong with a ULN, written without spaces; ``None`` when nothing is."""
    if not _FORM.fullmatch(uln):
        return UlnProblem.FORM
    remainder = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), uln, strict=False)) % 11
    return None if remainder and uln[9] == str(10 - remainder) else UlnProblem.CHECK_DIGIT
