"""On what occasion links are written, and what the audit keeps of a link."""

from __future__ import annotations

from datetime import datetime

import msgspec

from schoolgate.audit.actions import LINK, Change


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """Which source of which base said so, in which run, file and task, and when.

    ``read_at`` is when the source was read for it, ``None`` where a person says so.
    """

    base_id: int
    source: str
    now: datetime
    read_at: datetime | None = None
    run_id: int | None = None
    file_id: int | None = None
    task_id: int | None = None


class LinkState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A link as the audit tells it, before or after: ids and our own words, nothing a child is known by."""

    external_id: str
    source: str
    rule: str = ""
    roll_state: str = ""
    ended_why: str = ""


_encode = msgspec.json.Encoder(order="sorted").encode


def change_of_link(
    pupil_id: int,
    kind: str,
    *,
    reason: str,
    before: LinkState | None,
    after: LinkState | None,
    on: Occasion,
    by: int | None = None,
) -> Change:
    """One row of the audit for one link."""
    return Change(
        at=on.now,
        pupil_id=pupil_id,
        group=LINK,
        kind=kind,
        reason=reason,
        before=None if before is None else _encode(before),
        after=None if after is None else _encode(after),
        base_id=on.base_id,
        run_id=on.run_id,
        file_id=on.file_id,
        task_id=on.task_id,
        user_id=by,
    )
