"""Which of a pupil's rows speaks where one is kept: a current one before an ended one, the main, the newest.

No public page says by which fields a row tells that, so their names are settings. Where the rows tell nothing
of it, the choice follows from what they say: never from the order in which they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from schoolgate.connectors.sims_primary.settings import SourceSettings

_NEVER = ("0001-", "9999-")
"""How an end begins that is none."""
_YES = frozenset({"true", "yes", "y", "1"})
_encode = msgspec.json.Encoder(order="sorted").encode


def in_order(rows: Sequence[Mapping[str, Any]], settings: SourceSettings) -> list[Mapping[str, Any]]:
    """The rows, the one that speaks first."""
    found = list(rows)
    if len(found) > 1:
        # The last of these orders weighs most.
        found.sort(key=lambda row: _encode({**row, "ExternalID": None}))
        found.sort(key=lambda row: _said(row, settings.beginning_names), reverse=True)
        found.sort(key=lambda row: not _is_main(row, settings))
        found.sort(key=lambda row: _end(row, settings), reverse=True)
        found.sort(key=lambda row: _end(row, settings) != "")
    return found


def _end(row: Mapping[str, Any], settings: SourceSettings) -> str:
    end = _said(row, settings.end_names)
    return "" if end.startswith(_NEVER) else end


def _is_main(row: Mapping[str, Any], settings: SourceSettings) -> bool:
    return any(str(row.get(name)).lower() in _YES for name in settings.main_names.split())


def _said(row: Mapping[str, Any], names: str) -> str:
    return next((str(row[name]) for name in names.split() if row.get(name)), "")
