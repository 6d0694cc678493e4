"""What an officer may say about a field otherwise than the shipped mapping does, as plain records."""

from __future__ import annotations

import msgspec


class FieldOverride(msgspec.Struct, frozen=True, kw_only=True):
    """Where one data item really comes from. An empty ``field`` without a constant leaves the item out."""

    domain: str
    group: str
    item: str
    field: str = ""
    words: str = ""
    position: int = 0
    constant: str = ""
