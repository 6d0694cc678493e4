"""Ids of a source: a GUID has one written form, whatever a domain or a supplier writes."""

from __future__ import annotations

import re

from schoolgate_message.layout import LONGEST_ROW_ID
from schoolgate_message.values import LOST, UNCARRIED

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")


def written_id(text: str) -> str:
    """The id without spaces around it; a GUID in small letters and without braces, any other as it is."""
    text = text.strip()
    found = _GUID.fullmatch(text)
    return text if found is None else found[1].lower()


def usable_id(text: str) -> str:
    """The id as it is written; nothing for one that cannot name anybody in a message.

    That is one beyond 60 characters, and one with a character that a message cannot carry or that was lost
    on the way: what is left of it might be another's.
    """
    found = written_id(text)
    is_usable = len(found) <= LONGEST_ROW_ID and LOST not in found and not UNCARRIED.search(found)
    return found if is_usable else ""
