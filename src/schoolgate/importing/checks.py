"""Checks a block's values against the code sets, and its UPN's check letter.

An unknown code refuses its whole block: the items of a group belong together, and half a group in the
register would be a statement nobody made. Whether a code is still in use on a day is not asked here;
a history rightly holds codes that have ended.

A UPN whose check letter is wrong lands, with a warning: schools do hold such UPNs, matching needs what
the school holds, and only the school can correct it. So does a birth in the future or before 1900: the rest
of the particulars is as good as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

import msgspec

from schoolgate.codes.registry import code_set
from schoolgate.codes.upn import as_key
from schoolgate_message.blocks import Content, Row, Value, canonical_bytes
from schoolgate_message.items import DataGroup, ItemType
from schoolgate_message.values import LOST

UNKNOWN_CODE = "item.unknown_code"
LOST_CHARACTER = "item.lost_character"
FIRST_BIRTH = "1900-01-01"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a block cannot land: the item, a stable code, one sentence without the value, a remedy."""

    item: str
    code: str
    sentence: str
    remedy: str


WRONG_UPN = Refusal(
    item="upn",
    code="item.invalid_upn",
    sentence="The UPN does not pass its check: a character or its check letter is wrong.",
    remedy="Ask the school to correct the UPN.",
)
BIRTH_OUT_OF_TIME = Refusal(
    item="date_of_birth",
    code="item.birth_out_of_time",
    sentence="The date of birth lies in the future, or before 1900.",
    remedy="Ask the school to correct the date of birth.",
)
"""What lands all the same, with a warning."""

UPN_HELD = Refusal(
    item="upn",
    code="item.upn_held",
    sentence="Identifiers: the UPN is another pupil's in the register.",
    remedy="Ask the school to check the UPN, or correct the UPN of the pupil who holds it.",
)
"""A UPN that somebody holds is never written to a second pupil."""


def refusals_of(group: DataGroup, content: Content, *, written: bytes | None = None) -> list[Refusal]:
    """What is wrong with a block; nothing when it may land. An item is named once.

    ``written`` are its canonical bytes, for whoever has them already.
    """
    if _LOST in (canonical_bytes(content) if written is None else written):
        return _lost_in(group, content)
    coded = _coded_items(group)
    if not coded:
        return []
    rows = content if isinstance(content, list) else [content]
    for row in rows:
        if not _has_known_codes(coded, row):
            return list({each.item: each for row in rows for each in _wrong_in(coded, row)}.values())
    return []


def has_birth_out_of_time(content: Content, today: date) -> bool:
    """Whether basic details bring a birth after ``today``, or before 1900."""
    born = content.get("date_of_birth") if isinstance(content, dict) else None
    return born is not None and not FIRST_BIRTH <= str(born) <= today.isoformat()


def has_wrong_upn(content: Content) -> bool:
    """Whether an identifiers block brings a UPN that fails its check."""
    if not isinstance(content, dict):
        return False
    upn = content.get("upn")
    return upn is not None and not as_key(str(upn))


def _lost_in(group: DataGroup, content: Content) -> list[Refusal]:
    rows = content if isinstance(content, list) else [content]
    return [
        Refusal(
            item=item.name,
            code=LOST_CHARACTER,
            sentence=f"{group.label}: {item.label} holds a character that was lost on the way.",
            remedy="Ask the school to type the value anew, or the maker of the message to send it in UTF-8.",
        )
        for item in group.items
        if any(LOST in str(row.get(item.name, "")) for row in rows)
    ]


_LOST = LOST.encode()
_CodedItem = tuple[str, frozenset[Value], Refusal]


def _has_known_codes(coded: tuple[_CodedItem, ...], row: Row) -> bool:
    """Whether nothing is wrong; asked of every row that lands, and nearly always answered yes."""
    for name, known, _ in coded:
        value = row.get(name)
        if value is not None and value not in known:
            return False
    return True


def _wrong_in(coded: tuple[_CodedItem, ...], row: Row) -> Iterator[Refusal]:
    for name, known, refusal in coded:
        value = row.get(name)
        if value is not None and str(value) not in known:
            yield refusal


@cache
def _coded_items(group: DataGroup) -> tuple[_CodedItem, ...]:
    return tuple(
        (
            item.name,
            frozenset(each.code for each in code_set(item.code_set).entries),
            Refusal(
                item=item.name,
                code=UNKNOWN_CODE,
                sentence=f"{group.label}: the code of {item.label} is not in the code set {item.code_set}.",
                remedy="Correct the code at the school, or map it to a known one.",
            ),
        )
        for item in group.items
        if item.type is ItemType.CODE
    )
