"""What a run at work shows: how far it has read. Nothing is decided by it."""

from __future__ import annotations

from typing import Any

import msgspec

from schoolgate.lib.convert import converter


class ReadSoFar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Pages, pupils and calls of a run so far; ``domain`` is what the source calls what is read now."""

    pages: int = 0
    pages_expected: int | None = None
    pupils: int = 0
    calls: int = 0
    domain: str = ""


_read_so_far = converter(ReadSoFar)


def read_so_far(kept: Any) -> ReadSoFar:
    """What a run's row says of it."""
    return _read_so_far(kept)
