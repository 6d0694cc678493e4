"""Unique Pupil Numbers: thirteen characters with a check letter in front.

The rule is the Department's: characters 2 to 13 times 2, 3 ... 13, summed,
modulo 23, index into an alphabet without I, O and S. A temporary number ends
in a letter of that alphabet, which counts by its place in it.
"""

from __future__ import annotations

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_BODY = 12


def check_letter(body: str) -> str:
    """Give the check letter of the twelve characters that follow it."""
    if len(body) != _BODY:
        message = "a UPN has twelve characters after its check letter"
        raise ValueError(message)
    total = 0
    for weight, character in enumerate(body, start=2):
        value = int(character) if character.isdigit() else LETTERS.index(character)
        total += weight * value
    return LETTERS[total % 23]


def permanent(*, la: int, establishment: int, year: int, serial: int) -> str:
    """Make a permanent UPN; year is four digits, serial 0 to 999."""
    body = f"{la:03d}{establishment:04d}{year % 100:02d}{serial:03d}"
    return check_letter(body) + body


def temporary(*, la: int, establishment: int, year: int, serial: int) -> str:
    """Make a temporary UPN from a serial of 0 to 2299: two digits and a letter."""
    letter = LETTERS[serial // 100]
    body = f"{la:03d}{establishment:04d}{year % 100:02d}{serial % 100:02d}{letter}"
    return check_letter(body) + body
