"""Ids of a source: a GUID has one written form, whatever a domain or a supplier writes."""

from __future__ import annotations

import re

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")


def written_id(text: str) -> str:
    """The id without spaces around it; a GUID in small letters and without braces, any other as it is."""
    text = text.strip()
    found = _GUID.fullmatch(text)
    return text if found is None else found[1].lower()
